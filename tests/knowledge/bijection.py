"""Random lives on a real state, and a witness inside the database of what changed in which transaction.

The witness are triggers: one row for each change of state of a suggestion or an execution (its closing by a person counts as one), and one for each audit entry
about them, each with the version that the state had when the transaction began, which no two transactions share.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from plugin_optimizer.domain import TRANSITIONS, ExecutionState, Message, OptimizerError, SuggestionState
from plugin_optimizer.knowledge import SqlStateStore

from .proposals import HOUR, NOW, proposal

PACE_SECONDS = 30.0  # so that rests and what was offered come to their end within a life
STEP = "json_extract({row}.body, '$.step')"
WATCHED = {
    "suggestions": ("suggestion", "OLD.state <> NEW.state OR OLD.revision <> NEW.revision"),
    "executions": (
        "execution",
        f"OLD.state <> NEW.state OR {STEP.format(row='OLD')} IS NOT {STEP.format(row='NEW')}",
    ),
}
VERSION = "(SELECT version FROM head)"
Change = tuple[int, str, str]  # the transaction, what happened (`execution.claimed`), and to whom


def install_witness(state: SqlStateStore) -> None:
    statements = ["CREATE TABLE witness (who TEXT, version INTEGER, what TEXT, subject TEXT)"]
    for table, (kind, when) in WATCHED.items():
        seen = f"INSERT INTO witness VALUES ('table', {VERSION}, '{kind}.' || NEW.state, NEW.id)"
        statements.append(f"CREATE TRIGGER w_{table}_new AFTER INSERT ON {table} BEGIN {seen}; END")
        statements.append(f"CREATE TRIGGER w_{table}_moved AFTER UPDATE ON {table} WHEN {when} BEGIN {seen}; END")
    closed = "OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL"
    seen = f"INSERT INTO witness VALUES ('table', {VERSION}, 'execution.closed', NEW.id)"
    statements.append(f"CREATE TRIGGER w_closed AFTER UPDATE ON executions WHEN {closed} BEGIN {seen}; END")
    about = "NEW.action LIKE 'suggestion.%' OR NEW.action LIKE 'execution.%'"
    entry = f"INSERT INTO witness VALUES ('audit', {VERSION}, NEW.action, NEW.subject)"
    statements.append(f"CREATE TRIGGER w_audit AFTER INSERT ON audit WHEN {about} BEGIN {entry}; END")
    with state._database.writing() as write:
        for statement in statements:
            write.connection.exec_driver_sql(statement)


def witnessed(state: SqlStateStore) -> tuple[Counter[Change], Counter[Change]]:
    """Return the changes of the tables, and those that the audit tells of."""
    told: dict[str, Counter[Change]] = {"table": Counter(), "audit": Counter()}
    with state._database.reading() as connection:
        for who, version, what, subject in connection.exec_driver_sql("SELECT * FROM witness"):
            told[who][version, what, subject] += 1
    return told["table"], told["audit"]


def live(state: SqlStateStore, steps: int, chance: random.Random) -> int:
    """Do so many random things, allowed and forbidden ones; return how many were refused."""
    deeds: tuple[Callable[[SqlStateStore, random.Random, float], object], ...] = (
        _offer, _offer, _approve, _approve, _move, _move, _move, _move, _dismiss, _undo_dismiss, _roll_back, _withdraw,
        _close, _snooze, _wake,
    )  # fmt: skip
    refused = 0
    for number in range(steps):
        try:
            chance.choice(deeds)(state, chance, NOW + PACE_SECONDS * number)
        except (OptimizerError, IndexError):
            refused += 1
    return refused


def _offer(state: SqlStateStore, chance: random.Random, at: float) -> object:
    made = proposal(f"p{chance.randrange(5)}")
    if chance.random() < 0.5 and made.change is not None:
        made = replace(made, change=replace(made.change, after=chance.randrange(1, 9)))
    return state.offer(made, at, at + HOUR)


def _some_suggestion(state: SqlStateStore, chance: random.Random) -> str:
    return chance.choice(state.suggestions(limit=12)).id


def _approve(state: SqlStateStore, chance: random.Random, at: float) -> object:
    key = f"k{chance.randrange(20)}" if chance.random() < 0.5 else None
    return state.approve(_some_suggestion(state, chance), None, "ann", key, at)


def _dismiss(state: SqlStateStore, chance: random.Random, at: float) -> object:
    return state.dismiss(_some_suggestion(state, chance), "not now", "ann", at)


def _undo_dismiss(state: SqlStateStore, chance: random.Random, at: float) -> object:
    return state.undo_dismiss(_some_suggestion(state, chance), "ann", at)


def _snooze(state: SqlStateStore, chance: random.Random, at: float) -> object:
    return state.snooze(_some_suggestion(state, chance), at + HOUR, 0.25, "not now", "ann", at)


def _wake(state: SqlStateStore, chance: random.Random, at: float) -> object:
    snoozed = state.suggestions(state=SuggestionState.SNOOZED)
    asked = chance.choice(snoozed).id if snoozed and chance.random() < 0.8 else _some_suggestion(state, chance)
    return state.wake(asked, chance.choice(["ann", "engine"]), at)


def _withdraw(state: SqlStateStore, chance: random.Random, at: float) -> object:
    way = chance.choice([SuggestionState.EXPIRED, SuggestionState.SUPERSEDED])
    return state.withdraw(_some_suggestion(state, chance), way, Message("gone", {}), at)


def _roll_back(state: SqlStateStore, chance: random.Random, at: float) -> object:
    return state.ask_rollback(chance.choice(state.executions(limit=12)).id, "ann", at)


def _close(state: SqlStateStore, chance: random.Random, at: float) -> object:
    needing = [e for e in state.executions(limit=500) if e.state is ExecutionState.NEEDS_OPERATOR]
    execution = chance.choice(needing if chance.random() < 0.7 else state.executions(limit=12))
    key = f"c{chance.randrange(20)}" if chance.random() < 0.5 else None
    return state.close_execution(execution.id, "ann", "as meant", 3, key, at)


def _move(state: SqlStateStore, chance: random.Random, at: float) -> object:
    """Claim, or advance to a state that may follow, or to any."""
    execution = chance.choice(state.executions(open_only=True))
    if execution.state is ExecutionState.QUEUED:
        return state.claim(execution.id, "engine", at, at + HOUR)
    allowed = sorted(TRANSITIONS[execution.state])
    following = chance.choice(allowed if chance.random() < 0.95 else list(ExecutionState))
    return state.advance(replace(execution, state=following), execution.state, "engine", at)
