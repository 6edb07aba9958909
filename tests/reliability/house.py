"""A small house for measurements: a real store, the real executor, and a plugin that looks at the record before each effect.

What the plugin stands at is kept in a file, so that another process can go on with it.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from plugin_optimizer.domain import (
    Change,
    Execution,
    Knob,
    Message,
    Outcome,
    Plugin,
    PluginStatus,
    Policies,
    Policy,
    Proposal,
    Risk,
    SuggestionType,
    Value,
)
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint
from tests.execute.test_executor import GOAL, ToldJudge, sight

ORDERS = Plugin("orders", "simulated")
POLICY = Policy(settle_seconds=10.0, verify_seconds=60.0, max_workers=64, cooldown_seconds=0.0)
HOUR_SECONDS = 3_600.0
BEFORE = 2
TICK_SECONDS = 0.25


@dataclass(slots=True)
class WatchedTouchpoint(SimulatedTouchpoint):
    """Keeps its value in the file `standing`; appends (where to, whether that was on record) to `effects`."""

    database: Path = field(kw_only=True)
    standing: Path = field(kw_only=True)
    effects: list[tuple[Value, bool]] = field(default_factory=list)

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        self.effects.append((to, announced(self.database, to)))
        SimulatedTouchpoint.turn(self, plugin, knob, to)
        self._alive(plugin).look()
        self.standing.write_text(str(self.value))

    @property
    def value(self) -> Value:
        return self.plugins["orders"].knobs["workers"].value

    @property
    def unannounced(self) -> int:
        return sum(not on_record for _, on_record in self.effects)


def watched(database: Path, standing: Path) -> WatchedTouchpoint:
    """Return the plugin as `standing` says, or as on its first day."""
    value = int(standing.read_text()) if standing.exists() else BEFORE
    simulated = SimulatedPlugin(ORDERS, {"workers": Knob("workers", value, 1, 64, kind="workers")})
    return WatchedTouchpoint({"orders": simulated}, database=database, standing=standing)


def announced(database: Path, to: Value) -> bool:
    """Tell whether a step towards `to` is on record, as a stranger reads the file."""
    states = {"applying": "after", "rb_applying": "before"}
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT state, body FROM executions").fetchall()
    found = [(state, json.loads(body)) for state, body in rows if state in states]
    return any(body["step"] is not None and body["change"][states[state]] == to for state, body in found)


def executor_of(
    state: SqlStateStore,
    touchpoint: SimulatedTouchpoint,
    stopped: Callable[[], bool],
    outcome: Outcome = Outcome.BETTER,
    policy: Policy = POLICY,
) -> Executor:
    return Executor(state, {"simulated": touchpoint}, ToldJudge(outcome), lambda: Policies(policy), sight, stopped)


def approve(state: SqlStateStore, after: int, now: float, before: int = BEFORE, key: str = "click") -> Execution:
    """Offer the change and approve it. May be asked again with the same key: the execution is the same."""
    state.save_plugin(ORDERS, PluginStatus.ACTIVE, now)
    title = Message("increase_workers", {"from_workers": before, "to_workers": after})
    change = Change("orders", "workers", before, after, GOAL)
    proposal = Proposal("orders", SuggestionType.INCREASE_WORKERS, title, change, None, Risk.LOW, 0.9)
    suggestion = state.offer(proposal, now, now + HOUR_SECONDS)
    return state.approve(suggestion.id, None, "kim", key, now)[0]


def restarted(touchpoint: WatchedTouchpoint) -> WatchedTouchpoint:
    """Return the plugin as another process would find it."""
    return replace(watched(touchpoint.database, touchpoint.standing), effects=touchpoint.effects)


def whole(database: Path) -> bool:
    """Tell whether SQLite finds the file whole."""
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("PRAGMA integrity_check")] == ["ok"]
