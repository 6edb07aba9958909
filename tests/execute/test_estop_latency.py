"""From the click to the last effect: measured with the runner's own threads."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from execute.test_executor import ORDERS, Stage, ToldJudge, sight

from plugin_optimizer.domain import ExecutionState, Knob, PluginStatus, Policies, Policy, Value
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.knowledge.emergency_stop import EmergencyStop
from plugin_optimizer.runner import TICK_SECONDS, Runner
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

TRIALS, AT_ONCE = 20, 5
BEFORE, AFTER = 2, 60
LATEST_SECONDS = 1.0


@dataclass(slots=True)
class Timed(SimulatedTouchpoint):
    """Remembers when each effect was asked for, and where it was to lead."""

    ledger: list[tuple[float, Value]] = field(default_factory=list)

    def turn(self, plugin: object, knob: str, to: Value) -> None:
        self.ledger.append((time.monotonic(), to))
        SimulatedTouchpoint.turn(self, plugin, knob, to)  # type: ignore[arg-type]


@dataclass(slots=True)
class Ticking:
    """A loop of executions only."""

    executor: Executor

    def turn(self) -> None: ...
    def trim(self) -> None: ...
    def close(self) -> None: ...
    def tick(self) -> int:
        return self.executor.tick(time.time())


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def trial(directory: Path, number: int) -> tuple[list[float], set[str], Value]:
    """Stop somewhere in the first steps; return how long after the click each forward effect was, the reasons on record, and the value."""
    state = open_state(directory / "state.db")
    state.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(ORDERS, {"workers": Knob("workers", BEFORE, 1, 64, kind="workers")})
    touchpoint, flag = Timed({"orders": simulated}), EmergencyStop.of(directory)
    policies = Policies(Policy(max_workers=64))
    executor = Executor(state, {"simulated": touchpoint}, ToldJudge(), lambda: policies, sight, flag.is_set)
    runner = Runner(lambda _: Ticking(executor), directory / "engine.lock", 5.0)
    execution = Stage(state, simulated, touchpoint, now=time.time()).approve(BEFORE, AFTER)
    runner.start()
    try:
        until(lambda: len(touchpoint.ledger) > number % 4)
        due = time.monotonic() + TICK_SECONDS * number / TRIALS  # every moment between two ticks has its trial
        until(lambda: time.monotonic() >= due)
        clicked = time.monotonic()
        flag.set("kim", "trial", time.time())
        until(lambda: state.execution(execution.id).state is ExecutionState.ROLLED_BACK)
    finally:
        runner.stop()
    reasons = {reason.code for _, _, _, reason in state.steps(execution.id) if reason is not None}
    state.close()
    return [at - clicked for at, to in touchpoint.ledger if to == AFTER], reasons, simulated.knobs["workers"].value


def test_no_new_effect_later_than_a_second_after_the_stop(tmp_path: Path) -> None:
    """Twenty stops in the middle of a change of many steps: the last forward step is at most a second later; all go back."""
    directories = [tmp_path / str(number) for number in range(TRIALS)]
    for directory in directories:
        directory.mkdir()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        trials = list(pool.map(trial, directories, range(TRIALS)))
    latest = [max(forward) for forward, _, _ in trials]
    print(f"last forward effect after the stop: {max(latest):.3f} s at most, of {TRIALS} trials")  # noqa: T201
    assert max(latest) <= LATEST_SECONDS
    assert all("emergency_stop" in reasons for _, reasons, _ in trials)
    assert {value for _, _, value in trials} == {BEFORE}
