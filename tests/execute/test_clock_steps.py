"""Limits of an execution while somebody sets the clock: counted by a clock that only goes on."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from execute.test_executor import FINAL, Stage, State, stage

from plugin_optimizer.domain import Execution, Knob, Outcome
from plugin_optimizer.execute.executor import DEADMAN_MARGIN_SECONDS

__all__ = ["stage"]
HOUR = 3_600.0
DAY = 86_400.0
EVE_OF_LEAP_DAY = 1_835_395_190.0  # 2028-02-28 23:59:50 UTC
END_OF_32_BITS = 2_147_483_640.0  # 2038-01-19, seven seconds before a signed 32-bit time ends
SUMMER_TIME = 1_774_745_990.0  # 2026-03-29, ten seconds before Berlin's clocks go forward


def run(
    stage: Stage,
    execution: Execution,
    wall: Callable[[float], float],
    restart_after: float = float("inf"),
    until: frozenset[State] = FINAL,
) -> tuple[Execution, dict[State, float]]:
    """Tick four times a second until it is in one of the states; return it, and when it came into each.

    `wall` turns steady seconds into what the clock shows. The engine is replaced by a new one at `restart_after`.
    """
    executor, reached, steady = stage.executor(), dict[State, float](), 0.0
    while steady < 2 * HOUR:
        if steady >= restart_after:
            executor, restart_after = stage.executor(), float("inf")
        executor.tick(stage.now + wall(steady), steady)
        present = stage.state.execution(execution.id)
        reached.setdefault(present.state, steady)
        if present.state in until:
            return present, reached
        steady += 0.25
    raise AssertionError(f"it stayed {stage.state.execution(execution.id).state}")


def jumping(steady: float) -> float:
    """An hour forward, and back, every five seconds."""
    return steady + (HOUR if int(steady) // 5 % 2 else 0.0)


def leaping(steady: float) -> float:
    return steady + HOUR * (int(steady) // 5)


def falling(steady: float) -> float:
    return steady - HOUR * (int(steady) // 5)


CLOCKS = [jumping, leaping, falling]


@pytest.mark.parametrize("wall", CLOCKS)
def test_nothing_is_done_twice_while_the_clock_is_set(stage: Stage, wall: Callable[[float], float]) -> None:
    """Two steps, each once; the change is settled, judged and kept as if nothing had happened."""
    done, _ = run(stage, stage.approve(), wall)
    assert done.state is State.SUCCEEDED
    assert len(stage.simulated.effects) == 2


@pytest.mark.parametrize("wall", CLOCKS)
def test_a_limit_is_neither_early_nor_late_while_the_clock_is_set(stage: Stage, wall: Callable[[float], float]) -> None:
    """What cannot be told is undone when the time to judge is over, within a judge's pause."""
    stage.judge.outcome = Outcome.INCONCLUSIVE
    done, reached = run(stage, stage.approve(), wall)
    assert done.state is State.ROLLED_BACK
    assert done.reason is not None
    assert done.reason.code == "did_not_help"
    waited = reached[State.RB_INTENT] - reached[State.VERIFYING]
    assert stage.policy.verify_seconds - 0.5 <= waited <= stage.policy.verify_seconds + 6.0


@pytest.mark.parametrize("start", [EVE_OF_LEAP_DAY, END_OF_32_BITS, SUMMER_TIME])
def test_a_special_day_changes_nothing(stage: Stage, start: float) -> None:
    """Leap day, the end of 32 bits, summer time: the same way at the same pace."""
    stage.now = start
    stage.judge.outcome = Outcome.INCONCLUSIVE
    done, reached = run(stage, stage.approve(), lambda steady: steady)
    assert done.state is State.ROLLED_BACK
    assert reached[State.RB_INTENT] - reached[State.VERIFYING] <= stage.policy.verify_seconds + 6.0


@pytest.mark.parametrize("step", [-DAY, -HOUR])
def test_a_clock_set_back_while_the_engine_was_down_lengthens_no_limit(stage: Stage, step: float) -> None:
    """The next engine counts what is on record and what it sees itself, and needs no more than the whole time."""
    stage.judge.outcome = Outcome.INCONCLUSIVE
    done, reached = run(stage, stage.approve(), lambda steady: steady + (step if steady >= 40.0 else 0.0), 40.0)
    assert done.state is State.ROLLED_BACK
    assert 40.0 - reached[State.VERIFYING] > 5.0, "the engine was to die while it judges"
    assert reached[State.RB_INTENT] - 40.0 <= stage.policy.verify_seconds + 6.0


def test_the_time_an_engine_was_down_counts(stage: Stage) -> None:
    """The clock went on by an hour, as far as the next engine can tell: the dead man is due, the old value comes back."""
    stage.judge.outcome = Outcome.INCONCLUSIVE
    done, reached = run(stage, stage.approve(), lambda steady: steady + (HOUR if steady >= 40.0 else 0.0), 40.0)
    assert done.state is State.ROLLED_BACK
    assert reached[State.RB_INTENT] - 40.0 <= 6.0
    assert stage.workers == 2


@pytest.mark.parametrize("wall", [falling])
def test_the_dead_man_comes_in_time_while_the_clock_is_set(stage: Stage, wall: Callable[[float], float]) -> None:
    """A change whose sixty steps take too long is turned back when its time is over, not earlier and not later."""
    stage.simulated.knobs["workers"] = Knob("workers", 2, 1, 64, kind="workers")
    stage.simulated.lag_looks = 28
    stage.policy = replace(stage.policy, max_workers=64)
    _, reached = run(stage, stage.approve(2, 64), wall, until=frozenset({State.RB_INTENT}))
    total = stage.policy.settle_seconds + stage.policy.verify_seconds + DEADMAN_MARGIN_SECONDS
    assert total - 0.5 <= reached[State.RB_INTENT] - reached[State.CLAIMED] <= total + 1.0
