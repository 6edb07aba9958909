"""The numbers we keep of every plugin, in SI units; the unit is the last word of the name."""

from dataclasses import dataclass
from enum import StrEnum


class Metric(StrEnum):
    """A series kept for each plugin, sampled once a turn.

    `*_ratio` lies in 0…1 unless said otherwise. A metric that could not be measured has no sample.
    """

    CPU_CORES = "cpu_cores"  # CPU seconds per second, all processes of the plugin
    CPU_RATIO = "cpu_ratio"  # of what the plugin may use: min(its slots, cores, quota)
    MEMORY_BYTES = "memory_bytes"  # sum of PSS
    MEMORY_RATIO = "memory_ratio"  # of the limit (policy, cgroup, or the host's memory)
    WORKER_MEMORY_BYTES = "worker_memory_bytes"  # largest PSS among the workers
    ERROR_RATIO = "error_ratio"  # responses with status >= 500 / all
    RESPONSE_TIME_SECONDS = "response_time_seconds"  # mean, queue wait included where it is known
    RESPONSE_TIME_P50_SECONDS = "response_time_p50_seconds"
    RESPONSE_TIME_P95_SECONDS = "response_time_p95_seconds"
    RESPONSE_TIME_P99_SECONDS = "response_time_p99_seconds"
    QUEUE_WAIT_SECONDS = "queue_wait_seconds"  # mean
    QUEUE_LENGTH = "queue_length_tasks"  # tasks that wait for a worker process, at the broker or fetched from it
    SERVICE_TIME_SECONDS = "service_time_seconds"  # mean time inside a worker
    THROUGHPUT_PER_SECOND = "throughput_per_second"
    REQUESTS = "requests"  # count within the turn: how much the other figures weigh
    WORKERS = "workers"  # live worker processes
    BUSY_RATIO = "busy_ratio"  # time inside requests / (slots * time)
    RESTARTS = "restarts"  # workers or master replaced within the turn, not by us
    FAILED_WORKERS = "failed_workers"  # processes that should run and do not come up, as their supervisor tells
    HEALTHY = "healthy"  # 1 its own health check succeeds, 0 it fails, as whoever asks it tells; one that has none has no sample
    CACHE_HIT_RATIO = "cache_hit_ratio"
    CACHE_ENTRIES = "cache_entries"  # keys that a cache server holds
    EVICTIONS_PER_SECOND = "evictions_per_second"  # keys it dropped to make room
    EXPIRING_RATIO = "expiring_ratio"  # keys with a time to live / all
    FRAGMENTATION_RATIO = "fragmentation_ratio"  # resident memory / what it holds; beyond 1 the rest is waste
    THROTTLED_RATIO = "throttled_ratio"  # periods of its CPU limit in which that was used up / all in which it computed
    THROTTLED_CORES = "throttled_cores"  # seconds per second that its cores stood still for that, summed over them
    OOM_KILLS = "oom_kills"  # processes that the kernel killed within the turn, since its memory limit was reached
    UP = "up"  # 1 the managed thing was found, 0 it was looked for and is not there


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of one plugin at one time (Unix seconds)."""

    plugin_id: str
    metric: Metric
    at: float
    value: float
