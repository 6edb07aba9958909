"""When a change has had its time: what was waiting before it is gone, and the judgement may begin."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Change, Direction, Goal, Metric, Policy, Purpose, RequestTrace, Window
from plugin_optimizer.execute.settle import has_settled, longest_seconds, stands_still

POLICY = Policy(settle_seconds=60.0)
GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
CHANGE = Change("orders", "workers", 2, 4, GOAL)
CACHE = replace(CHANGE, goal=replace(GOAL, metric=Metric.CACHE_HIT_RATIO))
NAN = float("nan")


def seen(*waits: tuple[float, float]) -> Observation:
    """Requests by (arrival, seconds before a worker took it)."""
    arrival, wait = np.array(waits, dtype=np.float64).reshape(-1, 2).T
    ones, none = np.ones(len(waits)), np.zeros(len(waits), dtype=np.int64)
    trace = RequestTrace(arrival, wait, ones, ones, ones, none, none, none, none)
    return Observation(Window(("orders",), np.zeros(1), 5.0, {}), trace)


QUEUED = seen((0.0, 2.0), (1.0, 3.0), (2.0, 1.0))  # 2 s on the average
CALM = seen((0.0, 0.01), (1.0, 0.01))
DRAINED, UNSEEN = seen((10.0, 0.0), (20.0, 0.0)), seen()


@pytest.mark.parametrize(
    ("change", "since", "elapsed_seconds", "expected"),
    [
        (CHANGE, QUEUED, 60.0, True),  # however much still waits
        (CHANGE, QUEUED, 59.9, False),
        (CACHE, DRAINED, 60.0, True),
        (CACHE, DRAINED, 59.9, False),  # a cache needs the whole time
        (CHANGE, DRAINED, 5.0, True),
        (CHANGE, DRAINED, 4.9, False),  # the last 5 s cannot have been seen yet
    ],
)
def test_the_judgement_begins_when_the_queue_is_gone_or_time_is_over(
    change: Change, since: Observation, elapsed_seconds: float, expected: bool
) -> None:
    """Not before five seconds, not after the policy's time."""
    assert has_settled(change, QUEUED, since, elapsed_seconds, POLICY) is expected


@pytest.mark.parametrize(
    ("before", "since"),
    [(UNSEEN, DRAINED), (QUEUED, UNSEEN), (UNSEEN, UNSEEN), (QUEUED, seen((10.0, NAN), (11.0, NAN)))],
)
def test_without_a_view_of_the_queue_ten_seconds_are_waited(before: Observation, since: Observation) -> None:
    """No probe on either side, or none that knows the waits."""
    assert not has_settled(CHANGE, before, since, 9.9, POLICY)
    assert has_settled(CHANGE, before, since, 10.0, POLICY)


@pytest.mark.parametrize(
    ("before", "since", "expected"),
    [
        (QUEUED, seen((10.0, 1.0)), True),  # half of 2 s
        (QUEUED, seen((10.0, 1.01)), False),
        (QUEUED, seen((10.0, 1.5), (11.0, 0.5)), True),  # the mean, not the worst
        (QUEUED, seen((10.0, NAN), (11.0, 1.0)), True),  # what is not known does not count, on either side
        (seen((0.0, NAN), (1.0, 2.0)), seen((10.0, 1.0)), True),
        (seen((0.0, NAN)), seen((10.0, 0.05)), True),  # nothing known of before: negligible it has to be
        (seen((0.0, NAN)), seen((10.0, 0.06)), False),
        (CALM, seen((10.0, 0.05)), True),  # half of next to nothing is asked of nobody
        (CALM, seen((10.0, 0.06)), False),
        (QUEUED, seen((10.0, 9.0), (15.1, 0.0)), True),  # longer ago than 5 s
        (QUEUED, seen((10.0, 9.0), (15.0, 0.0)), False),
    ],
)
def test_a_queue_has_drained_when_the_last_waits_are_half_of_what_they_were(
    before: Observation, since: Observation, expected: bool
) -> None:
    """Of the last 5 s of arrivals; or when they are below 50 ms."""
    assert has_settled(CHANGE, before, since, 20.0, POLICY) is expected


FILLING = replace(CACHE, goal=replace(CACHE.goal, fill_seconds=300.0))


def counted(*counts: float) -> Observation:
    """Keys of a cache server since the change, every five seconds."""
    series = {Metric.CACHE_ENTRIES: np.array([counts], dtype=np.float32)}
    return Observation(Window(("orders",), 5.0 * np.arange(len(counts)), 5.0, series))


def test_a_cache_that_fills_is_not_judged_before_its_keys_stop_growing() -> None:
    """However long the policy's time is over; at twice the computed time it is judged all the same."""
    growing = counted(*(1_000 + 100 * n for n in range(20)))
    full = counted(*(3_000 - 2_000 * 0.7**n for n in range(30)))
    assert not has_settled(FILLING, QUEUED, growing, 100.0, POLICY)
    assert has_settled(FILLING, QUEUED, full, 150.0, POLICY)
    assert longest_seconds(FILLING, POLICY) == 600.0
    assert has_settled(FILLING, QUEUED, growing, 600.0, POLICY)
    assert longest_seconds(CHANGE, POLICY) == 60.0


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([1_000.0] * 12, True),  # there was nothing to fill it with
        ([1_000.0 + 5 * n for n in range(2)], False),  # too little seen
        ([1_000.0 + 50 * n for n in range(12)], False),
        ([NAN, *(1_000.0 + 50 * min(n, 8) for n in range(24)), NAN], True),
    ],
)
def test_a_count_stands_still_when_its_last_quarter_brought_next_to_nothing(
    counts: list[float], expected: bool
) -> None:
    """Less than a twentieth of the growth, or hardly any growth at all; missing looks do not count."""
    assert stands_still(np.array(counts, dtype=np.float32)) is expected
