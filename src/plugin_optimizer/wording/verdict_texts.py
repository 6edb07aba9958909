"""What the judge and the guards say of a change."""

from collections.abc import Mapping

from .text import Text

VERDICTS: Mapping[str, Text] = {
    "verdict_better": Text("나아졌습니다: {metric} {before} → {after}", "Better: {metric} {before} → {after}"),
    "verdict_same": Text("차이가 없습니다: {metric} {before} → {after}", "No difference: {metric} {before} → {after}"),
    "verdict_worse": Text("나빠졌습니다: {metric} {before} → {after}", "Worse: {metric} {before} → {after}"),
    "verdict_inconclusive": Text("아직 판단할 수 없습니다: {metric} {before} → {after}", "Not clear yet: {metric} {before} → {after}"),
    # The guards
    "guard_down": Text("변경 뒤에 플러그인이 멈추었습니다", "The plugin went down after the change"),
    "guard_no_data": Text("{silent_seconds} 동안 아무것도 측정되지 않았습니다", "Nothing was measured for {silent_seconds}"),
    "guard_no_requests": Text("{silent_seconds} 동안 처리된 요청이 없습니다(예상 {expected_requests}건)", "No request was served for {silent_seconds} ({expected_requests} expected)"),
    "guard_errors": Text("에러율이 {before_ratio}에서 {after_ratio:으로} 올랐습니다(요청 {requests}건)", "Errors rose from {before_ratio} to {after_ratio} ({requests} requests)"),
    "guard_restarts": Text("변경 뒤에 {restarts}번 재시작되었습니다", "Restarted {restarts} times after the change"),
    "guard_memory": Text("메모리가 한도의 {memory_ratio}에 이르렀습니다(허용 {limit_ratio})", "Memory reached {memory_ratio} of its limit ({limit_ratio} allowed)"),
    "guard_slow": Text("목표 {slo_seconds:을} 넘는 요청이 {before_ratio}에서 {after_ratio:으로} 늘었습니다", "Requests beyond {slo_seconds} rose from {before_ratio} to {after_ratio}"),
    "guard_queue": Text("작업의 대기 시간이 길게는 {before_seconds}였는데 {after_seconds:으로} 늘었습니다", "Tasks waited up to {before_seconds} before and wait {after_seconds} now"),
    # The judge
    "self_check": Text("모델은 변경 전 관측을 오차 {error_ratio} 안에서 재현합니다(구간 {windows}개)", "The model reproduces what was before within {error_ratio} ({windows} windows)"),
    "self_check_failed": Text("모델이 변경 전 관측과 맞지 않아({error_ratio}) 측정값만으로 판정했습니다", "The model did not fit what was before ({error_ratio}); judged by the figures alone"),
    "need_more_windows": Text("판정하려면 더 지켜보아야 합니다[[(구간 {windows}개]][[, 요청 {requests}건)]]", "More time is needed[[ ({windows} windows]][[, {requests} requests)]]"),
    "not_clear_yet": Text("차이가 {band_ratio} 안쪽인지 아직 분명하지 않습니다", "Not yet clear whether the difference is within {band_ratio}"),
    "missing_windows": Text("측정값의 {missing_ratio:이} 빠져 있습니다", "{missing_ratio} of the measurements are missing"),
    "saving_watched": Text("아끼는 변경은 서두를 것이 없어, 판정 시간 한도의 거의 절반을 지켜본 뒤 유지합니다", "A saving is in no hurry: it is kept once it was watched for almost half the longest time for a verdict"),
    "leans_better": Text("나아지는 쪽으로 기울어 있습니다", "It leans to better"),
    "noninferior": Text("{band_ratio} 이상 나빠지지 않은 것은 분명합니다", "It is clearly not worse by more than {band_ratio}"),
    "was_growing": Text("변경 전에는 {growth_bytes_per_second}씩 늘고 있었고, 그대로였다면 지금은 {would_be_bytes}입니다", "It grew by {growth_bytes_per_second} before; without the change it would be {would_be_bytes} by now"),
    "queue_effect": Text("대기와 처리 시간은 변경이 없었을 때의 {effect_ratio}입니다", "Time is {effect_ratio} of what it would have been"),
    "service_effect": Text("요청 처리 자체가 {effect_ratio:으로} 바뀌었습니다[[({low_ratio}~{high_ratio})]]", "Serving a request takes {effect_ratio} of before[[ ({low_ratio} to {high_ratio})]]"),
    "added_serves_nothing": Text("늘어난 워커가 실제로 처리한 요청이 거의 없습니다. 빨라졌더라도 그 덕분이 아닙니다", "What was added has served next to nothing: if anything became faster, that is not why"),
    "slower_in_company": Text("예전 워커 수보다 많은 요청이 함께 처리될 때 요청 하나가 {effect_ratio} 걸립니다. 안에서 서로 기다린 시간은 예전에는 밖에서 기다렸을 것이므로 개선으로 치지 않습니다", "With more inside than the old workers took, a request takes {effect_ratio}: that wait for each other is not counted as a benefit"),
    "retries_ceased": Text("전에는 요청의 {share_ratio:이} {after_seconds} 만에 다시 온 재시도였고, 바꾼 뒤에는 그쳤습니다. 부하가 줄어든 것은 그 때문입니다", "Before, {share_ratio} of the requests were retries after {after_seconds}; with the change they ceased, which is why the load is lower"),
    "service_uncertain": Text("요청 처리 시간도 바뀐 듯합니다({low_ratio}~{high_ratio})", "Serving a request may have changed, too ({low_ratio} to {high_ratio})"),
    "service_not_clear": Text("요청 처리 시간도 바뀌었는지는 아직 분명하지 않습니다", "It is not clear yet whether serving a request changed, too"),
    "environment_changed": Text("다른 플러그인 {controls}개도 함께 움직여 변경의 효과로 볼 수 없습니다", "{controls} other plugins moved as well, so the change is neither to credit nor to blame"),
    "environment_adjusted": Text("다른 플러그인 {controls}개도 함께 움직여[[({effect_ratio})]] 그만큼을 빼고 판정했습니다", "{controls} other plugins moved as well[[ (to {effect_ratio})]]; judged beside that"),
    "environment_disagrees": Text("다른 플러그인 {controls}개도 움직였으나 서로 크게 달라 기준으로 삼지 않았습니다", "{controls} other plugins moved as well, too differently to be a measure"),
    "beyond_slo_after": Text("변경 뒤 95% 응답 시간 {p95_seconds:이} 목표 {slo_seconds:을} 넘습니다", "Since the change p95 {p95_seconds} lies beyond the objective of {slo_seconds}"),
    "within_slo_after": Text("조금 느려졌을 수 있으나 95% 응답 시간 {p95_seconds:은} 목표 {slo_seconds} 안에 넉넉히 있습니다", "It may be a little slower, but p95 {p95_seconds} stays well within the objective of {slo_seconds}"),
    "load_changed": Text("부하가 전의 {effect_ratio:으로} 달라졌습니다", "The load is {effect_ratio} of what it was"),
    "still_warming": Text("아직 데워지는 중입니다({rise_ratio} 변화)", "Still warming up (moving by {rise_ratio})"),
    "errors_not_excluded": Text("에러가 {most_ratio} 넘게 늘지 않았다고 하기에는 아직 이릅니다(요청 {requests}건으로는 많게는 {more_ratio})", "Too early to say that errors did not rise by {most_ratio} (after {requests} requests, by up to {more_ratio})"),
    "never_all_busy": Text("변경 전에 모든 워커가 바쁜 때가 거의 없어, 바꾸지 않았을 때의 대기열을 계산할 수 없습니다", "Hardly ever were all workers busy before, so the queue they would have left cannot be computed"),
    "queue_without": Text("변경 전 워커는 {served_per_second} 처리했고, 그대로였다면 지금 작업 {tasks}건이 기다립니다", "The old workers served {served_per_second}; with them {tasks} tasks would wait now"),
    "no_before": Text("비교할 변경 전 측정값이 부족합니다(구간 {windows}개)", "Too little was measured before the change ({windows} windows)"),
}  # fmt: skip
