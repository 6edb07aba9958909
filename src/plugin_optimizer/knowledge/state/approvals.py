"""Turning an approved suggestion into exactly one execution."""

import hashlib
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy.engine import Connection

from ...domain import Change, Conflict, Execution, ExecutionState, Risk, Stale, Suggestion, SuggestionState
from ..identifiers import new_id
from ..values import canonical
from . import execution_rows
from .database import Transaction
from .execution_rows import execution_of, in_flight_of
from .records import Records
from .request_keys import known, remember
from .suggestion_rows import audit_state, store, suggestion_of

State = SuggestionState

CLOSED = {
    State.DISMISSED: "it was dismissed; undo that first",
    State.SNOOZED: "it was snoozed; wake it first",
    State.SUPERSEDED: "another suggestion took its place",
    State.EXPIRED: "its time is over; what it was computed from is too old",
    State.QUARANTINED: "it was rolled back lately and rests",
}


class Approvals(Records):
    def approve(
        self, suggestion_id: str, revision: int | None, actor: str, key: str | None, at: float
    ) -> tuple[Execution, bool]:
        """Claim an open suggestion and queue its execution; return it, and whether this call made it.

        The codes of Conflict: `dismissed`, `snoozed`, `superseded`, `expired`, `quarantined`, `advice_only`, `in_flight`,
        `revision_required` (a change of high risk), `key_reused` (the same actor used the key for another request).
        """
        with self._database.writing() as write:
            request = _request(suggestion_id, revision)
            earlier = _answered(write.connection, request, actor, key)
            suggestion = suggestion_of(write.connection, suggestion_id)
            if earlier is None and suggestion.state in {State.CLAIMED, State.EXECUTED}:
                earlier = suggestion.execution_id
            if earlier is not None:
                first = execution_of(write.connection, earlier)
                remember(write, first, request.digest, actor, key, at)
                return first, False
            change = _approvable(write.connection, suggestion, revision, at)
            execution = _queue(write, suggestion, change, actor, at)
            remember(write, execution, request.digest, actor, key, at)
            return execution, True


class Request(NamedTuple):
    """What was asked for: by its digest a key knows its own request again."""

    suggestion_id: str
    digest: str


def _request(suggestion_id: str, revision: int | None) -> Request:
    return Request(suggestion_id, hashlib.sha256(canonical([suggestion_id, revision]).encode()).hexdigest())


def _answered(connection: Connection, request: Request, actor: str, key: str | None) -> str | None:
    row = None if key is None else known(connection, actor, key)
    if row is None:
        return None
    if row.suggestion_id != request.suggestion_id:
        raise Conflict(
            f"this key approved {row.suggestion_id}; use a new one for {request.suggestion_id}", "key_reused"
        )
    if row.request not in {None, request.digest}:
        raise Conflict(
            f"this key came with another revision of {row.suggestion_id}; repeat that request as it was, or use a new key",
            "key_reused",
        )
    execution_id: str = row.execution_id
    return execution_id


def _approvable(connection: Connection, suggestion: Suggestion, revision: int | None, at: float) -> Change:
    """Return the change that may be made now; raise Conflict or Stale saying why not."""
    change = suggestion.proposal.change
    if suggestion.state is not State.OPEN:
        raise Conflict(f"{suggestion.id} cannot be approved: {CLOSED[suggestion.state]}", suggestion.state.value)
    if at >= suggestion.expires_at:
        raise Conflict(f"{suggestion.id} cannot be approved: {CLOSED[State.EXPIRED]}", "expired")
    if change is None:
        raise Conflict(f"{suggestion.id} is advice: there is nothing to turn", "advice_only")
    if revision is None and suggestion.proposal.risk is Risk.HIGH:
        raise Conflict(
            f"{suggestion.id} is of high risk: send the revision you have read; it is {suggestion.revision} now",
            "revision_required",
        )
    if revision is not None and revision != suggestion.revision:
        raise Stale(f"{suggestion.id} has revision {suggestion.revision} by now, not {revision}; read it again")
    other = in_flight_of(connection, suggestion.proposal.plugin_id)
    if other is not None:
        raise Conflict(
            f"{other} is still changing {suggestion.proposal.plugin_id}; approve when it is over", "in_flight"
        )
    return change


def _queue(write: Transaction, suggestion: Suggestion, change: Change, actor: str, at: float) -> Execution:
    execution = Execution(
        id=new_id("ex", at),
        suggestion_id=suggestion.id,
        suggestion_type=suggestion.proposal.type,
        description=suggestion.proposal.title,
        change=change,
        state=ExecutionState.QUEUED,
        fence=execution_rows.next_fence(write.connection, change.plugin_id, at),
        approved_by=actor,
        created_at=at,
        updated_at=at,
    )
    claimed = replace(suggestion, state=State.CLAIMED, execution_id=execution.id, updated_at=at)
    store(write, claimed)
    audit_state(write, claimed, actor, at, execution_id=execution.id)
    execution_rows.create(write, execution, suggestion.proposal.fingerprint)
    return execution
