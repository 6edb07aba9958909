"""P27: a disk that is full stops the engine from acting, not from stopping; nothing is lost, and it goes on with room.

Each trial fills the state directory's file system at a random tick of a real execution, leaves up to three blocks, and ticks on.
Every second trial takes the inodes too, every third sets the emergency stop meanwhile, every fourth starts a new engine.
"""

import contextlib
import logging
import random
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import OperationalError

from plugin_optimizer.domain import FINAL, ExecutionState, OptimizerError
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.knowledge.emergency_stop import EmergencyStop

from .house import BEFORE, TICK_SECONDS, WatchedTouchpoint, approve, executor_of, restarted, watched, whole
from .promise import Measured
from .seed import seed
from .small_disk import NotPermitted, SmallDisk, small_disk

GATE, DEEP = 5, 100
AFTER = 5
DISK_BYTES = 1024 * 1024
FULL_TICKS, LATEST_TICKS = 60, 600
PROMISE = "P27 disk full"


@dataclass(slots=True)
class Seen:
    """What came out of the trials."""

    trials: int = 0
    refused_writes: int = 0
    stops: int = 0
    broken: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Trial:
    """One execution on one small disk; `now` is the executor's time."""

    disk: SmallDisk
    number: int
    seen: Seen
    state: SqlStateStore = field(init=False)
    executor: Executor = field(init=False)
    touchpoint: WatchedTouchpoint = field(init=False)
    now: float = 1_000.0

    def __post_init__(self) -> None:
        database = self.disk.path / "state.db"
        self.state = open_state(database)
        self.flag.prepare()
        self.touchpoint = watched(database, self.disk.path.parent / f"standing-{self.number}")
        self.executor = executor_of(self.state, self.touchpoint, self.flag.is_set)

    @property
    def flag(self) -> EmergencyStop:
        return EmergencyStop.of(self.disk.path)

    def tick(self, count: int) -> None:
        for _ in range(count):
            self.now += TICK_SECONDS
            with contextlib.suppress(OptimizerError, OperationalError):  # the runner logs it, and the loop goes on
                self.executor.tick(self.now)

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.seen.broken.append(f"trial {self.number}: {what}")


def measure(deep: bool) -> list[Measured]:
    trials, seen, chance = DEEP if deep else GATE, Seen(), random.Random(seed())
    quiet = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # refused writes are meant here
    try:
        with tempfile.TemporaryDirectory() as name:
            for number in range(trials):
                with small_disk(Path(name) / str(number), DISK_BYTES) as disk:
                    _trial(Trial(disk, number, seen), chance)
                seen.trials += 1
    except NotPermitted:
        return [Measured(PROMISE, "the state directory fills up", "not measured: needs root", "0 broken", False)]
    finally:
        logging.disable(quiet)
    figure = f"{len(seen.broken)} broken of {seen.trials} fills" + "".join(f"; {what}" for what in seen.broken[:3])
    what = (
        f"the state directory fills up ({seen.stops} emergency stops meanwhile, {seen.refused_writes} writes refused)"
    )
    return [Measured(PROMISE, what, figure, "0 broken", not seen.broken and seen.refused_writes > 0)]


def _trial(trial: Trial, chance: random.Random) -> None:
    execution = approve(trial.state, AFTER, trial.now)
    trial.tick(chance.randrange(1, 60))
    trial.disk.fill(chance.choice((0, 4096, 8192, 12288)))
    if trial.number % 2:
        trial.disk.fill_inodes()
    trial.tick(chance.randrange(1, 8))
    stopping = trial.number % 3 == 0
    effects = len(trial.touchpoint.effects)
    if stopping:
        _stop(trial)
    if trial.number % 4 == 0:
        _restart(trial)
    trial.tick(FULL_TICKS)
    _refuses(trial)
    trial.disk.free()
    trial.tick(LATEST_TICKS)
    if stopping:
        trial.expect(all(to == BEFORE for to, _ in trial.touchpoint.effects[effects:]), "an effect after the stop")
    _reckon(trial, execution.id, stopping)
    trial.state.close()


def _stop(trial: Trial) -> None:
    trial.seen.stops += 1
    stop = trial.flag.set("kim", "the disk is full", trial.now)
    trial.expect(trial.flag.is_set() and stop.actor == "kim", "the emergency stop did not latch with its words")


def _restart(trial: Trial) -> None:
    """Let a new engine begin while the disk is full; it may be refused, then the old one stands for its next try."""
    with contextlib.suppress(OptimizerError, OperationalError):
        again = open_state(trial.disk.path / "state.db")
        trial.state.close()
        trial.state, trial.touchpoint = again, restarted(trial.touchpoint)
        trial.executor = executor_of(trial.state, trial.touchpoint, trial.flag.is_set)


def _refuses(trial: Trial) -> None:
    """A write that was answered must be there; one that was refused must say so."""
    before = trial.state.version()
    try:
        trial.state.save_policy("orders", {"max_workers": 64}, "kim", trial.now)
        acknowledged = 1
    except OperationalError:
        acknowledged = 0
        trial.seen.refused_writes += 1
    trial.expect(trial.state.version() - before == acknowledged, "a write was not what was answered")


def _reckon(trial: Trial, execution_id: str, stopping: bool) -> None:
    execution = trial.state.execution(execution_id)
    trial.expect(execution.state in FINAL, f"it stays {execution.state}")
    value = trial.touchpoint.value
    trial.expect(value == (AFTER if execution.state is ExecutionState.SUCCEEDED else BEFORE), f"it stands at {value}")
    trial.expect(stopping or execution.state is ExecutionState.SUCCEEDED, f"it ended {execution.state}")
    trial.expect(trial.touchpoint.unannounced == 0, "an effect that was not on record")
    trial.expect(whole(trial.disk.path / "state.db"), "the database is not whole")
    try:
        trial.state.verify_audit()
    except OptimizerError as error:
        trial.expect(False, str(error))
