"""What the tunable cache promises."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.monitor.probe_source import ProbeSource, mixed
from plugin_optimizer.probe import TunableCache, channel, registry
from plugin_optimizer.probe.cache import size_bytes


@pytest.fixture
def plugin(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A plugin of this test's own, with its files below `tmp_path`."""
    name = channel.plugin_name(request.node.name[-60:])
    registry.named(name, tmp_path)
    return name


def test_the_least_recently_used_entry_leaves_first(plugin: str) -> None:
    """With room for 16, the 17th pushes out what was asked for longest ago."""
    cache: TunableCache[int, str] = TunableCache("menu", 16, plugin=plugin)
    for key in range(16):
        cache.put(key, str(key))
    assert cache.get(0) == "0"
    cache.put(16, "16")
    assert (cache.get(0), cache.get(1), len(cache)) == ("0", None, 16)


def test_a_miss_is_loaded_once_and_counted(plugin: str) -> None:
    """Hits, misses, loads and their time are told; None is a value like any other."""
    cache: TunableCache[str, None] = TunableCache("menu", 16, plugin=plugin)
    loads: list[int] = []
    for _ in range(3):
        assert cache.get_or_load("a", lambda: loads.append(1)) is None
    report = cache.report()
    assert (len(loads), report.hits, report.misses, report.loads) == (1, 2, 1, 1)
    assert report.load_seconds_total >= 0


def test_a_loader_that_fails_stores_nothing(plugin: str) -> None:
    """The error reaches the caller, the next call tries again."""
    cache: TunableCache[str, int] = TunableCache("menu", 16, plugin=plugin)
    with pytest.raises(ZeroDivisionError):
        cache.get_or_load("a", lambda: 1 // 0)
    assert cache.get_or_load("a", lambda: 7) == 7


def test_an_entry_does_not_outlive_its_time(plugin: str) -> None:
    """With no time to live, every access is a miss."""
    cache: TunableCache[str, int] = TunableCache("menu", 16, ttl_seconds=0.0, plugin=plugin)
    cache.put("a", 1)
    assert cache.get("a") is None
    assert len(cache) == 0


def test_a_setting_resizes_it(tmp_path: Path, plugin: str) -> None:
    """The knob is `cache.<name>.size`, of kind cache_size; shrinking keeps the latest entries."""
    cache: TunableCache[int, int] = TunableCache("menu", 64, plugin=plugin)
    for key in range(64):
        cache.put(key, key)
    channel.write_setting(tmp_path, plugin, "cache.menu.size", 20)
    registry.named(plugin).turn()
    assert (cache.capacity, len(cache), cache.get(63), cache.get(0)) == (20, 20, 63, None)
    report = channel.reports(tmp_path, plugin)[0]
    knob = report.knob("cache.menu.size")
    assert knob is not None
    assert (knob.kind, knob.unit, knob.value) == ("cache_size", "entries", 20)
    assert report.caches[0].capacity == 20


def test_a_new_process_begins_with_the_set_size(tmp_path: Path, plugin: str) -> None:
    """What was set before it was built is its size from the first entry on."""
    channel.write_setting(tmp_path, plugin, "cache.menu.size", 40)
    cache: TunableCache[int, int] = TunableCache("menu", 64, plugin=plugin)
    assert cache.capacity == 40


def test_every_key_asked_for_is_on_record(tmp_path: Path, plugin: str) -> None:
    """The trace holds the mixed hashes in order, hits and misses alike."""
    cache: TunableCache[int, int] = TunableCache("menu", 16, plugin=plugin)
    asked = [1, 2, 1, 3, -5]
    for key in asked:
        cache.get_or_load(key, lambda: 0)
    registry.named(plugin).turn()
    trace = ProbeSource(tmp_path).caches(plugin)[0]
    import numpy as np

    assert trace.keys.tolist() == mixed(np.array(asked, dtype=np.int64).view(np.uint64)).tolist()
    assert (trace.name, trace.hits, trace.misses, trace.entries) == ("menu", 1, 4, 4)
    assert trace.entry_bytes > 200


@given(st.lists(st.integers(0, 40), max_size=300), st.integers(16, 30))
def test_it_agrees_with_a_plain_lru(keys: list[int], capacity: int) -> None:
    """Hits and misses are those of the textbook list."""
    cache: TunableCache[int, int] = TunableCache("property", capacity, plugin="cache-property")
    stack: list[int] = []
    hits = 0
    for key in keys:
        hits += key in stack
        stack = [key, *(other for other in stack if other != key)][:capacity]
        assert cache.get_or_load(key, partial(int, key)) == key
    assert cache.report().hits == hits


def test_threads_share_it_without_losing_a_count(plugin: str) -> None:
    """Four threads, 4,000 accesses, while the size changes: every access is a hit or a miss."""
    cache: TunableCache[int, int] = TunableCache("menu", 16, plugin=plugin)
    barrier = threading.Barrier(4)

    def work(seed: int) -> None:
        barrier.wait()
        for step in range(1_000):
            assert cache.get_or_load((seed * step) % 50, lambda: 1) == 1
            if step % 100 == 0:
                cache.resize(16 + step % 7)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    report = cache.report()
    assert report.hits + report.misses == 4_000
    assert report.entries <= report.capacity


def test_the_size_of_an_entry_is_estimated_with_what_it_holds() -> None:
    """A list of strings weighs its strings; a cycle ends; a long list is extrapolated."""
    assert size_bytes(["x" * 1_000]) > 1_000
    endless: list[object] = []
    endless.append(endless)
    assert size_bytes(endless) > 0
    long = [str(number) * 20 for number in range(5_000)]
    assert size_bytes(long) > 5_000 * 60
