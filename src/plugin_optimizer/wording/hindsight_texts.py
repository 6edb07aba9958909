"""What a replay of history says: why there is no estimate, and the words around its table."""

from collections.abc import Mapping

from .text import Text

HINDSIGHT: Mapping[str, Text] = {
    # Why there is no estimate
    "replay_advice": Text("바꿀 설정이 없는 조언이므로 효과를 계산하지 않습니다", "Advice without a change: there is nothing to compute"),
    "replay_no_model": Text("이 설정의 효과를 지난 요청으로 계산하는 모델이 없습니다", "No model computes this setting from recorded requests"),
    "replay_not_recorded": Text("그때의 요청이 기록되어 있지 않습니다", "Requests of that time were not recorded"),
    "replay_settings_unknown": Text("그때 플러그인이 어떻게 설정되어 있었는지 기록되어 있지 않습니다", "How the plugin was set then was not recorded"),
    "replay_other_workers": Text("그때는 이미 워커 {workers}개가 돌고 있었습니다(제안의 기준은 {before}개)", "{workers} workers ran by then, where the suggestion starts from {before}"),
    "replay_few_requests": Text("그때의 요청이 {requests}건뿐입니다(최소 {needed_requests}건)", "Only {requests} requests then, {needed_requests} are needed"),
    # Around the table
    "replay_heading": Text("{since_at_seconds}부터 {until_at_seconds}까지 {every_seconds} 간격으로 {looks}번 살펴보았습니다({duration_seconds} 소요)", "{looks} looks from {since_at_seconds} to {until_at_seconds}, every {every_seconds} (took {duration_seconds})"),
    "replay_totals": Text("제안 {suggestions}건, 그중 자동으로 실행했을 변경 {executed}건(유지 {kept}건, 되돌림 {undone}건)", "Suggestions: {suggestions}. Changes that would have been made automatically: {executed} (kept {kept}, undone {undone})"),
    "replay_saved": Text("실행했을 변경의 효과: 목표 초과 시간 {minutes}분 감소, 워커 시간 {worker_hours}", "Together they would have avoided {minutes} minutes over the SLO, for {worker_hours} worker-hours"),
    "replay_saved_unknown": Text("실행했을 변경의 효과는 계산하지 못했습니다. 워커 시간 {worker_hours}", "What they would have avoided could not be estimated; {worker_hours} worker-hours"),
    "replay_nothing_done": Text("이 정책에서는 자동으로 실행했을 변경이 없습니다", "Under this policy nothing would have been done automatically"),
    "replay_by_minutes": Text("살펴본 시점의 {seen_share}는 분 단위 평균만 남아 있었습니다. 짧은 과부하는 보이지 않을 수 있습니다", "{seen_share} of the looks saw means of a minute only, as finer samples are gone: short overloads may be missed"),
    "replay_unrecorded": Text("살펴본 시점의 {seen_share}에만 요청 기록이 있었습니다. 나머지 시점에는 워커 수를 제안할 수 없습니다", "Requests were on record at {seen_share} of the looks only; where they are not, no number of workers is suggested"),
    "replay_fault": Text("{part} 구성 요소가 실패하여 일부를 건너뛰었습니다: {error}", "{part} failed and was left out in part: {error}"),
    "replay_no_suggestions": Text("이 기간에는 제안이 없었을 것입니다", "Nothing would have been suggested in this time"),
    "replay_quiet": Text("{plugin_id}: {looked}번 중 {looks}번, {reason}", "{plugin_id}: {looks} of {looked} looks, {reason}"),
    "replay_quiet_heading": Text("제안이 없는 플러그인과 가장 잦은 이유", "Plugins without a suggestion, and the most frequent reason"),
    "replay_unusual_heading": Text("평소와 다르다고 알렸을 것(알리는 기준의 배수)", "What would have been called unusual (times the bar)"),
    "replay_others_heading": Text("실제로 실행되었지만 이 재현에서는 제안되지 않은 변경", "Really executed, but not suggested by this replay"),
    "replay_real": Text("{knob} {from} → {to}: {state}[[, 효과 ×{effect}]][[ ({low} ~ {high})]]", "{knob} {from} → {to}: {state}[[, effect ×{effect}]][[ ({low} to {high})]]"),
    "replay_held": Text("{plugin_id}: 실행하지 않은 이유 – {reason} ({looks}번)", "{plugin_id}: not executed – {reason} ({looks} looks)"),
    "replay_risk_low": Text("낮음", "low"),
    "replay_risk_medium": Text("중간", "medium"),
    "replay_risk_high": Text("높음", "high"),
    "replay_left_to_person": Text("{plugin_id}: 자동으로 실행하지 않고 사람에게 맡겼을 제안 – 위험 {risk}, 신뢰도 {confidence_ratio}", "{plugin_id}: left to a person – risk {risk}, confidence {confidence_ratio}"),
    "replay_not_estimated": Text("{plugin_id}: 추정 없음 – {reason}", "{plugin_id}: not estimated – {reason}"),
    # What became of a change
    "replay_kept": Text("{at_seconds} 실행, 유지했을 변경", "at {at_seconds}, kept"),
    "replay_undone": Text("{at_seconds} 실행, 되돌렸을 변경", "at {at_seconds}, undone"),
    "replay_assumed": Text("{at_seconds} 실행, 유지로 가정", "at {at_seconds}, taken as kept"),
    "replay_unjudged": Text("{at_seconds} 실행, 아직 검증 전", "at {at_seconds}, not judged by the end"),
    "replay_repeated": Text("{words}[[, 이후 {times}번 더]]", "{words}[[, {times} more times]]"),
    # Columns
    "replay_column_plugin": Text("플러그인", "plugin"),
    "replay_column_suggestion": Text("제안", "suggestion"),
    "replay_column_when": Text("기간 (UTC)", "from – to (UTC)"),
    "replay_column_done": Text("자동 실행", "would be done"),
    "replay_column_p95": Text("p95 기록 → 재현 (80 % 구간)", "p95 as it was → replayed (80 %)"),
    "replay_column_mean": Text("평균 기록 → 재현 (80 % 구간)", "mean as it was → replayed (80 %)"),
    "replay_column_minutes": Text("목표 초과 감소(분)", "SLO minutes avoided"),
    "replay_column_hours": Text("워커 시간", "worker-hours"),
    "replay_column_memory": Text("메모리", "memory"),
    "replay_column_real": Text("실제", "really"),
}  # fmt: skip
