"""What is sensed and turned of a Redis, as the documents tell it."""

from ...domain import Capability, Metric, Reversibility, Turned

_SENSES = (
    Metric.UP,
    Metric.RESTARTS,
    Metric.CPU_CORES,
    Metric.CPU_RATIO,
    Metric.MEMORY_BYTES,
    Metric.MEMORY_RATIO,
    Metric.FRAGMENTATION_RATIO,
    Metric.CACHE_HIT_RATIO,
    Metric.CACHE_ENTRIES,
    Metric.EVICTIONS_PER_SECOND,
    Metric.EXPIRING_RATIO,
    Metric.REQUESTS,
    Metric.THROUGHPUT_PER_SECOND,
    Metric.RESPONSE_TIME_SECONDS,
    Metric.SERVICE_TIME_SECONDS,
    Metric.ERROR_RATIO,
)
_SET = "CONFIG SET, read back by CONFIG GET"
_FILE = "CONFIG REWRITE, where it has a configuration file"
_PROOF = ("tests/touchpoints/test_redis_contract.py", "tests/touchpoints/test_redis_live.py")

CAPABILITIES = (
    Capability(
        target="Redis",
        senses=_SENSES,
        turns=(
            Turned("maxmemory", f"{_SET}; never below what is in use", _FILE, loss=Reversibility.LOSSY),
            Turned("maxmemory-policy", _SET, _FILE, loss=Reversibility.LOSSY),
        ),
        tested="redis-server 7.0, over TCP, TLS and a socket; a managed service by an access list alone",
        proof=(*_PROOF, "tests/live/test_redis_room.py"),
        document="REDIS.md",
    ),
    Capability(
        target="Redis: replicas, without CONFIG",
        senses=_SENSES,
        tested="redis-server 7.0",
        proof=_PROOF[1:],
        document="REDIS.md",
        nothing="a replica ignores its limit, and CONFIG is forbidden: a size is advised",
    ),
)
