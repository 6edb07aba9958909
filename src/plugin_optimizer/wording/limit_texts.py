"""What is found, suggested and left alone of the limits that a unit or a container has."""

from collections.abc import Mapping

from .text import Text

LIMITS: Mapping[str, Text] = {
    # Findings
    "throttled_by_limit": Text("계산이 필요한 주기의 {share_ratio:이} CPU 한도에 걸려 멈춥니다[[(코어 {cores}개만큼)]]", "Its CPU limit stops it in {share_ratio} of the periods in which it has to compute[[ ({cores} cores stand still)]]"),
    "killed_for_memory": Text("메모리 한도 때문에 커널이 최근 {span_seconds} 동안 프로세스 {processes}개를 종료했습니다", "Within {span_seconds} the kernel killed {processes} of its processes, since the memory limit was reached"),
    # Titles
    "raise_cpu_limit": Text("CPU 한도를 {from_percent}에서 {to_percent:으로} 올리세요(100 %는 코어 하나)", "Raise the CPU limit from {from_percent} to {to_percent} (100 % is one core)"),
    "raise_memory_limit": Text("메모리 한도를 {from_bytes}에서 {to_bytes:으로} 올리세요", "Raise the memory limit from {from_bytes} to {to_bytes}"),
    "start_unit": Text("멈춘 서비스를 다시 시작하세요[[({since_at_seconds}부터)]]", "Start it again: it has stopped[[ ({since_at_seconds})]]"),
    "restart_leaking": Text("한 번 다시 시작하세요(메모리 누수: 지금 {memory_bytes}, 다시 시작한 뒤 약 {after_bytes})", "Restart it once (it leaks memory: {memory_bytes} now, about {after_bytes} after a fresh start)"),
    "restart_ill": Text("한 번 다시 시작하세요. 실행 중이지만 상태 검사에 응답하지 않습니다[[({since_at_seconds}부터)]]", "Restart it once: it runs, but fails its health check[[ (since {since_at_seconds})]]"),
    # Evidence
    "fresh_start_lasts": Text("다시 시작해도 누수는 남습니다. 지금 속도라면 약 {time_seconds} 뒤에 다시 한도에 이릅니다", "The leak stays: at this rate the limit is reached again about {time_seconds} after the restart"),
    "restart_is_final": Text("재시작은 처리 중인 작업을 끊고 되돌릴 수 없으므로 사람이 결정합니다", "A restart interrupts what is under way and cannot be taken back, so a person decides"),
    "cpu_would_use": Text("지금 코어 {used_cores}개를 쓰며, 한도가 없다면 많게는 {most_cores}개까지 쓸 수 있습니다", "It uses {used_cores} cores, and would use {most_cores} at most without the limit"),
    "limit_was_meant": Text("한도는 누군가 정해 둔 것이므로 사람이 결정합니다", "Somebody set this limit on purpose, so a person decides"),
    "memory_used": Text("메모리를 {limit_bytes} 중 {memory_bytes} 쓰고 있습니다", "It uses {memory_bytes} of {limit_bytes}"),
    # How it will be judged
    "judged_by_throttling": Text("CPU 한도에 걸리는 비율로 판정합니다", "Judged by the share of periods in which the limit stops it"),
    "judged_by_memory_room": Text("메모리 사용률로 판정합니다. 늘어난 만큼 다시 차면 되돌립니다", "Judged by the share of its memory limit; undone if the new room fills up as well"),
    "judged_by_fresh_level": Text("메모리 사용률이 내려가는지로 판정합니다. 다시 늘어나는 것은 새 조사 대상입니다", "Judged by whether the share of its memory limit falls; that it grows again is no part of that"),
    "judged_by_health": Text("상태 검사가 1분 동안 성공하는지로 판정합니다", "Judged by whether its health check succeeds for a minute"),
    "stays_well": Text("{span_seconds} 동안 상태 검사가 성공했습니다", "Its health check succeeded for {span_seconds}"),
    "falls_ill_again": Text("상태 검사가 다시 실패합니다(성공 비율 {share_ratio})", "Its health check fails again (it succeeded {share_ratio} of the time)"),
    "stays_up": Text("{span_seconds} 동안 멈추지 않고 실행되었습니다", "It stayed up for {span_seconds}"),
    "comes_and_goes": Text("계속 멈추었다가 다시 시작됩니다(실행 중이던 비율 {share_ratio})", "It comes and goes (up {share_ratio} of the time)"),
    "judged_by_presence": Text("멈추지 않고 계속 실행되는지로 판정합니다", "Judged by whether it stays up"),
    # Why nothing is suggested
    "limits_suffice": Text("CPU와 메모리 한도에 여유가 있습니다", "Its limits of CPU and memory suffice"),
    "limit_at_host": Text("CPU 한도는 {before} %이고 이 호스트에서는 {most_percent}까지 줄 수 있습니다", "Its CPU limit is {before} %, and this host can give {most_percent}"),
    "memory_limit_at_host": Text("메모리 한도는 {limit_bytes}이고 이 호스트에서는 {most_bytes}까지 줄 수 있습니다", "Its memory limit is {limit_bytes}, and this host can give {most_bytes}"),
    "limit_is_far": Text("메모리가 늘고 있지만 한도는 아직 멉니다", "Memory grows, and its limit is far"),
    "restart_no_cure": Text("{lasting_seconds} 만에 다시 문제가 되므로 재시작으로는 해결되지 않습니다({least_seconds} 이상이어야 제안합니다)", "A restart is no cure for what falls ill within {lasting_seconds} (suggested from {least_seconds} on)"),
    "leak_comes_first": Text("메모리가 새고 있습니다. 한도를 올려도 다시 찹니다", "Its memory leaks: a larger limit would fill up as well"),
}  # fmt: skip
