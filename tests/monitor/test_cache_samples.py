"""Each cache access is counted once."""

import numpy as np

from plugin_optimizer.domain import CacheTrace, Metric
from plugin_optimizer.monitor.cache_samples import CacheCounters


def cache(pid: int, hits: int, misses: int) -> CacheTrace:
    return CacheTrace("prices", pid, np.empty(0, dtype=np.uint64), 64, 64, hits, misses, 0.04, 100.0)


def test_the_ratio_is_of_what_came_since_the_last_look() -> None:
    """10 hits and 30 misses came in over two processes: a quarter; the past does not weigh in."""
    counters = CacheCounters()
    assert counters.sample("shop", [cache(1, 1_000, 0), cache(2, 1_000, 0)], 5.0) == []
    (sample,) = counters.sample("shop", [cache(1, 1_010, 10), cache(2, 1_000, 20)], 10.0)
    assert (sample.metric, sample.value, sample.at) == (Metric.CACHE_HIT_RATIO, 0.25, 10.0)


def test_no_access_is_no_sample_and_a_fallen_counter_is_a_reset() -> None:
    """Nothing asked, nothing known; across a counter that fell nothing is computed, and it says so."""
    counters = CacheCounters()
    counters.sample("shop", [cache(1, 500, 500)], 5.0)
    assert counters.sample("shop", [cache(1, 500, 500)], 10.0) == []
    assert counters.sample("shop", [cache(1, 3, 1)], 15.0) == []
    assert counters.resets == {"shop": 1}
    (sample,) = counters.sample("shop", [cache(1, 6, 2)], 20.0)
    assert sample.value == 0.75
    assert counters.resets == {"shop": 0}
