"""Curves of what-ifs and the grid they are drawn on: small things that a page relies on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import CacheTrace, Pool, SeenSettings
from plugin_optimizer.models.cache_curve import cache_curve, enough_entries
from plugin_optimizer.models.cachesize import CacheStudy
from plugin_optimizer.models.missratio import miss_ratio_curve
from plugin_optimizer.models.renewals import renewals
from plugin_optimizer.models.time_grid import grid_of
from plugin_optimizer.models.worker_curve import WorkerPoint, least_that_keeps


def study(capacity: int) -> CacheStudy:
    """A cache that is asked for the keys 0…63 in turn, forty times."""
    keys = np.tile(np.arange(64, dtype=np.uint64), 40)
    trace = CacheTrace("menu", 1, keys, capacity, capacity, 0, len(keys), 0.01, 100.0)
    return CacheStudy("menu", capacity, 1, trace.entries, len(keys), miss_ratio_curve([keys]), None, 0.0, 0.01, 100.0)


def test_a_cycle_of_64_keys_needs_64_entries() -> None:
    """By hand: LRU over a cycle hits nothing below its length and everything from it on; the present size is a point."""
    curve = {point.size_entries: point.hit_ratio for point in cache_curve(study(16))}
    assert curve[16] == 0.0
    assert curve[64] == 1.0
    assert enough_entries(study(16)) == 64


@given(st.floats(1e9, 2e9), st.floats(1.0, 1e7), st.integers(2, 2_000), st.sampled_from([0.5, 5.0, 60.0]))
def test_a_grid_covers_what_was_asked(begin: float, seconds: float, points: int, least: float) -> None:
    """Whatever is asked: nothing is left out, hardly more buckets than wanted, edges on whole steps."""
    grid = grid_of(begin, begin + seconds, points, least)
    assert grid.begin <= begin
    assert grid.end >= begin + seconds - 1e-6
    assert grid.points <= points + 2
    assert grid.step_seconds >= least
    assert grid.begin / grid.step_seconds == pytest.approx(round(grid.begin / grid.step_seconds), abs=1e-6)


def test_a_deployment_replaces_every_worker_and_a_recycled_one_does_not() -> None:
    """One of two replaced: recycled. Both: new. A single worker tells nothing."""
    pids = [(1, 2), (2, 3), (8, 9), (8, 9), (5,), (6,)]
    seen = [
        SeenSettings(float(at), 2, pool=Pool("sync", 2, spawned=dict.fromkeys(p, 0.0))) for at, p in enumerate(pids)
    ]
    assert [(renewal.at, renewal.workers) for renewal in renewals(seen)] == [(2.0, 2)]


def test_enough_is_the_first_that_keeps_the_promise() -> None:
    """At the load to plan for, not at the recorded one."""
    points = [WorkerPoint(n, 0.1, 0.5 / n, 0.4 / n, 0.6 / n, 0.8 / n) for n in (1, 2, 3)]
    assert least_that_keeps(points, 0.5) == 2
    assert least_that_keeps(points, 0.1) is None
