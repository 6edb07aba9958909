"""The life of a suggestion apart from offers and approvals: reading, withdrawing, dismissing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import bindparam, func, select

from ...domain import (
    Conflict,
    InvalidValue,
    Message,
    Snooze,
    Suggestion,
    SuggestionState,
    seen_figures,
    severity_of,
)
from .database import Transaction
from .records import Records, page
from .schema import suggestions
from .suggestion_rows import ENGINE, audit_state, open_rivals, store, suggestion_from, suggestion_of

State = SuggestionState
ASKED = {name: suggestions.c[name] == bindparam(name) for name in ("plugin_id", "state", "executed")}

OPEN_OF_EACH = (
    select(suggestions.c.plugin_id, func.count())
    .where(suggestions.c.state == State.OPEN.value)
    .group_by(suggestions.c.plugin_id)
)


class Suggestions(Records):
    def suggestion(self, suggestion_id: str) -> Suggestion:
        """Return one suggestion; raises NotFound."""
        with self._database.reading() as connection:
            return suggestion_of(connection, suggestion_id)

    def suggestions(
        self,
        plugin_id: str | None = None,
        state: SuggestionState | None = None,
        executed: bool | None = None,
        limit: int = 500,
        after: str | None = None,
    ) -> Sequence[Suggestion]:
        """Return newest first. `executed`: whether its change has been applied, even if it was undone later."""
        asked = {"plugin_id": plugin_id, "state": None if state is None else state.value, "executed": executed}
        wanted = tuple(ASKED[name] for name, value in asked.items() if value is not None)
        with self._database.reading() as connection:
            return [suggestion_from(row) for row in page(connection, suggestions, wanted, asked, limit, after)]

    def count_open_suggestions(self) -> Mapping[str, int]:
        """Return how many open suggestions each plugin has; who has none is left out."""
        with self._database.reading() as connection:
            return {name: int(number) for name, number in connection.execute(OPEN_OF_EACH)}

    def withdraw(self, suggestion_id: str, state: SuggestionState, reason: Message, at: float) -> None:
        """Move an open or snoozed suggestion to superseded or expired; does nothing if it is neither."""
        if state not in {State.SUPERSEDED, State.EXPIRED}:
            raise InvalidValue(f"a suggestion is withdrawn as superseded or expired, not as {state}")
        with self._database.writing() as write:
            present = suggestion_of(write.connection, suggestion_id)
            if present.state in {State.OPEN, State.SNOOZED}:
                withdrawn = store(write, replace(present, state=state, updated_at=at, snooze=None))
                audit_state(write, withdrawn, ENGINE, at, reason=reason)

    def dismiss(self, suggestion_id: str, reason: str, actor: str, at: float) -> Suggestion:
        """Set a suggestion that is open or snoozed aside; it is not offered again until that is undone. Again: no effect."""
        with self._database.writing() as write:
            present = suggestion_of(write.connection, suggestion_id)
            if present.state is State.DISMISSED:
                return present
            if present.state is not State.SNOOZED:
                _require(present, State.OPEN, "dismissed")
            dismissed = replace(present, state=State.DISMISSED, dismissed_reason=reason, updated_at=at, snooze=None)
            audit_state(write, dismissed, actor, at, reason=reason)
            return store(write, dismissed)

    def undo_dismiss(self, suggestion_id: str, actor: str, at: float) -> Suggestion:
        """Open a dismissed suggestion again; one that is past its time becomes expired, so that it can be offered anew.

        It becomes superseded where an open one turns the same knob in another direction by now.
        """
        with self._database.writing() as write:
            present = suggestion_of(write.connection, suggestion_id)
            if present.state is State.OPEN:
                return present
            _require(present, State.DISMISSED, "opened again")
            return _open_again(write, present, actor, at, undone="dismissed")

    def snooze(
        self, suggestion_id: str, until: float, worse_by: float, reason: str, actor: str, at: float
    ) -> Suggestion:
        """Let an open suggestion wait until then, or until it is worse by that share. Again: the first word stands."""
        with self._database.writing() as write:
            present = suggestion_of(write.connection, suggestion_id)
            if present.state is State.SNOOZED:
                return present
            _require(present, State.OPEN, "snoozed")
            proposal = present.proposal
            said = Snooze(at, actor, reason, until, worse_by, severity_of(proposal), seen_figures(proposal))
            snoozed = replace(present, state=State.SNOOZED, snooze=said, updated_at=at)
            audit_state(write, snoozed, actor, at, until=until, worse_by=worse_by, reason=reason)
            return store(write, snoozed)

    def wake(self, suggestion_id: str, actor: str, at: float, why: Message | None = None) -> Suggestion:
        """Open a snoozed suggestion again, as after a dismissal that is undone; one that is open stays so."""
        with self._database.writing() as write:
            present = suggestion_of(write.connection, suggestion_id)
            if present.state is State.OPEN:
                return present
            _require(present, State.SNOOZED, "woken")
            return _open_again(write, present, actor, at, undone="snoozed", why=why)


def _open_again(write: Transaction, present: Suggestion, actor: str, at: float, **detail: object) -> Suggestion:
    state = State.OPEN
    if at >= present.expires_at:
        state = State.EXPIRED
    elif open_rivals(write.connection, present.proposal):
        state = State.SUPERSEDED
    opened = replace(present, state=state, dismissed_reason=None, snooze=None, updated_at=at)
    audit_state(write, opened, actor, at, **detail)
    return store(write, opened)


def _require(suggestion: Suggestion, state: SuggestionState, what: str) -> None:
    if suggestion.state is not state:
        raise Conflict(
            f"only a suggestion that is {state} can be {what}; this one is {suggestion.state}", suggestion.state
        )
