"""Executions as rows: reading them, and writing a new state with its step, its audit row and its suggestion."""

from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.engine import Connection, Row

from ...domain import FINAL, Execution, ExecutionState, Message, Stale, SuggestionState
from ..values import decode, encode
from .database import Transaction
from .records import found
from .schema import IN_FLIGHT, executions, steps, suggestions
from .suggestion_rows import ENGINE

State = ExecutionState
BEFORE_ANY_EFFECT = frozenset({State.QUEUED, State.CLAIMED, State.INTENT})
HAS_TAKEN_EFFECT = frozenset({State.APPLIED, State.SETTLING, State.VERIFYING, State.COMPARING, State.SUCCEEDED})


def execution_from(row: "Row[Any]") -> Execution:
    return decode(row.body, Execution)


def execution_of(connection: Connection, execution_id: str) -> Execution:
    """Return one execution; raises NotFound."""
    return execution_from(found(connection, executions, execution_id))


OF_PLUGIN = executions.c.plugin_id == bindparam("plugin_id")
UNDER_WAY = select(executions.c.id).where(OF_PLUGIN, IN_FLIGHT)
HIGHEST_FENCE = select(func.max(executions.c.fence)).where(OF_PLUGIN)


def in_flight_of(connection: Connection, plugin_id: str) -> str | None:
    """Return the id of the plugin's execution that is under way."""
    found_id: str | None = connection.execute(UNDER_WAY, {"plugin_id": plugin_id}).scalar()
    return found_id


def next_fence(connection: Connection, plugin_id: str, at: float) -> int:
    """Return a fence no lower than any of the plugin before, and than the second it is made in.

    It goes on growing from one execution to the next, and when an earlier one is taken up again. What acted for executions
    that have been forgotten since, or for a state that was lost, is remembered elsewhere (`execute/fences.py`): the
    time is above that as well.
    """
    highest = connection.execute(HIGHEST_FENCE, {"plugin_id": plugin_id}).scalar()
    return max(int(highest or 0), int(at))


NEW_EXECUTION = insert(executions)
CHANGED = update(executions).where(executions.c.id == bindparam("present_id"))
MOVED_ON = CHANGED.where(
    executions.c.state == bindparam("present_state"), executions.c.fence == bindparam("present_fence")
)


def create(write: Transaction, execution: Execution, fingerprint: str) -> None:
    """Insert a queued execution, its first step and its audit row."""
    write.execute(
        NEW_EXECUTION,
        {
            "id": execution.id,
            "suggestion_id": execution.suggestion_id,
            "fingerprint": fingerprint,
            "plugin_id": execution.change.plugin_id,
            "knob": execution.change.knob,
            "created_at": execution.created_at,
            "suggestion_type": execution.suggestion_type.value,
            "approved_by": execution.approved_by,
            **_changing(execution),
        },
    )
    _note(write, execution, execution.approved_by)


def store(write: Transaction, after: Execution, before: Execution, actor: str) -> Execution:
    """Write `after` over `before`, compared by state and fence; raises Stale if the row is another by now.

    What is moved on is closed no longer: if it comes to a person again, somebody has to look again.
    """
    final = after.state in FINAL
    after = replace(after, finished_at=(after.finished_at or after.updated_at) if final else None, closing=None)
    present = {"present_id": before.id, "present_state": before.state.value, "present_fence": before.fence}
    written = write.execute(MOVED_ON, {**present, **_changing(after)})
    if written.rowcount != 1:
        raise Stale(f"execution {before.id} moved on")
    if (after.state, after.step) != (before.state, before.step):
        _note(write, after, actor)
    _follow(write, after, before)
    return after


def rewrite(write: Transaction, closed: Execution, actor: str, at: float, said: Message) -> None:
    """Write the closing of an execution whose state stays, with its line in the course and its audit row."""
    write.execute(CHANGED, {"present_id": closed.id, **_changing(closed)})
    _line(write, closed, at, actor, said)
    write.audit(
        at, actor, "execution.closed", closed.id, suggestion_id=closed.suggestion_id, fence=closed.fence,
        change=closed.change, closing=closed.closing,
    )  # fmt: skip


NEW_LINE = insert(steps)


def _line(write: Transaction, execution: Execution, at: float, actor: str, said: Message | None) -> None:
    words = None if said is None else encode(said)
    line = {"execution_id": execution.id, "state": execution.state.value, "at": at, "actor": actor, "reason": words}
    write.execute(NEW_LINE, line)


def _note(write: Transaction, execution: Execution, actor: str) -> None:
    reason = execution.reason
    _line(write, execution, execution.updated_at, actor, reason)
    write.audit(
        execution.updated_at,
        actor,
        f"execution.{execution.state}",
        execution.id,
        suggestion_id=execution.suggestion_id,
        fence=execution.fence,
        change=execution.change,
        step=execution.step,
        reason=reason,
    )


FOLLOWING = update(suggestions).where(suggestions.c.id == bindparam("present_id"))
HAS_BEEN_EXECUTED = FOLLOWING.where(~suggestions.c.executed)
HAS_ENDED = FOLLOWING.where(suggestions.c.state != bindparam("other_than"))


def _follow(write: Transaction, after: Execution, before: Execution) -> None:
    """Let the suggestion follow: executed at the end, expired if it ended before any effect."""
    present = {"present_id": after.suggestion_id}
    if _took_effect(after) and not _took_effect(before):
        write.execute(HAS_BEEN_EXECUTED, {**present, "executed": True})
    state = _suggestion_state(after, before)
    if state is None:
        return
    executed = state is SuggestionState.EXECUTED
    changed = {"state": state.value, "executed": executed, "updated_at": after.updated_at}
    if write.execute(HAS_ENDED, {**present, "other_than": state.value, **changed}).rowcount:
        write.audit(after.updated_at, ENGINE, f"suggestion.{state}", after.suggestion_id, execution_id=after.id)


def _took_effect(execution: Execution) -> bool:
    return execution.applied_at is not None or execution.state in HAS_TAKEN_EFFECT


def _suggestion_state(after: Execution, before: Execution) -> SuggestionState | None:
    if after.state in {State.ABORTED, State.CANCELLED} and before.state in BEFORE_ANY_EFFECT:
        return SuggestionState.EXPIRED
    return SuggestionState.EXECUTED if after.state in FINAL else None


def _changing(execution: Execution) -> dict[str, object]:
    return {
        "state": execution.state.value,
        "fence": execution.fence,
        "finished_at": execution.finished_at,
        "closed_at": None if execution.closing is None else execution.closing.at,
        "body": encode(execution),
    }
