"""P17: from the emergency stop to the last forward effect, with the runner's own threads; also when everything else fails.

Each trial stops at a random moment of a change of many steps. A third of the trials first makes the database a thing that
nobody can read, a third fills the disk (as far as one may be mounted). Whether the stop is the way back is for a database that
answers; what matters here is that nothing goes forward.
"""

import logging
import random
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from plugin_optimizer.domain import Knob, Plugin, Value
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.knowledge.emergency_stop import EmergencyStop
from plugin_optimizer.runner import TICK_SECONDS, Runner
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from .house import BEFORE, ORDERS, approve, executor_of
from .promise import Measured
from .seed import seed
from .small_disk import NotPermitted, SmallDisk, small_disk

GATE, DEEP, AT_ONCE = 20, 200, 5
AFTER = 60
LATEST_SECONDS, WATCHED_SECONDS, PATIENCE_SECONDS = 1.0, 2.5, 60.0
DISK_BYTES = 1024 * 1024
LIMITS_SECONDS = (120.0, 600.0)
KINDS = ("all is well", "the database unreadable", "the disk full")


@dataclass(slots=True)
class Timed(SimulatedTouchpoint):
    """Remembers when each forward effect was asked for."""

    forward: list[float] = field(default_factory=list)

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        if to == AFTER:
            self.forward.append(time.monotonic())
        SimulatedTouchpoint.turn(self, plugin, knob, to)


@dataclass(slots=True)
class Ticking:
    """A loop of executions only."""

    executor: Executor

    def turn(self) -> None: ...
    def trim(self) -> None: ...
    def close(self) -> None: ...
    def tick(self) -> int:
        return self.executor.tick(time.time(), time.monotonic())


@dataclass(frozen=True, slots=True)
class Stopped:
    """One trial: seconds from the stop to the last forward effect (below 0: before it), and whether it stays latched."""

    kind: str
    latest_seconds: float
    latched: bool


def measure(deep: bool) -> list[Measured]:
    trials, chance = DEEP if deep else GATE, random.Random(seed())
    delays = [chance.random() * 4 * TICK_SECONDS for _ in range(trials)]
    kinds = _possible_kinds()
    quiet = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # an engine without its database complains at every tick
    try:
        with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(AT_ONCE) as pool:
            begun = [
                pool.submit(_trial, Path(name) / str(number), kinds[number % len(kinds)], delay)
                for number, delay in enumerate(delays)
            ]
            seen = [one.result() for one in begun]
    finally:
        logging.disable(quiet)
    return [_told(kind, [one for one in seen if one.kind == kind]) for kind in KINDS]


def _told(kind: str, seen: list[Stopped]) -> Measured:
    what, target = f"last effect after the stop, {kind}", f"<= {LATEST_SECONDS:g} s, latched"
    if not seen:
        return Measured("P17 emergency stop", what, "not measured: needs root", target, False)
    latest = max(one.latest_seconds for one in seen)
    latched = sum(one.latched for one in seen)
    figure = f"{max(latest, 0.0):.3f} s at most, {latched} of {len(seen)} latched"
    return Measured("P17 emergency stop", what, figure, target, latest <= LATEST_SECONDS and latched == len(seen))


def _possible_kinds() -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as name:
        try:
            with small_disk(Path(name) / "disk", DISK_BYTES):
                return KINDS
        except NotPermitted:
            return KINDS[:2]


def _trial(directory: Path, kind: str, delay_seconds: float) -> Stopped:
    with ExitStack() as stack:
        disk = None
        if kind == KINDS[2]:
            disk = stack.enter_context(small_disk(directory, DISK_BYTES))
        else:
            directory.mkdir()
        state = open_state(directory / "state.db")
        stack.callback(state.close)
        return _stop_one(directory, state, kind, disk, delay_seconds)


def _stop_one(
    directory: Path, state: SqlStateStore, kind: str, disk: SmallDisk | None, delay_seconds: float
) -> Stopped:
    knob = Knob("workers", BEFORE, 1, 64, kind="workers")
    touchpoint, flag = Timed({"orders": SimulatedPlugin(ORDERS, {"workers": knob})}), EmergencyStop.of(directory)
    flag.prepare()
    approve(state, AFTER, time.time())
    runner = Runner(lambda _: Ticking(executor_of(state, touchpoint, flag.is_set)), directory / "engine.lock", 5.0)
    runner.start()
    try:
        _until(lambda: len(touchpoint.forward) > 0)
        time.sleep(delay_seconds)
        _break(directory, kind, disk)
        clicked = time.monotonic()
        flag.set("kim", "trial", time.time())
        time.sleep(WATCHED_SECONDS)
    finally:
        runner.stop()
    return Stopped(kind, touchpoint.forward[-1] - clicked, flag.read() is not None)


def _break(directory: Path, kind: str, disk: SmallDisk | None) -> None:
    if disk is not None:
        disk.fill()
        disk.fill_inodes()
    elif kind == KINDS[1]:
        (directory / "state.db").write_bytes(b"rubbish" * 10_000)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("the change did not begin")
        time.sleep(0.01)
