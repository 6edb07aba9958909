"""Which changes may be compared by switching back and forth."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest

from plugin_optimizer.domain import Disruption, Knob, Pool, RequestTrace, Reversibility
from plugin_optimizer.models.switchback_eligibility import (
    SwitchbackCase,
    against_switchback,
    offered_load,
    slots_of_arms,
)

KNOB = Knob("workers", 3, 1, 9)
CASE = SwitchbackCase(KNOB, settle_seconds=1.5, load=2.2, slots=(3, 5))


def test_live_and_reversible_with_room_under_both_values() -> None:
    """3 and 5 workers with 2.2 of them busy: nothing stands against it."""
    assert against_switchback(CASE) is None


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (replace(CASE, knob=replace(KNOB, reversibility=Reversibility.LOSSY)), "switchback_irreversible"),
        (replace(CASE, knob=replace(KNOB, reversibility=Reversibility.IRREVERSIBLE)), "switchback_irreversible"),
        (replace(CASE, knob=replace(KNOB, down=Reversibility.LOSSY)), "switchback_irreversible"),
        (replace(CASE, knob=replace(KNOB, disruption=Disruption.RESTART)), "switchback_disrupts"),
        (replace(CASE, knob=replace(KNOB, disruption=Disruption.RELOAD)), "switchback_disrupts"),
        (replace(CASE, settle_seconds=10.5), "switchback_slow"),
        (replace(CASE, settle_seconds=nan), "switchback_slow"),
        (replace(CASE, other_change="7f3a"), "switchback_busy"),
        (replace(CASE, load=nan), "switchback_load_unknown"),
        (replace(CASE, load=2.7), "switchback_unstable"),
        (replace(CASE, slots=(5, 2)), "switchback_unstable"),
    ],
)
def test_each_obstacle_has_its_reason(case: SwitchbackCase, code: str) -> None:
    """A comparison that would hurt or say nothing is refused with the reason why."""
    found = against_switchback(case)
    assert found is not None
    assert found.code == code


def test_ten_seconds_to_settle_are_just_allowed() -> None:
    """The limit itself is inside."""
    assert against_switchback(replace(CASE, settle_seconds=10.0)) is None


def test_the_load_is_the_work_of_the_requests_per_second() -> None:
    """20 requests of 0.1 s a second keep two workers busy; fewer than two requests say nothing."""
    arrival = np.arange(0, 60, 0.05)
    wall, zero = np.full(len(arrival), 0.1), np.zeros(len(arrival))
    none = np.zeros(len(arrival), dtype=np.int64)
    trace = RequestTrace(arrival, zero, wall, zero, zero, none + 200, none, none, none)
    assert offered_load(trace) == pytest.approx(2.0, rel=0.01)
    assert np.isnan(offered_load(trace.between(0, 0.01)))


def test_slots_are_workers_times_threads() -> None:
    """Of both values."""
    assert slots_of_arms((Pool("gthread", 2, threads=4), Pool("sync", 5))) == (8, 5)
