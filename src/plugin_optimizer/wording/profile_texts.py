"""Where the CPU of a process goes, or its memory: what asking costs, and why a process told nothing."""

from collections.abc import Mapping

from .text import Text

PROFILES: Mapping[str, Text] = {
    "profile_cost_cpu": Text("재는 동안 프로세스마다 코어의 {share_ratio} 이하를 씁니다", "Takes at most {share_ratio} of a core in each process meanwhile"),
    "profile_cost_memory": Text("프로세스 하나에서만 잽니다. 그동안 그 프로세스의 요청은 CPU를 약 {times}배 쓰고, 추적 기록이 메모리를 {limit_bytes}까지 더 차지하며, 끝날 때 잠시 멈춥니다. 다른 프로세스와 그 뒤에는 영향이 없습니다", "Done in one process only. Its requests take about {times} times the CPU meanwhile, the records of it up to {limit_bytes} of memory, and it pauses for a moment at the end. No other process is touched, and nothing remains afterwards"),
    "profile_shared_threads": Text("gevent나 eventlet에서는 여러 요청이 스레드 하나를 나눠 쓰므로, 스레드를 보고 CPU를 나누면 틀립니다. 그래서 재지 않았습니다", "Under gevent or eventlet many requests share a thread: what its stack says would be wrong, so nothing was measured"),
    "profile_already_tracing": Text("다른 도구가 이미 tracemalloc을 쓰고 있습니다. 끝내면 그 기록이 사라지므로 그대로 두었습니다", "Something else uses tracemalloc already; ending it would take its records away, so it was left alone"),
    "profile_no_thread": Text("스레드를 더 만들 수 없어 재지 못했습니다", "No further thread could be had, so nothing was measured"),
    "profile_too_much": Text("추적 기록이 한도({limit_bytes})에 닿아 일찍 끝냈습니다. 그때까지 잰 값입니다", "The records reached their limit ({limit_bytes}), so it ended early; the figures are those up to then"),
    "profile_none": Text("아직 아무것도 재지 않았습니다", "Nothing has been measured yet"),
    "profile_no_standing": Text("늘 재는 프로세스가 없습니다. instrument(app, sampler=True)나 환경 변수 PLUGIN_OPTIMIZER_SAMPLER=1로 켜세요", "No process samples all the time; instrument(app, sampler=True) or PLUGIN_OPTIMIZER_SAMPLER=1 in its environment turns that on"),
}  # fmt: skip
