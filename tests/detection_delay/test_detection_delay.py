"""What the benchmark of delays measures with: worlds, what counts as healthy, and what counts as noticed."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.detection_delay.__main__ import ENGINE, NEVER, PEERS, occurrence
from benchmarks.detection_delay.faults import ONSET, fault
from benchmarks.detection_delay.healthy import HOUR, KINDS, healthy, worst_p95
from benchmarks.detection_delay.rules import for_a_minute, static_threshold
from benchmarks.detection_delay.turns import Watch, Watched
from benchmarks.detection_delay.world import EPOCH, World, share_cores

SEED = 7  # of development: what is published uses others


def steady(**other: object) -> World:
    flat = np.ones(300)
    world = World(2, 10.0, 0.1, flat, flat, 0 * flat, distribution="constant")
    return replace(world, **other)  # type: ignore[arg-type]


def test_the_same_seed_is_the_same_world() -> None:
    """Every rule is shown the very same requests, today and tomorrow."""
    one, two = (steady().run(np.random.default_rng(SEED)) for _ in range(2))
    assert np.array_equal(one.arrival, two.arrival)
    assert np.array_equal(one.sojourn, two.sojourn)


def test_a_queue_forms_where_more_comes_than_can_be_served() -> None:
    """Two workers of 0.1 s take 20 a second: at 10 hardly anybody waits, at 40 the wait grows by a second every two."""
    calm, full = (steady(rate=rate).run(np.random.default_rng(SEED)) for rate in (10.0, 40.0))
    assert float(np.mean(calm.queue_wait)) < 0.05
    assert float(full.queue_wait[-1]) == pytest.approx(300.0, rel=0.1)


def test_a_restart_keeps_everybody_waiting() -> None:
    """For its second nobody is served, and the first requests after it take longer."""
    trace = steady(starts=(100.0,), start_seconds=1.0).run(np.random.default_rng(SEED))
    begin = trace.arrival + trace.queue_wait - EPOCH
    assert not np.any((begin > 100.01) & (begin < 100.99))
    assert float(trace.wall[begin > 101.0].max()) == pytest.approx(0.4)


def test_cores_are_shared_alike() -> None:
    """Two requests that compute for a second on one core take two, on two cores one."""
    arrival, second, none = np.array([0.0, 0.0]), np.ones(2), np.zeros(2)
    for cores, expected in ((1.0, 2.0), (2.0, 1.0)):
        wait, wall = share_cores(arrival, second, none, 2, np.full(10, cores))
        assert wait.tolist() == [0.0, 0.0]
        assert wall == pytest.approx([expected, expected])


@pytest.mark.parametrize("kind", KINDS)
def test_healthy_means_that_every_five_minutes_keep_the_promise(kind: str) -> None:
    """With at least a tenth to spare, bursts and restarts included."""
    hour = healthy(kind, np.random.default_rng(SEED))
    assert worst_p95(hour.trace, HOUR) * 1.1 <= hour.slo_seconds * (1 + 1e-9)


def test_a_look_shows_only_what_was_completed_by_then() -> None:
    """Nobody sees the future, nor what the probe has not written yet."""
    happened = fault("load doubles", np.random.default_rng(SEED))
    plugin = Watched("plugin", happened.world, happened.trace, happened.slo_seconds)
    now = EPOCH + ONSET
    seen = plugin.seen(now - 600.0, now)
    assert len(seen)
    assert float(seen.end.max()) < now


def test_a_doubled_load_is_noticed_by_all_and_the_engine_is_not_the_last() -> None:
    """Within half a minute, and with nothing suggested before."""
    delay = occurrence("load doubles", SEED)
    assert 0.0 < delay.seconds[ENGINE] <= 30.0
    assert delay.seconds[ENGINE] < delay.seconds["60 s above"] < NEVER
    assert set(delay.seconds) == {ENGINE, *PEERS}
    assert delay.early == 0


def test_a_calm_plugin_is_left_alone() -> None:
    """Five minutes within the promise: neither the engine nor a rule says a word."""
    world = steady()
    plugin = Watched("plugin", world, world.run(np.random.default_rng(SEED)), 1.0)
    assert list(Watch((plugin,), EPOCH, 60).offers()) == []
    assert static_threshold(plugin, EPOCH, EPOCH + 300.0) == []
    assert for_a_minute(plugin, EPOCH, EPOCH + 300.0) == []
