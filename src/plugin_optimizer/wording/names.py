"""Names of states, kinds, metrics and policy fields, as people read them."""

from collections.abc import Mapping

from .text import Text

STATES: Mapping[str, Text] = {
    "queued": Text("대기 중", "Queued"),
    "claimed": Text("실행 준비", "Claimed"),
    "intent": Text("변경 의도 기록", "Intent recorded"),
    "applying": Text("적용 중", "Applying"),
    "applied": Text("적용됨", "Applied"),
    "settling": Text("안정화 대기", "Settling"),
    "verifying": Text("검증 중", "Verifying"),
    "comparing": Text("두 값 비교 중", "Comparing both values"),
    "succeeded": Text("성공", "Succeeded"),
    "rb_intent": Text("되돌리기 기록", "Undo recorded"),
    "rb_applying": Text("되돌리는 중", "Undoing"),
    "rolled_back": Text("되돌림", "Undone"),
    "aborted": Text("변경 없이 중단됨", "Stopped before any change"),
    "cancelled": Text("취소됨", "Cancelled"),
    "unknown": Text("상태 확인 중", "Finding out what happened"),
    "partial": Text("일부만 적용됨", "Only partly applied"),
    "foreign": Text("다른 주체가 값을 변경함", "Changed by somebody else"),
    "gone": Text("대상이 사라짐", "Target is gone"),
    "needs_operator": Text("운영자 확인 필요", "Needs an operator"),
    "open": Text("열림", "Open"),
    "executed": Text("실행됨", "Executed"),
    "dismissed": Text("무시됨", "Dismissed"),
    "snoozed": Text("미뤄 둠", "Snoozed"),
    "superseded": Text("대체됨", "Superseded"),
    "expired": Text("만료됨", "Expired"),
    "quarantined": Text("격리됨", "Quarantined"),
    "active": Text("활성", "Active"),
    "inactive": Text("비활성", "Inactive"),
}
TYPES: Mapping[str, Text] = {
    "increase_workers": Text("워커 늘리기", "Increase workers"),
    "decrease_workers": Text("워커 줄이기", "Decrease workers"),
    "adjust_cache": Text("캐시 조정", "Adjust cache"),
    "update_config": Text("설정 변경", "Update configuration"),
    "recycle_workers": Text("워커 교체", "Recycle workers"),
    "investigate_error": Text("에러 원인 조사", "Investigate errors"),
    "optimize_response_time": Text("응답 시간 개선", "Optimise response time"),
    "check_plugin_status": Text("플러그인 상태 확인", "Check plugin status"),
}
METRICS: Mapping[str, Text] = {
    "cpu_cores": Text("CPU 코어 사용량", "CPU cores"),
    "cpu_ratio": Text("CPU 사용률", "CPU usage"),
    "memory_bytes": Text("메모리", "memory"),
    "memory_ratio": Text("메모리 사용률", "memory usage"),
    "worker_memory_bytes": Text("워커 메모리", "worker memory"),
    "error_ratio": Text("에러율", "error rate"),
    "response_time_seconds": Text("평균 응답 시간", "mean response time"),
    "response_time_p50_seconds": Text("응답 시간(p50)", "response time (p50)"),
    "response_time_p95_seconds": Text("응답 시간(p95)", "response time (p95)"),
    "response_time_p99_seconds": Text("응답 시간(p99)", "response time (p99)"),
    "queue_wait_seconds": Text("대기 시간", "queue wait"),
    "queue_length_tasks": Text("대기 중인 작업 수", "waiting tasks"),
    "service_time_seconds": Text("처리 시간", "service time"),
    "throughput_per_second": Text("처리량", "throughput"),
    "requests": Text("요청 수", "requests"),
    "workers": Text("워커 수", "workers"),
    "busy_ratio": Text("워커 사용률", "busy share"),
    "restarts": Text("재시작 횟수", "restarts"),
    "failed_workers": Text("시작되지 않는 프로세스 수", "processes that do not come up"),
    "healthy": Text("상태 검사", "health check"),
    "cache_hit_ratio": Text("캐시 적중률", "cache hit rate"),
    "cache_entries": Text("캐시에 든 키 수", "keys in the cache"),
    "evictions_per_second": Text("밀려난 키(초당)", "evictions"),
    "expiring_ratio": Text("만료 시간이 있는 키의 비율", "keys with a time to live"),
    "fragmentation_ratio": Text("메모리 단편화", "memory fragmentation"),
    "throttled_ratio": Text("CPU 한도에 걸린 비율", "periods throttled by the CPU limit"),
    "throttled_cores": Text("CPU 한도로 멈춘 코어", "cores stopped by the CPU limit"),
    "oom_kills": Text("메모리 부족으로 종료된 프로세스", "processes killed for memory"),
    "up": Text("가동 여부", "up"),
}
MODES: Mapping[str, Text] = {
    "observe": Text("관찰", "observe"),
    "advise": Text("조언", "advise"),
    "dry_run": Text("모의 실행", "dry run"),
    "approve": Text("승인 후 실행", "approve"),
    "automatic": Text("자동", "automatic"),
}
POLICY_FIELDS: Mapping[str, Text] = {
    "mode": Text("엔진이 스스로 할 수 있는 범위", "How far the engine may go by itself"),
    "cpu_ratio": Text("CPU 사용률 임계치", "CPU usage threshold"),
    "memory_ratio": Text("메모리 사용률 임계치", "Memory usage threshold"),
    "error_ratio": Text("에러율 임계치", "Error rate threshold"),
    "response_time_seconds": Text("응답 시간 목표(p95)", "Response time objective (p95)"),
    "sustain_seconds": Text("임계치 초과가 지속되어야 하는 시간", "How long a threshold must be exceeded"),
    "clear_ratio": Text("해제 기준(임계치 대비 비율)", "Share of the threshold below which it is over"),
    "anomaly_bar": Text("평소와 다른 점을 알리는 기준(배)", "How unusual something has to be (times)"),
    "stale_seconds": Text("데이터를 오래된 것으로 보는 시간", "Age at which data counts as stale"),
    "memory_limit_bytes": Text("메모리 한도", "Memory limit"),
    "min_workers": Text("최소 워커 수", "Fewest workers"),
    "max_connections": Text(
        "데이터베이스 최대 연결 수(비우면 제한 없음)", "Most database connections (none: no bound)"
    ),
    "connections_per_worker": Text("워커당 데이터베이스 연결 수", "Database connections of one worker"),
    "max_workers": Text("최대 워커 수", "Most workers"),
    "shrink_floor": Text("축소 제안의 하한", "Never suggest fewer workers than this"),
    "verify_seconds": Text("검증 시간 한도", "Longest time for a verdict"),
    "switchback_seconds": Text("두 값 비교 시간 한도", "Longest time for comparing both values in turn"),
    "settle_seconds": Text("안정화 대기 시간", "Time to settle before judging"),
    "cooldown_seconds": Text("변경 후 휴지 시간", "Rest after a change"),
    "restarts_per_day": Text(
        "하루에 허용하는 재시작 횟수(0이면 하지 않음)", "Restarts per day, each approved by a person (0: none)"
    ),
    "experiments_per_day": Text(
        "하루에 허용하는 설정 실험 횟수(0이면 하지 않음)", "Experiments with settings per day (0: none)"
    ),
    "windows": Text("변경을 허용하는 시간대(비우면 언제나)", "When changes may be made (none: at any time)"),
    "freezes": Text("변경을 금지하는 기간", "When nothing may be changed"),
    "maintenance": Text("점검 시간", "Maintenance"),
    "holidays": Text("휴일", "Holidays"),
    "notify": Text(
        "알림을 받을 채널과 최소 심각도(비우면 알리지 않음)",
        "Channels that are told, and from which severity on (none: nobody)",
    ),
}
KINDS: Mapping[str, Text] = {
    "workers": Text("워커 수", "workers"),
    "cache_size": Text("캐시 크기", "cache size"),
    "cache_policy": Text("캐시 교체 정책", "eviction policy"),
    "max_requests": Text("워커당 최대 요청 수", "requests per worker life"),
    "threads": Text("스레드 수", "threads"),
    "worker_limit": Text("워커 상한", "worker limit"),
    "time_limit": Text("시간 제한", "time limit"),
    "memory": Text("메모리", "memory"),
    "connections": Text("데이터베이스 연결", "database connections"),
    "setting": Text("설정", "setting"),
    "performance": Text("성능", "performance"),
    "cpu_limit": Text("CPU 한도", "CPU limit"),
    "life": Text("재시작", "restart"),
    "memory_limit": Text("메모리 한도", "memory limit"),
}
# Parameters whose values are names, not figures.
BY_PARAMETER: Mapping[str, Mapping[str, Text]] = {
    "kind": KINDS,
    "metric": METRICS,
    "mode": MODES,
    "state": STATES,
    "status": STATES,
    "suggestion_type": TYPES,
}


def state_name(state: str, lang: str) -> str:
    return _named(STATES, state, lang)


def type_name(suggestion_type: str, lang: str) -> str:
    return _named(TYPES, suggestion_type, lang)


def metric_name(metric: str, lang: str) -> str:
    return _named(METRICS, metric, lang)


def mode_name(mode: str, lang: str) -> str:
    return _named(MODES, mode, lang)


def policy_field_name(name: str, lang: str) -> str:
    return _named(POLICY_FIELDS, name, lang)


def parameter_name(parameter: str, value: object, lang: str) -> str | None:
    """Return the name that a parameter's value has, None where it is no name."""
    names = BY_PARAMETER.get(parameter)
    if names is None or not isinstance(value, str) or value not in names:
        return None
    return _named(names, value, lang)


def _named(names: Mapping[str, Text], key: str, lang: str) -> str:
    text = names.get(key)
    if text is None:
        return str(key)
    return text.en if lang == "en" else text.ko
