"""What is found in the measurements of a plugin."""

from collections.abc import Mapping

from .text import Text

ANALYSIS: Mapping[str, Text] = {
    # Findings, told by their figures
    "finding_threshold": Text("{metric:이} {value:으로} 임계치 {limit:을} 넘었습니다", "{metric} is {value}, beyond its threshold {limit}"),
    "finding_saturation": Text("{metric:이} {value:으로} 포화 상태입니다", "{metric} is {value}: saturated"),
    "finding_waste": Text("{metric:이} {value:으로} 필요 이상으로 여유가 있습니다(기준 {limit})", "{metric} is {value}: more than is needed (limit {limit})"),
    "finding_leak": Text("{metric:이} 부하와 상관없이 계속 늘어 {value}에 이르렀습니다", "{metric} keeps growing whatever the load, now {value}"),
    "finding_cache": Text("{metric:이} {value}입니다(가능한 값 {limit})", "{metric} is {value} (possible: {limit})"),
    "finding_error": Text("{metric:이} {value:으로} 올랐습니다(기준 {limit})", "{metric} rose to {value} (limit {limit})"),
    "finding_inactive": Text("플러그인이 실행되고 있지 않습니다", "The plugin is not running"),
    "finding_restarting": Text("플러그인이 반복해서 재시작됩니다", "The plugin keeps restarting"),
    "finding_level": Text("{metric:이} {value}인데, 지금까지 한 번도 없던 모습입니다", "{metric} is {value}: nothing like it was ever seen before"),
    "finding_deviation": Text("{metric:이} 갑자기 {value:으로} 벗어났습니다(예상 범위의 끝 {limit})", "{metric} is suddenly {value}, outside what was expected (to {limit})"),
    "finding_shift": Text("{metric}의 수준이 {value:으로} 바뀌어 그대로 이어지고 있습니다", "{metric} has moved to another level and stays there, now {value}"),
    "finding_variance": Text("{metric}의 흔들림이 전보다 커졌습니다(지금 {value})", "{metric} fluctuates more than it used to, now {value}"),
    "finding_burn": Text("{metric:이} 몇 시간 평균 {value:으로} 허용치 {limit:을} 너무 빨리 써 버리고 있습니다", "{metric} averages {value} over hours: the allowed {limit} is used up too fast"),
    "finding_breach": Text("{metric:이} {value}이고, 한도 {limit}에 곧 이릅니다", "{metric} is {value} and will reach its limit {limit}"),
    # What is not as it used to be
    "unusual_level": Text("값이나 평균, 또는 평소와의 차이가 지금까지의 범위를 벗어났습니다[[. {expected:이} 예상되었습니다(범위 {low}~{high})]]", "The value, its mean or its distance from what is usual is beyond everything seen so far[[; {expected} was expected ({low} to {high})]]"),
    "unusual_deviation": Text("이 시간대에는 {expected:이} 예상되었습니다(범위 {low}~{high})", "{expected} was expected at this hour ({low} to {high})"),
    "unusual_shift": Text("전에는 {expected} 수준이었습니다", "Before, it was about {expected}"),
    "unusual_variance": Text("전에는 {expected} 주위에서 덜 흔들렸습니다", "Before, it kept closer to {expected}"),
    "errors_burn": Text("허용된 에러를 {burn_rate}배 속도로 쓰고 있습니다(최근 {span_seconds}, 지금도 {recent_ratio})", "The allowed errors are used up {burn_rate} times too fast (over {span_seconds}, and still {recent_ratio})"),
    # Thresholds
    "above_threshold": Text("{lasting_seconds} 동안 임계치를 넘고 있습니다", "Beyond the threshold for {lasting_seconds}"),
    # Saturation and waste
    "requests_wait": Text("요청 시간의 {share_ratio:이} 워커를 기다리는 데 쓰입니다[[(평균 대기 {wait_seconds})]]", "{share_ratio} of the request time is spent waiting for a worker[[ ({wait_seconds} on average)]]"),
    "offered_load": Text("들어오는 일은 워커 {load_workers}개 분량이고[[, 지금 워커는 {workers}개입니다]]", "The load amounts to {load_workers} workers[[; there are {workers}]]"),
    "queue_grows": Text("{arrivals_per_second} 들어오는데 {served_per_second}만 처리되어 대기열이 늘고 있습니다", "{arrivals_per_second} arrive but only {served_per_second} are served: the queue grows"),
    "waits_for_cpu": Text("처리 시간의 {share_ratio:이} CPU 차례를 기다리는 데 쓰입니다(CPU 사용률 {utilisation_ratio})", "{share_ratio} of the service time waits for a core (CPU {utilisation_ratio} used)"),
    "tasks_wait": Text("[[작업 {tasks}건이 기다리고 있고, ]]새로 온 작업은 {wait_seconds} 기다립니다", "[[{tasks} tasks wait, and ]]a new one waits {wait_seconds}"),
    "workers_busy": Text("워커가 시간의 {busy_ratio} 동안 바쁩니다", "The workers are busy {busy_ratio} of the time"),
    "workers_idle": Text("가장 바쁠 때도 워커 {workers}개가 {busy_ratio}만 일합니다", "Even at their busiest the {workers} workers work only {busy_ratio} of the time"),
    # Memory
    "memory_grows": Text("메모리가 {lasting_seconds} 동안 {growth_bytes_per_second}씩 늘고 있습니다", "Memory has been growing by {growth_bytes_per_second} for {lasting_seconds}"),
    "memory_per_request": Text("요청 하나마다 메모리가 {growth_bytes}씩 늘어납니다", "Each request leaves {growth_bytes} of memory behind"),
    "memory_limit_reached": Text("이대로면 {time_seconds} 뒤(80 % 구간 {low_seconds}~{high_seconds})에 한도 {limit_bytes}에 이릅니다", "At this rate the limit {limit_bytes} is reached in {time_seconds} (80 % interval {low_seconds} to {high_seconds})"),
    "memory_limit_chance": Text("{within_seconds} 안에 한도를 넘을 확률은 {chance_ratio}입니다", "It is {chance_ratio} likely to go beyond the limit within {within_seconds}"),
    # Caches
    "cache_too_small": Text("캐시 {cache}의 적중률은 {hit_ratio}이고, 크기를 늘리면 {reachable_ratio}까지 가능합니다", "Cache {cache} hits {hit_ratio}; with more room up to {reachable_ratio}"),
    "cache_too_large": Text("캐시 {cache:은} {size_entries}개까지 담지만 {enough_entries}개면 충분합니다[[(메모리 {memory_bytes} 절약)]]", "Cache {cache} may hold {size_entries} entries; {enough_entries} are enough[[ (saves {memory_bytes})]]"),
    # Errors
    "errors_counted": Text("요청 {requests}건 중 {errors}건이 실패했습니다", "{errors} of {requests} requests failed"),
    "error_group": Text("{exception} 예외가 {errors}건 발생했습니다", "{exception} was raised {errors} times"),
    "errors_rose": Text("전에는 에러율이 {before_ratio}였습니다", "Before, the error rate was {before_ratio}"),
    # Status
    "not_found": Text("[[{since_at_seconds}부터 ]]플러그인의 프로세스를 찾을 수 없습니다", "No process of the plugin is found[[ since {since_at_seconds}]]"),
    "processes_fail": Text("프로세스 {failed_workers}개가 시작되지 않습니다[[({since_at_seconds}부터)]]. 프로세스 관리자의 로그를 확인하세요", "{failed_workers} of its processes do not come up[[ since {since_at_seconds}]]; the log of their supervisor says why"),
    "health_check_fails": Text("[[{since_at_seconds}부터 ]]실행 중이지만 상태 검사에 실패합니다", "It runs and fails its health check[[ since {since_at_seconds}]]"),
    "keeps_restarting": Text("{span_seconds} 동안 {restarts}번 재시작되었습니다", "Restarted {restarts} times within {span_seconds}"),
}  # fmt: skip
