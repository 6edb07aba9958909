"""A queue of tasks is judged beside the one that the old processes would have left."""

import numpy as np
import pytest
from task_queues import Course, steady

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose, Verdict
from plugin_optimizer.execute.guards import guard
from plugin_optimizer.execute.queue_judge import fluid
from plugin_optimizer.execute.verifier import ChangeVerifier

GOAL = Goal(Metric.QUEUE_LENGTH, Direction.DOWN, Purpose.IMPROVE, 0.2)
SAVING = Goal(Metric.MEMORY_BYTES, Direction.DOWN, Purpose.SAVE, guards=(Metric.ERROR_RATIO, Metric.QUEUE_WAIT_SECONDS))
LOOKS = 48


def judged(course: Course, goal: Goal = GOAL, since: int = LOOKS, until: int = 2 * LOOKS) -> Verdict:
    return ChangeVerifier().verify(goal, "mail", course.between(0, since), course.between(since, until), None)


def changed(before: int, after: int, rate: float, seed: int = 1, later: float | None = None) -> Course:
    """Half a second a task; `rate` a second, `later` from the change on."""
    workers = np.r_[np.full(LOOKS, before), np.full(LOOKS, after)]
    rates = np.r_[np.full(LOOKS, rate), np.full(LOOKS, rate if later is None else later)]
    return Course(workers, rates, 0.5, seed)


def test_the_fluid_of_the_worked_example() -> None:
    """Start 10, arrivals 0, 4, 4, 4, capacity 6."""
    np.testing.assert_array_equal(fluid(10.0, np.array([0.0, 4.0, 4.0, 4.0]), 6.0), [10.0, 8.0, 6.0, 4.0])


@pytest.mark.parametrize("seed", range(10))
def test_processes_that_stop_the_growth_are_better(seed: int) -> None:
    """3 erlangs: with 2 processes the queue would go on growing, with 5 it goes."""
    verdict = judged(changed(2, 5, 6.0, seed))
    assert verdict.outcome is Outcome.BETTER
    assert verdict.high < 1
    assert verdict.method == "queue_replay"
    assert verdict.before > verdict.after


@pytest.mark.parametrize("seed", range(20))
def test_without_a_change_nothing_is_claimed(seed: int) -> None:
    """The same two processes before and after, however long the queue grows: never better, never worse."""
    verdict = judged(changed(2, 2, 6.0, seed))
    assert verdict.outcome in {Outcome.SAME, Outcome.INCONCLUSIVE}


@pytest.mark.parametrize("seed", range(10))
def test_a_queue_that_empties_because_nothing_comes_any_more_is_no_merit(seed: int) -> None:
    """The burst is over: the old processes would have worked it off as well."""
    assert judged(changed(2, 2, 6.0, seed, later=0.5)).outcome in {Outcome.SAME, Outcome.INCONCLUSIVE}


@pytest.mark.parametrize("seed", range(10))
def test_fewer_processes_under_load_are_worse(seed: int) -> None:
    """Half of them: the queue grows faster than it would have."""
    assert judged(changed(4, 2, 9.0, seed)).outcome is Outcome.WORSE


def test_idle_processes_before_leave_nothing_to_compute_with() -> None:
    """What they can do at most was never seen: the question stays open, with the reason."""
    verdict = judged(changed(8, 9, 1.0))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "never_all_busy" in {reason.code for reason in verdict.reasons}


def test_little_time_decides_nothing() -> None:
    """Four looks are not enough for anything."""
    assert judged(changed(2, 5, 6.0), until=LOOKS + 4).outcome is Outcome.INCONCLUSIVE


def test_an_empty_queue_is_no_outage() -> None:
    """After the burst no task is begun, because none is there; a queue that waits and is not served is an outage."""
    course = changed(2, 5, 6.0, later=0.0)
    before, after = course.between(0, LOOKS), course.between(LOOKS, 2 * LOOKS)
    assert guard(GOAL, "mail", before, after) is None
    after.window.metrics[Metric.QUEUE_LENGTH][:] = 40
    after.window.metrics[Metric.REQUESTS][:] = 0
    after.window.metrics[Metric.THROUGHPUT_PER_SECOND][:] = 0
    found = guard(GOAL, "mail", before, after)
    assert found is not None
    assert found.reasons[0].code == "guard_no_requests"


def test_a_saving_that_makes_tasks_wait_is_undone() -> None:
    """Memory is what it is judged by; the guard sees the queue."""
    course = changed(8, 2, 6.0)
    before, after = course.between(0, LOOKS), course.between(LOOKS, 2 * LOOKS)
    found = guard(SAVING, "mail", before, after)
    assert found is not None
    assert found.reasons[0].code == "guard_queue"
    calm = changed(8, 3, 2.0)
    assert guard(SAVING, "mail", calm.between(0, LOOKS), calm.between(LOOKS, 2 * LOOKS)) is None
    assert judged(calm, SAVING).outcome is Outcome.BETTER


def test_missing_looks_are_bridged_and_too_many_decide_nothing() -> None:
    """One look in twenty may be missing."""
    for every, outcome in ((20, Outcome.BETTER), (3, Outcome.INCONCLUSIVE)):
        course = changed(2, 5, 6.0)
        after: Observation = course.between(LOOKS, 2 * LOOKS)
        after.window.metrics[Metric.QUEUE_LENGTH][:, 2::every] = np.nan
        found = ChangeVerifier().verify(GOAL, "mail", course.between(0, LOOKS), after, None)
        assert found.outcome is outcome


def test_a_calm_queue_is_what_it_was() -> None:
    """A steady queue far from its limit has no capacity to compare by; nothing is called better."""
    course = steady(4, 4.0, 0.5, looks=2 * LOOKS)
    assert judged(course).outcome is Outcome.INCONCLUSIVE


def drawn(seed: int, turned: str, load: float) -> Course | None:
    """An overloaded queue: 1 to 6 processes, tasks of 0.3 to 3 s, 1.0 to 1.6 times what they can do; `load` times that later."""
    rng = np.random.default_rng(seed)
    before, service, overload = int(rng.integers(1, 7)), float(rng.choice([0.3, 0.5, 1.0, 3.0])), rng.uniform(1.0, 1.6)
    more = max(before + 1, int(np.ceil(1.2 * before * overload)))
    after = {"same": before, "more": more, "half": max(1, before // 2)}[turned]
    if turned != "same" and after == before:
        return None
    workers, rate = np.r_[np.full(LOOKS, before), np.full(LOOKS, after)], overload * before / service
    return Course(workers, rate * np.r_[np.full(LOOKS, 1.0), np.full(LOOKS, load)], service, seed)


def tally(turned: str, load: float = 1.0) -> dict[str, int]:
    found = [judged(course).outcome.value for seed in range(60) if (course := drawn(seed, turned, load)) is not None]
    return {outcome: found.count(outcome) for outcome in sorted(set(found))}


def test_the_tally_of_drawn_queues() -> None:
    """No false claim where nothing changed, whatever the load does; most changes are told."""
    unchanged = {load: tally("same", load) for load in (1.0, 0.3, 2.0)}
    more, half = tally("more"), tally("half")
    print(f"unchanged, by load afterwards: {unchanged}\nmore processes: {more}\nhalf of them: {half}")  # noqa: T201 - pytest -rP shows it
    assert all(not {"better", "worse"} & found.keys() for found in unchanged.values())
    assert more["better"] >= 50
    assert half["worse"] >= 40
    assert "worse" not in more
    assert "better" not in half
