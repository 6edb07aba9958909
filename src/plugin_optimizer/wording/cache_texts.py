"""What is found, suggested and left alone of a cache that is a server of its own."""

from collections.abc import Mapping

from .text import Text

CACHES: Mapping[str, Text] = {
    # Findings
    "cache_server_too_small": Text("캐시가 작아 적중률이 {hit_ratio}에 그칩니다(한도 {memory_bytes}, 더 크면 {reachable_ratio}까지 가능)", "The cache is too small: it answers {hit_ratio} (limit {memory_bytes}), and could answer {reachable_ratio}"),
    "cache_refuses_writes": Text("가득 찼는데 정책 {policy:으로는} 비울 것이 없어 명령의 {error_ratio:이} 실패합니다(만료 시간이 있는 키 {expiring_ratio})", "It is full and {policy} finds nothing to evict: {error_ratio} of the commands fail ({expiring_ratio} of the keys have a time to live)"),
    # Titles
    "adjust_cache_room": Text("캐시 메모리 한도를 {from_bytes}에서 {to_bytes:으로} 바꾸세요", "Change the cache's memory limit from {from_bytes} to {to_bytes}"),
    "adjust_cache_policy": Text("캐시 교체 정책을 {from}에서 {to:으로} 바꾸세요", "Change the cache's eviction policy from {from} to {to}"),
    # Evidence
    "first_room": Text("자동 모드는 한 번에 조금씩만 바꿉니다. {before_bytes}에서 {wanted_bytes:으로} 가는 여러 단계 중 첫 단계로 {after_bytes:으로} 바꿉니다", "Automatic mode goes step by step: {after_bytes} is the first of several steps from {before_bytes} to {wanted_bytes}"),
    "keys_sampled": Text("키 {keys}개의 표본을 {span_seconds} 동안 살펴 계산했습니다(지금 크기에서 모델과 실제의 차이 {error_ratio})", "Computed from a sample of {keys} keys, watched for {span_seconds} (the model differs from the count by {error_ratio} at the present size)"),
    "cache_fills": Text("늘어난 공간이 차는 데 {fill_seconds:이} 걸릴 것으로 보이며, 키 수가 더 늘지 않을 때까지 판정하지 않습니다", "The new room takes about {fill_seconds} to fill; nothing is judged before the number of keys has stopped growing"),
    "cache_will_evict": Text("정책 {policy:은} 오래 쓰이지 않은 키를 지웁니다. 모든 키를 다시 만들 수 있을 때에만 맞습니다", "{policy} removes keys that were not used for long: right only if every key can be made anew"),
    # Why nothing is suggested or turned
    "cache_config_forbidden": Text("서버가 CONFIG를 허용하지 않아(접근 목록이나 관리형 서비스) 직접 바꾸셔야 합니다", "The server forbids CONFIG (an access list, or a managed service): change it where it is managed"),
    "cache_is_replica": Text("복제본이라 바꾸지 않습니다. 크기는 원본을 따릅니다", "It is a replica: its size follows its primary"),
    "cache_limit_changing": Text("캐시 메모리 한도가 바뀌는 중입니다({memory_bytes})", "The cache's memory limit is changing ({memory_bytes})"),
    "cache_at_memory_bound": Text("더 키울 메모리가 없습니다(한도 {memory_bytes}, 최대 {limit_bytes})", "There is no memory to make it larger (limit {memory_bytes}, at most {limit_bytes})"),
    "cache_keys_not_seen": Text("키의 표본을 모으는 중입니다. 캐시 내용이 한 번 바뀔 만큼 지켜보아야 합니다", "The sample of keys is still being collected: its contents have to turn over once"),
    "cache_keys_elsewhere": Text("키의 표본은 엔진이 도는 다른 프로세스에 있어 이 프로세스에서는 계산할 수 없습니다. 잠시 뒤 다시 열거나 에이전트를 따로 실행하세요", "The sample of keys is with the process that runs the engine, and another one answered. Look again later, or run a separate agent"),
    "cache_evicts_nothing": Text("밀려나는 키가 없어 더 클 필요가 없습니다", "It evicts nothing: more room would stay empty"),
    "cache_keys_forbidden": Text("서버가 SCAN을 허용하지 않아 다른 크기를 계산할 수 없습니다", "The server forbids SCAN, so no other size can be computed"),
    "cache_in_cluster": Text("클러스터의 노드라 다른 크기를 계산하지 않습니다", "It is a node of a cluster: no other size is computed"),
    "cache_not_lru": Text("교체 정책이 LRU가 아니어서 다른 크기를 계산할 수 없습니다", "Its policy is not LRU, so no other size can be computed"),
    "cache_is_queue": Text("작업 대기열(브로커)로 쓰이고 있어 아무것도 지우거나 바꾸지 않습니다", "It serves as a queue of tasks (a broker): nothing may be evicted, and nothing is changed"),
    "cache_empty": Text("캐시에 키가 없습니다", "It holds no keys"),
    "cache_many_databases": Text("키가 여러 데이터베이스에 흩어져 있어 다른 크기를 계산하지 않습니다", "Its keys are spread over several databases: no other size is computed"),
    "cache_mostly_expires": Text("키가 밀려나기보다 만료되거나 지워져 사라집니다. 크기보다 만료 시간(TTL)을 살펴보세요", "Its keys expire or are deleted rather than evicted: look at the time to live, not at the size"),
    "cache_turns_over_too_fast": Text("캐시 내용이 너무 빨리 바뀌어 키의 표본으로는 다른 크기를 계산할 수 없습니다", "Its contents turn over too fast for a sample of keys to tell what another size would answer"),
    "cache_keys_unknown": Text("이 서버는 어떤 키가 언제 쓰였는지 알려 주지 않아 다른 크기를 계산할 수 없습니다", "This server does not tell which keys were asked for, so no other size can be computed"),
}  # fmt: skip
