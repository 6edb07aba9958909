"""An arm that breaks ends the comparison at once."""

from dataclasses import replace

import numpy as np

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import RequestTrace
from plugin_optimizer.domain.comparison import Arm
from plugin_optimizer.execute.switchback_guard import broken_arm
from tests.execute.turns import GOAL, finished, requests, seen

PLAN = finished()
WITH_SLO = replace(GOAL, slo=0.5)
CALM = seen(requests(PLAN, 0.2, 0.2))


def failing(trace: RequestTrace, arm: Arm, blocks: int) -> RequestTrace:
    """Every third request of the arm fails, in its first `blocks` blocks."""
    failed = np.zeros(len(trace), dtype=np.bool_)
    for block in [one for one in PLAN.blocks if one.arm is arm][:blocks]:
        inside = (trace.arrival >= block.began) & (trace.arrival < block.ended)
        failed |= inside & (np.arange(len(trace)) % 3 == 0)
    return replace(trace, status=np.where(failed, 500, 200))


def test_two_values_that_bear_the_load_go_on() -> None:
    """Slower under one of them, but within what was promised, and without errors."""
    assert broken_arm(WITH_SLO, "p", CALM, seen(requests(PLAN, 0.2, 0.4)), PLAN.blocks) is None


def test_errors_under_one_value_end_it_in_its_first_block() -> None:
    """Every third request fails under the value after: one block is enough, and the arm is named."""
    trace = failing(requests(PLAN, 0.2, 0.2), Arm.AFTER, 1)
    found = broken_arm(GOAL, "p", CALM, seen(trace), PLAN.blocks[:2])
    assert found is not None
    assert (found.arm, found.reason.code) == (Arm.AFTER, "guard_errors")


def test_errors_that_begin_late_do_not_drown() -> None:
    """After thirteen calm pairs the last block of the value after fails."""
    trace = requests(PLAN, 0.2, 0.2)
    last = [block for block in PLAN.blocks if block.arm is Arm.AFTER][-1]
    inside = (trace.arrival >= last.began) & (trace.arrival < last.ended)
    status = np.where(inside & (np.arange(len(trace)) % 8 == 0), 500, 200)
    found = broken_arm(GOAL, "p", CALM, seen(replace(trace, status=status)), PLAN.blocks)
    assert found is not None
    assert found.reason.code == "guard_errors"


def test_the_old_value_may_break_too() -> None:
    """It stood when it began, and bears the load no longer: nobody goes on comparing."""
    trace = failing(requests(PLAN, 0.2, 0.2), Arm.BEFORE, 2)
    found = broken_arm(GOAL, "p", CALM, seen(trace), PLAN.blocks)
    assert found is not None
    assert found.arm is Arm.BEFORE


def test_three_slow_blocks_of_a_value_end_it() -> None:
    """All requests of the value after beyond 0.5 s: not after two of its blocks, but after the third."""
    observed = seen(requests(PLAN, 0.2, 0.6))
    ends = [number + 1 for number, block in enumerate(PLAN.blocks) if block.arm is Arm.AFTER]
    assert broken_arm(WITH_SLO, "p", CALM, observed, PLAN.blocks[: ends[1]]) is None
    found = broken_arm(WITH_SLO, "p", CALM, observed, PLAN.blocks[: ends[2]])
    assert found is not None
    assert (found.arm, found.reason.code) == (Arm.AFTER, "guard_slow")


def test_what_was_slow_before_accuses_nobody() -> None:
    """A service that missed its objective all along is not broken by being compared."""
    slow = seen(requests(PLAN, 0.8, 0.8))
    assert broken_arm(WITH_SLO, "p", slow, slow, PLAN.blocks) is None


def test_nothing_seen_accuses_nobody() -> None:
    """Silence is the business of the guard of every change."""
    nothing = Observation(CALM.window)
    assert broken_arm(WITH_SLO, "p", CALM, nothing, PLAN.blocks) is None
