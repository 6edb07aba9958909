"""What is sensed and turned of a memcached, as the documents tell it."""

from ...domain import Capability, Metric, Reversibility, Turned

CAPABILITIES = (
    Capability(
        target="memcached",
        senses=(
            Metric.UP,
            Metric.RESTARTS,
            Metric.CPU_CORES,
            Metric.CPU_RATIO,
            Metric.MEMORY_BYTES,
            Metric.MEMORY_RATIO,
            Metric.CACHE_HIT_RATIO,
            Metric.CACHE_ENTRIES,
            Metric.EVICTIONS_PER_SECOND,
            Metric.REQUESTS,
            Metric.THROUGHPUT_PER_SECOND,
            Metric.RESPONSE_TIME_SECONDS,
        ),
        turns=(Turned("cache_memlimit", "the command of that name, read back by `stats`", loss=Reversibility.LOSSY),),
        tested="memcached 1.6",
        proof=("tests/touchpoints/test_memcached.py",),
        document="REDIS.md",
    ),
)
