"""How many processes a queue of tasks needs: seeded cases, from samples to the plan."""

from dataclasses import replace

import numpy as np
import pytest
from task_queues import Course, fleet_of, policies_of, steady

from plugin_optimizer.analyze.backlog import BacklogDetector
from plugin_optimizer.analyze.waste import WasteDetector
from plugin_optimizer.contracts import Planner
from plugin_optimizer.domain import Direction, Metric, Mode, Policy, Proposal, Purpose, Risk, Silence, SuggestionType
from plugin_optimizer.plan.task_queue import TaskQueuePlanner
from plugin_optimizer.plan.workers import WorkersPlanner
from plugin_optimizer.testing.planner_contract import Case, PlannerContract

POLICY = Policy(response_time_seconds=5.0)


def case_of(course: Course, policy: Policy = POLICY, kind: str = "workers", limit: int | None = None) -> Case:
    window = course.window
    fleet = fleet_of(course.view(policy, kind, limit), window)
    policies = policies_of(policy)
    detectors = (BacklogDetector(), WasteDetector())
    return window, [f for d in detectors for f in d.detect(window, fleet, policies)], fleet


def thought(case: Case) -> Proposal | Silence:
    (only,) = TaskQueuePlanner().plan(*case)
    return only


def said(case: Case) -> str:
    found = thought(case)
    assert isinstance(found, Silence), found
    return found.reason.code


class TestTaskQueue(PlannerContract):
    def planner(self) -> Planner:
        return TaskQueuePlanner()

    def case(self) -> Case:
        return case_of(steady(2, 6.0, 0.5))


@pytest.mark.parametrize("seed", range(5))
def test_a_growing_queue_gets_the_processes_that_the_arrivals_need(seed: int) -> None:
    """3 erlangs arrive at 2 processes: 4 are the least that stay below 85 %, a few more work the backlog off."""
    found = thought(case_of(steady(2, 6.0, 0.5, seed=seed)))
    assert isinstance(found, Proposal)
    assert found.type is SuggestionType.INCREASE_WORKERS
    assert found.change is not None
    assert found.change.before == 2
    assert 4 <= int(found.change.after) <= 7
    assert (found.change.goal.metric, found.change.goal.direction) == (Metric.QUEUE_LENGTH, Direction.DOWN)
    assert found.risk is Risk.LOW


def test_no_more_than_the_cores_can_bear() -> None:
    """Tasks that only compute: 4 cores bear 3 processes at 85 %, and a third is what there is to offer; with 3 nothing."""
    found = thought(case_of(steady(2, 6.0, 0.5, cpu_share=1.0)))
    assert isinstance(found, Proposal)
    assert found.change is not None
    assert found.change.after == 3
    assert said(case_of(steady(3, 8.0, 0.5, cpu_share=1.0))) == "cpu_limited"


def test_automatic_mode_goes_by_half_at_a_time() -> None:
    """From 2 to 3, and says where the way leads."""
    found = thought(case_of(steady(2, 6.0, 0.5), replace(POLICY, mode=Mode.AUTOMATIC)))
    assert isinstance(found, Proposal)
    assert found.change is not None
    assert found.change.after == 3
    assert "first_step" in {message.code for message in found.evidence}


def test_a_backlog_that_goes_by_itself_is_left_alone() -> None:
    """A burst that the present processes work off within five minutes needs no others."""
    course = Course(np.full(60, 4), np.full(60, 2.0), 0.5, backlog=2_400)
    found = case_of(course)
    assert found[1]
    assert said(found) == "backlog_goes"


@pytest.mark.parametrize("seed", range(5))
def test_what_is_left_of_a_backlog_asks_for_no_more(seed: int) -> None:
    """5 processes for 3.4 erlangs work 600 tasks off in minutes: that a sixth would be headroom is no reason."""
    course = Course(np.full(30, 5), np.full(30, 13.5), 0.25, seed, backlog=1_100)
    found = case_of(course)
    assert found[1]
    assert said(found) == "backlog_goes"


def test_long_tasks_leave_the_decision_to_a_person() -> None:
    """A process that is busy for half a minute cannot be taken away in seconds: no low risk, and the reason is told."""
    found = thought(case_of(steady(2, 0.3, 20.0, looks=120, backlog=20)))
    assert isinstance(found, Proposal)
    assert found.risk is Risk.MEDIUM
    assert "shrinks_slowly" in {message.code for message in found.evidence}


@pytest.mark.parametrize("seed", range(3))
def test_idle_processes_are_given_back(seed: int) -> None:
    """0.6 erlangs keep 8 processes: most can go, judged by memory, with the queue as a guard."""
    found = thought(case_of(steady(8, 2.0, 0.3, looks=120, seed=seed)))
    assert isinstance(found, Proposal)
    assert found.type is SuggestionType.DECREASE_WORKERS
    assert found.change is not None
    assert 2 <= int(found.change.after) <= 4
    assert found.change.goal.purpose is Purpose.SAVE
    assert Metric.QUEUE_WAIT_SECONDS in found.change.goal.guards


def test_the_busiest_half_minute_is_remembered() -> None:
    """What a rush needed four minutes ago is not given away."""
    rate = np.full(120, 2.0)
    rate[60:72] = 8.0
    course = Course(np.full(120, 8), rate, 0.3)
    quiet = thought(case_of(steady(8, 2.0, 0.3, looks=120)))
    rushed = thought(case_of(course))
    least = 8 if isinstance(rushed, Silence) else int(rushed.change.after)  # type: ignore[union-attr]
    assert isinstance(quiet, Proposal)
    assert quiet.change is not None
    assert least > int(quiet.change.after)


def test_an_autoscaler_gets_another_limit_once_it_is_reached() -> None:
    """Where it has not started all it may, its limit is not what holds tasks up."""
    course = steady(2, 6.0, 0.5)
    found = thought(case_of(course, kind="worker_limit"))
    assert isinstance(found, Proposal)
    assert found.change is not None
    assert (found.change.knob, found.change.before, found.title.code) == ("autoscale_max", 2, "change_worker_limit")
    assert said(case_of(course, kind="worker_limit", limit=6)) == "limit_not_reached"


def test_a_queue_that_meets_its_promise_and_a_plugin_without_one_are_told_apart() -> None:
    """Each silence has its own reason; the planner of web services leaves queues to this one."""
    calm = case_of(steady(4, 4.0, 0.5))
    assert said(calm) == "within_slo"
    window, findings, fleet = calm
    bare = type(window)(window.plugin_ids, window.times, 5.0, {Metric.UP: window.metrics[Metric.UP]})
    assert said((bare, findings, fleet)) == "no_task_queue"
    (other,) = WorkersPlanner().plan(window, findings, fleet)
    assert isinstance(other, Silence)
    assert other.reason.code == "planned_as_queue"
