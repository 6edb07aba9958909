"""The fast replay of shared cores does what a plain, slow server does, request by request."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import InvalidValue
from plugin_optimizer.models import server
from plugin_optimizer.models.server import Budget, replay_server
from tests.models.plain_server import serve_plainly

TICK = 1 / 128  # times on a binary grid: ties are frequent, and exact


@dataclass(frozen=True)
class Case:
    arrival: list[float]
    cpu: list[float]
    off_cpu: list[float]
    slots: int
    cores: float
    budget: Budget | None
    free_at: tuple[float, ...]


ticks = st.integers(0, 64).map(lambda count: count * TICK)
budgets = st.builds(
    Budget,
    st.sampled_from([2 * TICK, 7 * TICK, 16 * TICK, 40 * TICK]),
    st.just(16 * TICK),
    st.integers(1, 16).map(lambda count: count * TICK),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    count = draw(st.integers(1, 40))
    most_gap = draw(st.sampled_from([0, 8, 64, 400]))
    most_work = draw(st.sampled_from([4, 32]))

    def column(most: int) -> list[float]:
        return [TICK * n for n in draw(st.lists(st.integers(0, most), min_size=count, max_size=count))]

    arrival = np.cumsum([0.0, *column(most_gap)[1:]]).tolist()
    cores = draw(st.sampled_from([0.25, 0.5, 1.0, 1.5, 2.0, 3.0]))
    return Case(
        arrival,
        column(most_work),
        column(draw(st.sampled_from([0, 32]))),
        draw(st.integers(1, 7)),
        cores,
        draw(st.none() | budgets),
        tuple(draw(st.lists(ticks, max_size=9))),
    )


def plainly(case: Case) -> tuple[list[float], list[float]]:
    return serve_plainly(case.arrival, case.cpu, case.off_cpu, case.slots, case.cores, case.budget, case.free_at)


def fast(case: Case) -> server.ServerRun:
    arrival, cpu, off_cpu = (np.array(column) for column in (case.arrival, case.cpu, case.off_cpu))
    return replay_server(arrival, cpu, off_cpu, case.slots, case.cores, budget=case.budget, free_at=case.free_at)


@pytest.mark.parametrize("worth", [0.0, 2.0], ids=["skipping", "never skipping"])
@given(case=cases())
@example(Case([0.0], [0.0], [0.0], 1, 0.5, None, ()))
@example(Case([0.0, 0.0], [1.0, 1.0], [0.0, 0.0], 2, 1.0, Budget(2 * TICK, 16 * TICK, TICK), (TICK,)))
@settings(deadline=None, max_examples=80)
def test_every_request_ends_when_the_plain_server_ends_it(worth: float, case: Case) -> None:
    """Quotas, slots still taken, ties, no work at all; with the shortcut always taken, and never."""
    usual, server.WORTH_SKIPPING = server.WORTH_SKIPPING, worth
    try:
        run = fast(case)
    finally:
        server.WORTH_SKIPPING = usual
    wait, sojourn = plainly(case)
    assert run.wait == pytest.approx(wait, abs=1e-6)
    assert run.sojourn == pytest.approx(sojourn, abs=1e-6)


@pytest.mark.parametrize("budget", [None, Budget(0.05, 0.1, 0.033)], ids=["cores", "quota"])
@pytest.mark.parametrize("rate", [3.0, 12.0, 20.0])
def test_a_long_trace_is_served_alike(rate: float, budget: Budget | None) -> None:
    """Two thousand requests of all sizes: light, moderate and nearly all CPU taken."""
    rng = np.random.default_rng(int(rate))
    arrival = np.cumsum(rng.exponential(1 / rate, 2_000))
    arrival -= arrival[0]
    cpu, off_cpu = rng.exponential(0.02, 2_000), rng.exponential(0.06, 2_000)
    run = replay_server(arrival, cpu, off_cpu, 4, 1.0, budget=budget)
    wait, sojourn = serve_plainly(arrival.tolist(), cpu.tolist(), off_cpu.tolist(), 4, 1.0, budget)
    assert run.wait == pytest.approx(wait, abs=1e-5)
    assert run.sojourn == pytest.approx(sojourn, abs=1e-5)


@pytest.mark.parametrize("seed", [1338, 3365, 4271, *range(60)])
def test_budgets_that_run_out_with_the_work_are_no_budgets_of_more(seed: int) -> None:
    """Dozens of requests on a grid, work and budget in the same ticks: many a phase ends when the budget does."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 80))

    def column(most: int) -> list[float]:
        return [TICK * int(n) for n in rng.integers(0, most + 1, count)]

    arrival = np.cumsum([0.0, *column(int(rng.choice([0, 8, 64])))[1:]]).tolist()
    cpu, off_cpu = column(int(rng.choice([2, 8, 32]))), column(int(rng.choice([0, 16])))
    slots, cores = int(rng.integers(1, 8)), float(rng.choice([0.25, 0.5, 1.0, 1.5, 2.0, 3.0]))
    budget = Budget(float(rng.choice([2, 7, 16, 40])) * TICK, 16 * TICK, float(rng.integers(1, 17)) * TICK)
    case = Case(arrival, cpu, off_cpu, slots, cores, budget, ())
    assert fast(case).sojourn == pytest.approx(plainly(case)[1], abs=1e-6)


@given(case=cases(), factor=st.sampled_from([0.25, 2.0, 8.0]))
@settings(deadline=None, max_examples=30)
def test_scaling_all_times_scales_all_sojourns_with_cores_and_quota(case: Case, factor: float) -> None:
    """Seconds or minutes: neither cores nor budget know."""
    arrival, cpu, off_cpu = ([factor * s for s in column] for column in (case.arrival, case.cpu, case.off_cpu))
    budget = None
    if case.budget is not None:
        seconds = (case.budget.cpu_seconds, case.budget.period_seconds, case.budget.first_refill_seconds)
        budget = Budget(*(factor * each for each in seconds))
    free_at = tuple(factor * at for at in case.free_at)
    scaled = Case(arrival, cpu, off_cpu, case.slots, case.cores, budget, free_at)
    assert fast(scaled).sojourn == pytest.approx(fast(case).sojourn * factor, abs=1e-6)


@given(case=cases())
@settings(deadline=None, max_examples=30)
def test_no_more_is_computed_than_the_budget_and_the_cores_allow(case: Case) -> None:
    """Conservation: each request gets all its work, and all of them together no more than there was."""
    run = fast(case)
    arrival, cpu, off_cpu = (np.array(column) for column in (case.arrival, case.cpu, case.off_cpu))
    assert (run.wait >= -1e-9).all()
    assert (run.sojourn >= run.wait + cpu + off_cpu - 1e-6).all()
    seconds = float((arrival + run.sojourn).max())
    most = seconds * min(case.cores, case.slots)
    if case.budget:
        most = min(most, case.budget.cpu_seconds * (seconds / case.budget.period_seconds + 2))
    assert cpu.sum() <= most + 1e-6


def test_as_many_cores_as_slots_are_never_shared() -> None:
    """Without a quota, slots that cannot outnumber the cores are a plain queue."""
    rng = np.random.default_rng(4)
    arrival, cpu = np.cumsum(rng.exponential(0.05, 500)), rng.exponential(0.1, 500)
    few, many = (replay_server(arrival, cpu, cpu / 3, 2, cores).sojourn for cores in (2.0, 64.0))
    assert few == pytest.approx(many)


def test_times_that_are_none_are_refused() -> None:
    """NaN, infinite or negative work, and a budget of nothing: the error says what was expected."""
    one, bad = np.ones(1), (np.array([np.nan]), np.array([np.inf]), np.array([-1.0]))
    for seconds in bad:
        with pytest.raises(InvalidValue, match="finite seconds >= 0"):
            replay_server(np.zeros(1), seconds, one, 1, 1.0)
        with pytest.raises(InvalidValue, match="finite seconds >= 0"):
            replay_server(np.zeros(1), one, seconds, 1, 1.0)
    with pytest.raises(InvalidValue, match="budget"):
        replay_server(np.zeros(1), one, one, 1, 1.0, budget=Budget(0.0))
