"""A queue in which tasks wait too long is found, for as long as they do."""

import numpy as np
import pytest
from task_queues import Course, fleet_of, policies_of, steady

from plugin_optimizer.analyze.backlog import BacklogDetector
from plugin_optimizer.contracts import Detector
from plugin_optimizer.domain import Finding, Fleet, Metric, Policies, Policy, Severity, Window
from plugin_optimizer.testing.detector_contract import DetectorContract

Case = tuple[Window, Fleet, Policies]
POLICY = Policy(response_time_seconds=5.0)


def case_of(course: Course) -> Case:
    window = course.window
    return window, fleet_of(course.view(POLICY), window), policies_of(POLICY)


def found(course: Course) -> list[Finding]:
    return list(BacklogDetector().detect(*case_of(course)))


class TestBacklog(DetectorContract):
    def detector(self) -> Detector:
        return BacklogDetector()

    def case(self) -> Case:
        return case_of(steady(2, 6.0, 0.5))


@pytest.mark.parametrize("seed", range(5))
def test_a_growing_queue_is_found_with_its_rates(seed: int) -> None:
    """Three erlangs for two processes: how many wait, how long, and that more come than go."""
    (finding,) = found(steady(2, 6.0, 0.5, seed=seed))
    assert finding.metric is Metric.QUEUE_WAIT_SECONDS
    assert finding.severity is Severity.CRITICAL
    assert [message.code for message in finding.evidence] == ["tasks_wait", "queue_grows"]


@pytest.mark.parametrize("seed", range(10))
def test_a_queue_that_is_short_enough_is_not_found(seed: int) -> None:
    """Busy processes are no fault as long as nobody waits too long."""
    assert not found(steady(4, 5.5, 0.5, seed=seed))


def test_a_backlog_that_is_gone_is_over() -> None:
    """The last two looks decide whether it still is."""
    course = Course(np.r_[np.full(40, 2), np.full(30, 8)], np.full(70, 6.0), 0.5)
    assert not found(course)
    short = Course(np.full(40, 2), np.full(40, 6.0), 0.5)
    assert found(short)


def test_a_queue_that_nobody_serves_is_no_lack_of_processes() -> None:
    """Without a wait that can be told there is nothing to claim."""
    course = steady(2, 6.0, 0.5)
    course.series[Metric.QUEUE_WAIT_SECONDS] = np.full(60, np.nan)
    assert not found(course)
