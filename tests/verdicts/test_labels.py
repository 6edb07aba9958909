"""A label is true of the very requests that are judged."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.verdicts.cases import COUNTS, HARMFUL, NOTHING, Case, Family, Maker, Truth, Way, cases
from benchmarks.verdicts.recorded import STRETCH, Recordings
from benchmarks.verdicts.traffic import Traffic, Work, arrivals
from benchmarks.verdicts.world import CHANGE_AT, JUDGED, Death, Monitored, World, p95, p95_ratio
from plugin_optimizer.domain import Metric, RequestTrace
from plugin_optimizer.models.fifo import replay_fifo

SEEDS = range(3)


def made(family: Family, seed: int) -> Case:
    return Maker(family, 700_000 + seed, Recordings()).case()


def failed(trace: RequestTrace, begin: float, end: float) -> float:
    inside = (trace.arrival >= CHANGE_AT + begin) & (trace.arrival < CHANGE_AT + end)
    return float((trace.status[inside] >= 500).mean())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("family", NOTHING)
def test_what_is_called_harmless_changes_nothing(family: Family, seed: int) -> None:
    """Neither p95 nor the share of errors, whatever traffic and load do meanwhile."""
    case = made(family, seed)
    assert case.truth is Truth.HARMLESS
    assert p95_ratio(case.world) == pytest.approx(1.0, abs=0.031)
    assert case.world.error_ratio == case.world.error_ratio_after


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("family", "ratio"), [(Family.P95_20, 1.2), (Family.P95_50, 1.5), (Family.MASKED, 1.3)])
def test_what_is_called_slower_is_so_by_so_much(family: Family, ratio: float, seed: int) -> None:
    """The same requests, served with the change and without it; and beyond the objective, so that somebody feels it."""
    case = made(family, seed)
    assert case.truth is Truth.HARM
    assert p95_ratio(case.world) == pytest.approx(ratio, rel=0.05)
    assert p95(case.world.requests(), *JUDGED) > case.slo_seconds


@pytest.mark.parametrize("seed", SEEDS)
def test_a_masked_harm_looks_better_than_before(seed: int) -> None:
    """Because the load fell."""
    trace = made(Family.MASKED, seed).world.requests()
    assert p95(trace, *JUDGED) <= p95(trace, -180.0, 0.0)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("family", "points"), [(Family.ERRORS_1, 0.01), (Family.ERRORS_5, 0.05)])
def test_what_is_called_failing_fails_more(family: Family, points: float, seed: int) -> None:
    """Within what chance leaves of some thousand requests, and no slower."""
    world = made(family, seed).world
    more = failed(world.requests(), 0.0, 900.0) - failed(world.requests(), -CHANGE_AT, 0.0)
    assert more == pytest.approx(points, abs=0.4 * points + 0.004)
    assert p95_ratio(world) <= 1.031


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_called_better_is_better(seed: int) -> None:
    """At least a fifth off p95."""
    assert p95_ratio(made(Family.BETTER, seed).world) < 0.8


@pytest.mark.parametrize("death", Death)
def test_a_dead_target_answers_nothing(death: Death) -> None:
    """And is seen to be dead, or not seen at all, or seen to live."""
    seen = Monitored.of(World(1, death=death).requests(), 0.0, death).stretch(CHANGE_AT, CHANGE_AT + 60, CHANGE_AT + 60)
    assert len(seen.trace) == 0
    up = seen.window.of("orders", Metric.UP)
    shown = {Death.EXITED: 0.0, Death.HUNG: 1.0}.get(death)
    assert np.isnan(up).all() if shown is None else (up == shown).all()


def test_the_same_seed_makes_the_same_case() -> None:
    """To the last request; another seed another one, and another stream other requests in the same surroundings."""
    one, again, other = (made(Family.BURSTY, seed) for seed in (1, 1, 2))
    assert one == again != other
    assert (one.world.requests().arrival == again.world.requests().arrival).all()
    assert len(one.world.requests(stream=1)) != len(one.world.requests())


def test_the_set_is_large_and_balanced_from_its_beginning() -> None:
    """Two thousand in all; a tenth of it holds a tenth of each family."""
    chosen = list(cases(0))
    assert len(chosen) == len(set(chosen)) == sum(COUNTS.values()) >= 2_000
    first = [family for family, _ in chosen[: len(chosen) // 10]]
    assert all(abs(first.count(family) - count / 10) <= 2 for family, count in COUNTS.items())
    assert {way for seed in range(40) for way in [made(Family.HEAVY, seed).way]} == set(Way)
    assert set(HARMFUL).isdisjoint(NOTHING)


def test_a_queue_goes_on_through_the_change() -> None:
    """Nothing changed is one long queue; a worker more after it never makes anybody wait longer."""
    world = World(3, Traffic(10.0), Work(0.35), workers=4, workers_after=4)
    trace = world.requests()
    held = trace.wall + world.work.overhead_seconds
    alone = replay_fifo(trace.arrival, held, 4) - world.work.overhead_seconds
    assert trace.sojourn == pytest.approx(alone, abs=0.0021)  # the sensor ticks
    assert (replace(world, workers_after=5).requests().sojourn <= trace.sojourn + 0.0041).all()
    assert (replace(world, workers_after=3).requests().sojourn >= trace.sojourn - 0.0041).all()


def test_arrivals_come_at_their_rate() -> None:
    """A hundred seconds at 50 a second, none in the next hundred."""
    at = arrivals(np.random.default_rng(1), np.repeat([50.0, 0.0], 100))
    assert len(at) == pytest.approx(5_000, rel=0.05)
    assert at.max() < 100
    assert (np.diff(at) >= 0).all()


def test_recorded_series_give_factors_around_one() -> None:
    """A stretch of a series, its median 1, cut at half and double."""
    series = tuple(100.0 + 90.0 * np.sin(np.arange(1_000) / 50))
    factors = Recordings(loads=(series,)).load(np.random.default_rng(1))
    assert len(factors) == STRETCH
    assert 0.5 <= min(factors) < 1 < max(factors) <= 2.0
    assert Recordings().load(np.random.default_rng(1)) == ()
