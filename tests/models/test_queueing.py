"""Formulas that are checked beside the replay."""

import numpy as np
import pytest
from backoffice import poisson, record
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import InvalidValue
from plugin_optimizer.models.fifo import replay_fifo
from plugin_optimizer.models.overload import completed_part, offered_load
from plugin_optimizer.models.proportions import binomial_tail, wilson
from plugin_optimizer.models.queueing import allen_cunneen_wait, doubtful, erlang_c, waits_longer


def test_erlang_c_by_hand() -> None:
    """One server: the load itself. Two servers at load 1: B = 1/5, C = 1/3. At or over capacity: always."""
    assert erlang_c(0.5, 1) == pytest.approx(0.5)
    assert erlang_c(1.0, 2) == pytest.approx(1 / 3)
    assert erlang_c(3.0, 2) == 1.0
    with pytest.raises(InvalidValue):
        erlang_c(1.0, 0)


@given(st.floats(0.01, 10), st.integers(1, 12))
@settings(deadline=None)
def test_more_servers_make_waiting_rarer(load: float, servers: int) -> None:
    """A probability, falling with every server."""
    assert 0 <= erlang_c(load, servers + 1) <= erlang_c(load, servers) <= 1


def test_long_waits_by_hand() -> None:
    """One server at 0.5, 1 s each: P(W > t) = 0.5·exp(−0.5 t); always in overload, never without work."""
    assert waits_longer(2.0, 0.5, 1.0, 1) == pytest.approx(0.5 * np.exp(-1.0))
    assert waits_longer(2.0, 3.0, 1.0, 2) == 1.0
    assert waits_longer(2.0, 3.0, 0.0, 2) == 0.0


@pytest.mark.parametrize(
    ("replayed", "formula", "utilisation", "expected"),
    [
        (0.10, 0.15, 0.5, False),
        (0.10, 0.25, 0.5, True),
        (0.25, 0.10, 0.5, True),
        (0.10, 0.25, 0.9, False),
        (0.001, 0.009, 0.5, False),
        (0.0, 0.03, 0.5, True),
        (0.1, float("nan"), 0.5, False),
    ],
)
def test_a_trace_is_doubted_where_replay_and_formula_part(
    replayed: float, formula: float, utilisation: float, expected: bool
) -> None:
    """By more than twice, where the formula holds, and by more than a tenth of a request of 100 ms."""
    assert doubtful(replayed, formula, utilisation, 0.1) is expected


def test_allen_cunneen_agrees_with_the_replay_where_both_hold() -> None:
    """Poisson arrivals, exponential service, two servers at 0.7: within 15 % of a long replay."""
    rng = np.random.default_rng(1)
    arrival = np.cumsum(rng.exponential(1 / 14, 40_000))
    service = rng.exponential(0.1, 40_000)
    replayed = float((replay_fifo(arrival, service, 2) - service).mean())
    assert allen_cunneen_wait(arrival, service, 2) == pytest.approx(replayed, rel=0.15)
    assert allen_cunneen_wait(arrival, service, 1) == float("inf")


@pytest.mark.parametrize("seed", range(5))
def test_the_load_is_seen_behind_a_growing_queue(seed: int) -> None:
    """Capacity 9.3 a second, 20 arrive: completions show 9, the slope of the queue shows 20 (within 15 %)."""
    rng = np.random.default_rng(seed)
    arrival = poisson(rng, 20.0, 60.0)
    trace = record(arrival, np.full(len(arrival), 0.105), 1)
    seen = trace.where(trace.end <= trace.arrival[0] + 60.0)
    load = offered_load(seen)
    assert load.growing
    assert load.completions_per_second == pytest.approx(9.3, rel=0.05)
    assert load.arrivals_per_second == pytest.approx(20.0, rel=0.15)


def test_a_calm_queue_does_not_grow() -> None:
    """At half its capacity arrivals and completions are the same; ten requests are too few to say."""
    rng = np.random.default_rng(2)
    arrival = poisson(rng, 8.0, 60.0)
    trace = record(arrival, np.full(len(arrival), 0.1), 2)
    load = offered_load(trace)
    assert not load.growing
    assert load.arrivals_per_second == pytest.approx(load.completions_per_second, rel=0.06)
    assert np.isnan(offered_load(trace.where(np.arange(len(trace)) < 10)).arrivals_per_second)


def test_the_end_of_a_trace_is_cut_where_requests_are_missing() -> None:
    """Nobody that arrived after the one completed last is left."""
    rng = np.random.default_rng(3)
    arrival = poisson(rng, 20.0, 30.0)
    trace = record(arrival, rng.exponential(0.2, len(arrival)), 2)
    seen = trace.where(trace.end <= trace.arrival[0] + 30.0)
    cut = completed_part(seen)
    assert 0 < len(cut) <= len(seen)
    assert cut.arrival[-1] == seen.arrival[np.argmax(seen.end)]


def test_the_tail_of_the_binomial_is_exact() -> None:
    """By hand: at least 2 heads of 3 is 1/2; none is certain; more than there are is impossible."""
    assert binomial_tail(2, 3, 0.5) == pytest.approx(0.5)
    assert binomial_tail(0, 3, 0.1) == 1.0
    assert binomial_tail(4, 3, 0.5) == 0.0
    assert binomial_tail(10, 1000, 0.001) == pytest.approx(1.07e-7, rel=0.05)


@given(st.integers(0, 200), st.integers(1, 200))
@settings(deadline=None)
def test_a_wilson_interval_holds_its_share(hits: int, count: int) -> None:
    """Within 0…1, around hits / count."""
    hits = min(hits, count)
    low, high = wilson(hits, count)
    assert 0 <= low <= hits / count + 1e-12
    assert hits / count - 1e-12 <= high <= 1
    assert wilson(0, 0) == (0, 1)
