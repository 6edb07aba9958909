"""P21: clocks may lie. Nothing is done twice, no limit ends early, none is held up.

Most runs give the executor its time: a clock that jumps by up to an hour every few ticks, on ordinary days, around a leap day,
a change to summer time, and the end of 32 bits. One runs the runner's own threads while libfaketime moves the clock.
"""

import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from plugin_optimizer.domain import FINAL, ExecutionState, Outcome
from plugin_optimizer.knowledge import open_state

from .children.start import command, environment
from .house import BEFORE, POLICY, TICK_SECONDS, approve, executor_of, watched
from .promise import Measured
from .seed import seed

GATE, DEEP = 8, 100
AFTER, STEPS = 5, 3
LIMITS_SECONDS = (180.0, 840.0)
JUDGE_PAUSE_SECONDS = 6.0
LONGEST_SECONDS = 600.0
JUMPS_SECONDS = (-3_600.0, -61.0, -1.0, 1.0, 61.0, 3_600.0)
STARTS = (1_790_000_000.0, 1_835_395_190.0, 1_774_745_990.0, 2_147_483_640.0)  # also leap day, summer time, 2038
LIBRARIES = tuple(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
REAL_VERIFY_SECONDS, CHILD_SECONDS = 8.0, 120.0
PROMISE, TARGET = "P21 clocks", "0 twice, 0 early, 0 late"


@dataclass(slots=True)
class JumpingClock:
    """Wall time that jumps every few looks; true time passes beside it."""

    chance: random.Random
    wall: float
    steady: float = 0.0

    def go_on(self) -> None:
        self.steady += TICK_SECONDS
        self.wall += TICK_SECONDS
        if self.chance.random() < 0.15:
            self.wall += self.chance.choice(JUMPS_SECONDS)


def measure(deep: bool) -> list[Measured]:
    trials, chance = DEEP if deep else GATE, random.Random(seed())
    broken: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(trials):
            directory = Path(name) / str(number)
            directory.mkdir()
            clock = JumpingClock(chance, STARTS[number % len(STARTS)])
            outcome = Outcome.BETTER if number % 2 else Outcome.INCONCLUSIVE
            broken += [f"run {number}: {what}" for what in _run(directory, clock, outcome)]
        figure = f"{len(broken)} broken of {trials}" + "".join(f"; {what}" for what in broken[:3])
        told = Measured(PROMISE, "executions while the clock jumps by up to an hour", figure, TARGET, not broken)
        return [told, _under_faketime(Path(name))]


def _run(directory: Path, clock: JumpingClock, outcome: Outcome) -> list[str]:
    """Return what was wrong with one execution."""
    state = open_state(directory / "state.db")
    touchpoint = watched(directory / "state.db", directory / "standing")
    executor = executor_of(state, touchpoint, lambda: False, outcome)
    execution, seen = approve(state, AFTER, clock.wall), dict[ExecutionState, float]()
    while not seen.keys() & FINAL and clock.steady < LONGEST_SECONDS:
        executor.tick(clock.wall, clock.steady)
        seen.setdefault(state.execution(execution.id).state, clock.steady)
        clock.go_on()
    state.close()
    back = outcome is Outcome.INCONCLUSIVE
    wrong = _wrong_end(seen, back)
    orders = len(touchpoint.effects)
    wrong += [] if orders == (2 * STEPS if back else STEPS) else [f"{orders} steps ordered"]
    return wrong + ([] if touchpoint.value == (BEFORE if back else AFTER) else [f"it stands at {touchpoint.value}"])


def _wrong_end(seen: dict[ExecutionState, float], back: bool) -> list[str]:
    wanted = ExecutionState.ROLLED_BACK if back else ExecutionState.SUCCEEDED
    if wanted not in seen:
        return [f"it went {' '.join(seen)}"]
    if not back:
        return []
    return _wrong_wait(seen[ExecutionState.RB_INTENT] - seen[ExecutionState.VERIFYING], POLICY.verify_seconds, 0.0)


def _wrong_wait(waited_seconds: float, limit_seconds: float, slack_seconds: float) -> list[str]:
    if waited_seconds < limit_seconds - 2 * TICK_SECONDS:
        return [f"undone {limit_seconds - waited_seconds:.1f} s early"]
    if waited_seconds > limit_seconds + JUDGE_PAUSE_SECONDS + slack_seconds:
        return [f"undone {waited_seconds - limit_seconds:.1f} s late"]
    return []


def _under_faketime(directory: Path) -> Measured:
    """Let a real runner be judged by true time while its clock is moved by an hour every second."""
    what = "the runner's threads under libfaketime, an hour forward and back every second"
    if not LIBRARIES:
        return Measured(PROMISE, what, "not measured: needs libfaketime (Debian: faketime)", TARGET, False)
    offset = directory / "offset"
    offset.write_text("+0")
    faked = {"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME_TIMESTAMP_FILE": str(offset)}
    faked |= {"FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    run = command("under_faked_time", directory, REAL_VERIFY_SECONDS)
    with subprocess.Popen(run, env=environment() | faked, stdout=subprocess.PIPE, text=True) as child:
        try:
            jumps = _move_clock(offset, child.poll)
            told = child.communicate(timeout=CHILD_SECONDS)[0]
        finally:
            child.kill()
    wrong = _wrong_lines([line.split() for line in told.splitlines()])
    figure = f"{len(wrong)} broken after {jumps} jumps" + "".join(f"; {one}" for one in wrong)
    return Measured(PROMISE, what, figure, TARGET, not wrong and jumps > 0)


def _move_clock(offset: Path, ended: Callable[[], int | None]) -> int:
    jumps, end = 0, time.monotonic() + CHILD_SECONDS
    while ended() is None and time.monotonic() < end:
        time.sleep(1.0)
        jumps += 1
        new = offset.with_name("offset.new")
        new.write_text("+3600" if jumps % 2 else "-3600")
        new.replace(offset)
    return jumps


def _wrong_lines(lines: list[list[str]]) -> list[str]:
    """Judge what the child saw, each change of state as between two looks of it: these are real threads on a shared machine."""
    seen = {line[0]: float(line[1]) for line in lines}
    if not {"verifying", "rb_intent", "rolled_back", "effects"} <= seen.keys():
        return [f"it went {' '.join(seen)}"]
    walls = [float(line[2]) for line in lines if len(line) == 4]
    if max(walls) - min(walls) < JUMPS_SECONDS[-1] / 2:
        return ["the clock did not move"]
    looked_before = {line[0]: float(line[3]) for line in lines if len(line) == 4}
    wrong = [] if seen["effects"] == 2 * 2 else [f"{seen['effects']:.0f} steps ordered"]
    longest = seen["rb_intent"] - looked_before["verifying"]
    shortest = looked_before["rb_intent"] - seen["verifying"]
    early = [what for what in _wrong_wait(longest, REAL_VERIFY_SECONDS, 10.0) if what.endswith("early")]
    late = [what for what in _wrong_wait(shortest, REAL_VERIFY_SECONDS, 10.0) if what.endswith("late")]
    return wrong + early + late
