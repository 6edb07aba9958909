"""One life of an engine in a process of its own: the product's parts, wired as in production, and one fault to meet."""

import logging
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from plugin_optimizer.bootstrap import HostLoop, System, make_loop
from plugin_optimizer.config import Config, Engine, Statsd
from plugin_optimizer.contracts import Observation, Touchpoint
from plugin_optimizer.domain import (
    FINAL,
    Execution,
    ExecutionState,
    Goal,
    Metric,
    Outcome,
    Policies,
    Policy,
    Pool,
    Verdict,
    Window,
)
from plugin_optimizer.execute import crashpoints
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.execute.sight import Sight
from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.knowledge.emergency_stop import EmergencyStop
from plugin_optimizer.knowledge.state.database import sqlite_database

from .case import COURSES, PLUGIN_ID, SLEEP_SECONDS, Case, Room
from .ledger import Ledger
from .targets import target_of
from .watched import Acting, Watched

log = logging.getLogger(__name__)
POLICY = Policy(settle_seconds=0.2, verify_seconds=30.0, max_workers=12, cooldown_seconds=0.0)
TICK_SECONDS = 0.25  # the runner's; right after a change of state the next tick follows at once
QUICK_SECONDS = 0.02


class NotingStore(SqlStateStore):
    """The product's store; remembers which record this process wrote last, which is the one it acts upon."""

    written: Execution | None = None
    writes: int = 0

    def advance(self, execution: Execution, previous: ExecutionState, actor: str, at: float) -> Execution:
        self.writes += 1
        self.written = super().advance(execution, previous, actor, at)
        return self.written


class InjectedFault(RuntimeError):
    """An ordinary error at a place where nobody expects one."""


@dataclass(slots=True)
class Striker:
    """Lets the fault of a case happen when its point is passed."""

    case: Case
    room: Room
    store: NotingStore
    passed: dict[str, int] = field(default_factory=dict)

    def __call__(self, point: str) -> None:
        self.passed[point] = self.passed.get(point, 0) + 1
        due = point == self.case.point and self.passed[point] >= self.case.hit
        if due and len(self.room.struck()) < self.case.strikes:
            self.room.strike(point, self.case.mode)
            FAULTS[self.case.mode](self.store)


def _raise(store: NotingStore) -> None:
    raise InjectedFault


def _exit(store: NotingStore) -> None:
    os._exit(9)


def _kill(store: NotingStore) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _stop(store: NotingStore) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _sleep(store: NotingStore) -> None:
    time.sleep(SLEEP_SECONDS)


def _drop(store: NotingStore) -> None:
    """Close every connection to the database under the feet of whoever uses it next."""
    pool = store._database._engine.pool
    for record in list(pool._pool.queue):  # type: ignore[attr-defined]
        if record.dbapi_connection is not None:
            record.dbapi_connection.close()


FAULTS: Mapping[str, Callable[[NotingStore], None]] = {
    "raise": _raise, "exit": _exit, "kill": _kill, "stop": _stop, "sleep": _sleep, "drop": _drop,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ToldJudge:
    outcome: Outcome

    def verify(
        self,
        change_goal: Goal,
        plugin_id: str,
        before: Observation,
        after: Observation,
        pools: tuple[Pool, Pool] | None,
    ) -> Verdict:
        return Verdict(self.outcome, change_goal.metric, 0.5, 0.4, 0.6, 2.0, 1.0, 8, 500, "told")


TIMES = 5.0 * np.arange(36, dtype=np.float64)[::-1]
SEEN = {Metric.UP: np.ones((1, 36), dtype=np.float32), Metric.REQUESTS: np.full((1, 36), 50, dtype=np.float32)}


def sight(execution: Execution, now: float) -> Sight:
    seen = Observation(Window((execution.change.plugin_id,), now - TIMES, 5.0, SEEN))
    return Sight(seen, seen, seen, None)


def recorded(room: Room) -> tuple[int, bool]:
    """Return the fence on record now and whether that is an end, read past everything this process remembers."""
    connection = sqlite3.connect(room.state, timeout=30.0)
    try:
        query = "SELECT fence, state FROM executions WHERE plugin_id = ? ORDER BY created_at DESC LIMIT 1"
        fence, state = connection.execute(query, (PLUGIN_ID,)).fetchone()
        return int(fence), ExecutionState(state) in FINAL
    finally:
        connection.close()


def touchpoint_of(case: Case, room: Room, store: NotingStore, striker: Striker) -> Touchpoint:
    """Return the target of the case."""

    def acting() -> Acting:
        written = store.written
        assert written is not None, "an effect was made that no record of this process announced"
        return Acting(written.id, written.fence, *recorded(room))

    def stop() -> None:
        EmergencyStop.of(room.state.parent).set("kim", "crash run", time.time())

    def before_effect() -> None:
        striker("effect")

    target, trouble = target_of(case.target, room), COURSES[case.course].trouble
    return Watched(target, Ledger(room.ledger), trouble, acting, before_effect, stop)


def config_of(room: Room) -> Config:
    engine = Engine(state_dir=str(room.state.parent), home=str(room.home), discover=False)
    return Config(engine=engine, statsd=Statsd(enabled=False))


def build_loop(case: Case, room: Room) -> tuple[HostLoop, NotingStore, Striker]:
    """Wire an engine as production does; only target, judge and what the judge sees are ours."""
    store = NotingStore(sqlite_database(room.state))
    striker = Striker(case, room, store)
    system = System(config_of(room))
    system._stores._state = store
    touchpoint = touchpoint_of(case, room, store, striker)
    system.touchpoints = {touchpoint.kind: touchpoint}
    loop = make_loop(system, f"engine:{os.getpid()}")
    loop.executor.verifier = ToldJudge(COURSES[case.course].outcome)
    loop.executor.policies = lambda: Policies(POLICY)
    loop.executor.sight = sight
    if case.unfenced:
        loop.executor.actuator = LocalActuator(stopped=system.stopped)
    return loop, store, striker


def live(case: Case, room: Room) -> None:
    """Tick until nothing is open any more."""
    loop, store, striker = build_loop(case, room)
    crashpoints.hook = striker
    while True:
        writes, busy = store.writes, True
        try:
            busy = _tick(case, loop, store)
        except Exception:
            log.exception("the tick failed; the loop goes on")  # as the runner does
        if not busy:
            return
        time.sleep(QUICK_SECONDS if store.writes > writes else TICK_SECONDS)


def _tick(case: Case, loop: HostLoop, store: NotingStore) -> bool:
    """Return whether there is still something to do."""
    if loop.tick():
        return True
    latest = store.executions(limit=1)[0]
    if COURSES[case.course].trouble == "asked" and latest.state is ExecutionState.SUCCEEDED:
        store.ask_rollback(latest.id, "kim", time.time())
        return True
    return False
