"""What is said of policies: why a field does not fit, what the fields do, and how they are grouped."""

from collections.abc import Mapping

from .text import Text

POLICY: Mapping[str, Text] = {
    # Why a field does not fit
    "policy_range": Text("{given:은} 쓸 수 없습니다. {least} 이상 {most} 이하로 적으세요", "{given} will not do; expected {least} to {most}"),
    "policy_above": Text("{given:은} 쓸 수 없습니다. {least}보다 크고 {most} 이하로 적으세요", "{given} will not do; expected more than {least} and at most {most}"),
    "policy_above_max_workers": Text("{given:은} 최대 워커 수 {most:을} 넘습니다", "{given} is more than the most workers, {most}"),
    "policy_many_entries": Text("{given}개는 너무 많습니다. 최대 {most}개입니다", "{given} entries are too many; at most {most}"),
    "policy_no_window": Text("시간대로 읽을 수 없습니다: {given}. 예: Mon-Fri 22:00-06:00 Asia/Seoul", "'{given}' is no window; for example Mon-Fri 22:00-06:00 Asia/Seoul"),
    "policy_no_freeze": Text("기간으로 읽을 수 없습니다: {given}. 예: 2026-12-20T00:00/2027-01-02T00:00 Asia/Seoul", "'{given}' is no freeze; for example 2026-12-20T00:00/2027-01-02T00:00 Europe/Berlin"),
    "policy_no_maintenance": Text("점검 시간으로 읽을 수 없습니다: {given}. 예: Sun 02:00-04:00 Asia/Seoul 또는 2026-12-05T22:00/2026-12-06T02:00 Asia/Seoul", "'{given}' is no maintenance; for example Sun 02:00-04:00 Asia/Seoul, or 2026-12-05T22:00/2026-12-06T02:00 Asia/Seoul"),
    "policy_no_holiday": Text("날짜로 읽을 수 없습니다: {given}. 예: 2026-12-25 Asia/Seoul 또는 2026-12-24/2026-12-26 Asia/Seoul", "'{given}' is no day; for example 2026-12-25 Asia/Seoul, or 2026-12-24/2026-12-26 Asia/Seoul"),
    "policy_no_route": Text("알림 채널로 읽을 수 없습니다: {given}. 예: ops 또는 mail critical", "'{given}' names no channel; for example ops, or mail critical"),
    "policy_no_channel": Text("알림 채널 {given:은} 설정에 없습니다. 설정된 채널: {known}", "there is no channel {given}; configured are: {known}"),
    # What a change would mean right now
    "consequences_changed": Text("플러그인 {count}개의 정책이 바뀝니다", "{count} plugins would get another policy"),
    "consequences_kept": Text("{count}개는 더 가까운 값(플러그인 또는 우선하는 그룹)을 그대로 씁니다: {names}", "{count} keep a value that is nearer to them (their own, or a group's that wins): {names}"),
    "consequences_joining": Text("{count}개가 그룹에 들어옵니다: {names}", "{count} would join the group: {names}"),
    "consequences_leaving": Text("{count}개가 그룹에서 나갑니다: {names}", "{count} would leave the group: {names}"),
    # What a preview says of itself
    "preview_short_history": Text("요청한 {asked_seconds} 중 {history_seconds}의 기록만 있습니다({since_at_seconds}부터)", "Only {history_seconds} of the {asked_seconds} asked for are on record (since {since_at_seconds})"),
    "preview_looks": Text("{every_seconds} 간격으로 {looks}번 살펴보았습니다. 그보다 짧은 과부하는 보이지 않을 수 있습니다", "{looks} looks, one every {every_seconds}: shorter overloads may be missed"),
    "preview_one_plugin": Text("{plugin_id}만 다시 생각해 보았습니다. 다른 플러그인의 자동 변경이 함께 쓰는 예산은 계산하지 않았습니다", "Only {plugin_id} was thought over: budgets shared with automatic changes of others were not counted"),
    "preview_column_figure": Text("항목", "figure"),
    "preview_column_present": Text("지금 정책", "present policy"),
    "preview_column_proposed": Text("바꾼 정책", "changed policy"),
    "preview_suggestions": Text("제안", "suggestions"),
    "preview_executed": Text("자동으로 실행했을 변경", "changes executed automatically"),
    "preview_kept": Text("그중 유지", "of these kept"),
    "preview_undone": Text("그중 되돌림", "of these undone"),
    "preview_minutes": Text("줄었을 목표 초과 시간(분)", "minutes over the objective avoided"),
    "preview_worker_hours": Text("더 쓰는 워커 시간", "worker-hours added"),
    "preview_memory": Text("끝난 뒤 더 쓰는 메모리", "memory added in the end"),
    "preview_added": Text("새로 제안", "new"),
    "preview_removed": Text("제안하지 않음", "gone"),
    "preview_now_executed": Text("자동 실행", "executed"),
    "preview_not_executed": Text("실행하지 않음", "not executed"),
    "preview_ended_otherwise": Text("결과가 다름", "ends otherwise"),
    "preview_same": Text("두 정책의 결과가 같았을 것입니다", "Both policies would have done the same"),
    "preview_no_history": Text("이 기간에는 기록된 데이터가 없어 계산할 수 없습니다", "Nothing is on record for this time"),
    "preview_nobody": Text("이 변경으로 정책이 달라지는 플러그인이 없습니다", "No plugin's policy would be another one"),
    "preview_too_long": Text("{limit_seconds} 안에 계산을 마치지 못해 중단했습니다", "It was stopped after {limit_seconds}, its limit"),
    "preview_first_only": Text("{limit_seconds} 안에 자세한 계산을 마치지 못했습니다. 드문드문 살펴본 첫 결과를 보여 드립니다", "There was no time for all looks within {limit_seconds}: this is the first answer, by few of them"),
    "preview_too_large": Text("메모리 한도 {limit_bytes:을} 넘어 중단했습니다", "It was stopped at its limit of memory, {limit_bytes}"),
    "preview_cancelled": Text("취소했습니다", "It was cancelled"),
    "preview_died": Text("계산하던 프로세스가 끝나 버렸습니다(서버를 다시 시작했거나 메모리가 부족했을 수 있습니다)", "The process that computed it is gone (the server was restarted, or memory ran out)"),
    "preview_failed": Text("계산하지 못했습니다: {error}", "It could not be computed: {error}"),
}  # fmt: skip

GROUPS: Mapping[str, Text] = {
    "autonomy": Text("엔진이 하는 일의 범위", "What the engine may do"),
    "objectives": Text("목표와 임계치", "Objectives and thresholds"),
    "limits": Text("바꿀 수 있는 범위", "Limits of what is changed"),
    "proof": Text("변경의 검증", "How a change is proven"),
    "calendar": Text("언제 바꿀 수 있는가", "When changes may be made"),
    "people": Text("누구에게 알리는가", "Who is told"),
}

MODES_HELP: Mapping[str, Text] = {
    "observe": Text("측정하고 문제를 찾지만 제안하지 않습니다", "Measures and finds; suggests nothing"),
    "advise": Text("제안만 하고 실행하지 않습니다", "Suggests; nothing can be executed"),
    "dry_run": Text("승인하면 모든 점검을 거치고 실제 변경 직전에 멈춥니다", "An approval goes through every check and stops before the effect"),
    "approve": Text("사람이 [실행]을 누르면 실행합니다", "A person's click executes"),
    "automatic": Text("위험이 낮고 되돌릴 수 있는 제안은 스스로 실행합니다", "Executes suggestions of low risk that can be taken back by itself"),
}  # fmt: skip

FIELDS_HELP: Mapping[str, Text] = {
    "mode": Text("자동 모드에서도 안전 규칙, 시간대, 예산은 그대로 지켜집니다", "Rails, windows and budgets hold in automatic mode as well"),
    "restarts_per_day": Text("메모리가 새거나 상태 검사에 실패하는 서비스와 컨테이너의 재시작입니다. 사람이 승인해야 하고, 자동 모드는 재시작하지 않습니다", "Of units and containers that leak or fail their health check; a person approves each, automatic mode restarts nothing"),
    "experiments_per_day": Text("어떤 모델로도 효과를 계산할 수 없는 설정은 짧게 시험해 봅니다. 0이면 시험하지 않습니다", "Settings whose effect no model can compute are tried for a short time; 0 allows none"),
    "response_time_seconds": Text("요청 100개 중 95개가 이 시간 안에 끝나야 합니다", "95 of 100 requests must be answered within this time"),
    "error_ratio": Text("상태 500 이상인 응답의 비율이 이보다 커지면 문제로 봅니다", "A larger share of responses with status 500 and above is a finding"),
    "cpu_ratio": Text("플러그인이 쓸 수 있는 CPU 중 이보다 많이 쓰면 문제로 봅니다", "More than this share of the CPU it may use is a finding"),
    "memory_ratio": Text("메모리 한도 중 이보다 많이 쓰면 문제로 봅니다", "More than this share of its memory limit is a finding"),
    "sustain_seconds": Text("짧은 순간의 초과는 문제로 보지 않습니다. 짧을수록 빨리, 그러나 더 자주 알립니다", "Shorter excesses are no finding; a shorter time tells earlier, and more often"),
    "anomaly_bar": Text("평소와 다른 점이 문제가 아니었다면 올리세요. 2면 두 배로 특이해야 알립니다", "Raise it where what was unusual was no problem: at 2 it has to be twice as unusual to be told"),
    "clear_ratio": Text("임계치의 이 비율 아래로 내려가야 끝난 것으로 봅니다", "A finding is over once the value is below this share of the threshold"),
    "stale_seconds": Text("이보다 오래된 데이터로는 제안하지 않습니다", "Nothing is suggested from older data"),
    "min_workers": Text("엔진은 워커를 이보다 적게 두지 않습니다", "The engine never sets fewer workers"),
    "max_workers": Text("엔진은 워커를 이보다 많이 두지 않습니다", "The engine never sets more workers"),
    "shrink_floor": Text("한 요청이 막혀도 플러그인이 멈추지 않도록 남겨 두는 워커 수입니다", "So many are kept so that one stuck request does not stop the plugin"),
    "memory_limit_bytes": Text("비우면 cgroup의 한도, 없으면 호스트의 메모리를 씁니다", "Empty: the limit of its cgroup, or the memory of the host"),
    "max_connections": Text("모든 워커가 함께 쓰는 데이터베이스 연결의 한도입니다. 비우면 제한 없음", "Of the database, for all workers together. Empty: no bound is known"),
    "connections_per_worker": Text("비우면 연결 풀 설정에서 읽습니다", "Empty: read from the settings of its connection pool"),
    "settle_seconds": Text("변경 직후의 불안정한 시간은 이만큼까지 판정에서 뺍니다", "At most that long after a change nothing is judged"),
    "verify_seconds": Text("이때까지 증명되지 않은 변경은 되돌립니다", "A change that is not proven by then is undone"),
    "switchback_seconds": Text("판정이 어려우면 두 값을 번갈아 비교합니다. 0이면 하지 않습니다", "Where the judge cannot tell, both values take turns for no longer than this; 0: never"),
    "cooldown_seconds": Text("변경 뒤 이 시간 동안은 새로 제안하지 않습니다", "Nothing new is suggested for that long after a change"),
    "windows": Text("한 줄에 하나씩. 예: Mon-Fri 22:00-06:00 Asia/Seoul", "One a line, for example Mon-Fri 22:00-06:00 Asia/Seoul"),
    "freezes": Text("한 줄에 하나씩. 예: 2026-12-20T00:00/2027-01-02T00:00 Asia/Seoul", "One a line, for example 2026-12-20T00:00/2027-01-02T00:00 Europe/Berlin"),
    "maintenance": Text("이 시간에는 평소 모습을 배우지 않고 자동으로 바꾸지 않으며, 알림은 끝난 뒤에 보냅니다. 한 줄에 하나씩. 예: Sun 02:00-04:00 Asia/Seoul 또는 2026-12-05T22:00/2026-12-06T02:00 Asia/Seoul", "Then nothing is learnt and nothing changed automatically; what is to be told is told after it. One a line, for example Sun 02:00-04:00 Asia/Seoul, or 2026-12-05T22:00/2026-12-06T02:00 Asia/Seoul"),
    "holidays": Text("평소와 다른 날입니다. 배우지 않고, 예측에 쓰지 않고, 자동으로 바꾸지 않습니다. 한 줄에 하나씩. 예: 2026-12-25 Asia/Seoul 또는 2026-12-24/2026-12-26 Asia/Seoul", "Days unlike others: not learnt from, not forecast by, and nothing is changed automatically. One a line, for example 2026-12-25 Asia/Seoul, or 2026-12-24/2026-12-26 Asia/Seoul"),
    "notify": Text("한 줄에 하나씩, 설정 파일에 있는 채널의 이름과 최소 심각도(info, warning, critical). 예: ops 또는 mail critical", "One a line: a channel of the configuration file, and from which severity on (info, warning, critical), for example ops, or mail critical"),
}  # fmt: skip


def policy_group_name(group: str, lang: str) -> str:
    return _said(GROUPS[group], lang)


def policy_field_help(name: str, lang: str) -> str:
    """Return what a field does, in a sentence."""
    return _said(FIELDS_HELP[name], lang)


def mode_help(mode: str, lang: str) -> str:
    return _said(MODES_HELP[mode], lang)


def _said(text: Text, lang: str) -> str:
    return text.en if lang == "en" else text.ko
