"""Suggestions as rows: reading them, opening a new one, changing one."""

from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection, Row

from ...domain import FINAL, Proposal, Snooze, Suggestion, SuggestionState
from ..identifiers import new_id
from ..values import decode, encode
from .database import Transaction
from .records import found
from .schema import IN_FLIGHT, executions, suggestions

ENGINE = "engine"
FINAL_STATES = tuple(state.value for state in FINAL)
_ENDED = {SuggestionState.EXECUTED, SuggestionState.SUPERSEDED, SuggestionState.EXPIRED}
LIVING_STATES = tuple(state.value for state in SuggestionState if state not in _ENDED)


def suggestion_from(row: "Row[Any]") -> Suggestion:
    return Suggestion(
        id=row.id,
        revision=row.revision,
        proposal=decode(row.proposal, Proposal),
        state=SuggestionState(row.state),
        created_at=row.created_at,
        updated_at=row.updated_at,
        expires_at=row.expires_at,
        execution_id=row.execution_id,
        dismissed_reason=row.dismissed_reason,
        snooze=None if row.snooze is None else decode(row.snooze, Snooze),
    )


def suggestion_of(connection: Connection, suggestion_id: str) -> Suggestion:
    """Return one suggestion; raises NotFound."""
    return suggestion_from(found(connection, suggestions, suggestion_id))


LIVING = select(suggestions).where(
    suggestions.c.fingerprint == bindparam("fingerprint"), suggestions.c.state.in_(LIVING_STATES)
)
UNDER_WAY_AGAIN = select(suggestions).where(
    suggestions.c.id.in_(
        select(executions.c.suggestion_id).where(executions.c.fingerprint == bindparam("fingerprint"), IN_FLIGHT)
    )
)


def living_of(connection: Connection, fingerprint: str) -> Suggestion | None:
    """Return the suggestion with this fingerprint that is not over; there is at most one.

    One that was executed counts as not over while its execution is under way again, to be undone.
    """
    asked = {"fingerprint": fingerprint}
    row = connection.execute(LIVING, asked).first() or connection.execute(UNDER_WAY_AGAIN, asked).first()
    return None if row is None else suggestion_from(row)


RIVALS = select(suggestions.c.id).where(
    suggestions.c.plugin_id == bindparam("plugin_id"),
    suggestions.c.knob == bindparam("knob"),
    suggestions.c.direction != bindparam("direction"),
    suggestions.c.state == SuggestionState.OPEN.value,
)


def open_rivals(connection: Connection, proposal: Proposal) -> list[str]:
    """Return the ids of open suggestions that turn the same knob of the same plugin in another direction."""
    if proposal.change is None:
        return []
    change = proposal.change
    turn = {"plugin_id": proposal.plugin_id, "knob": change.knob, "direction": str(change.direction)}
    return list(connection.execute(RIVALS, turn).scalars())


NEW_SUGGESTION = insert(suggestions)
CHANGED = update(suggestions).where(suggestions.c.id == bindparam("present_id"))


def create(write: Transaction, proposal: Proposal, at: float, expires_at: float, state: SuggestionState) -> Suggestion:
    """Insert a suggestion with a new id and revision 1."""
    created = Suggestion(new_id("sg", at), 1, proposal, state, at, at, expires_at)
    write.execute(
        NEW_SUGGESTION,
        {
            "id": created.id,
            "fingerprint": proposal.fingerprint,
            "plugin_id": proposal.plugin_id,
            "knob": proposal.change.knob if proposal.change else "",
            "direction": str(proposal.change.direction) if proposal.change else "",
            "created_at": at,
            "executed": False,
            **_changing(created),
        },
    )
    return created


def store(write: Transaction, changed: Suggestion) -> Suggestion:
    """Write what may change of a suggestion: everything but identity, fingerprint and birth."""
    write.execute(CHANGED, {"present_id": changed.id, **_changing(changed)})
    return changed


def audit_state(write: Transaction, suggestion: Suggestion, actor: str, at: float, **detail: object) -> None:
    """Leave the audit row of a suggestion's new state."""
    write.audit(at, actor, f"suggestion.{suggestion.state}", suggestion.id, revision=suggestion.revision, **detail)


def _changing(suggestion: Suggestion) -> dict[str, object]:
    return {
        "state": suggestion.state.value,
        "revision": suggestion.revision,
        "proposal": encode(suggestion.proposal),
        "updated_at": suggestion.updated_at,
        "expires_at": suggestion.expires_at,
        "execution_id": suggestion.execution_id,
        "dismissed_reason": suggestion.dismissed_reason,
        "snooze": None if suggestion.snooze is None else encode(suggestion.snooze),
    }
