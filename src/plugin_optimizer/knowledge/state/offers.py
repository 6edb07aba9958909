"""What becomes of a proposal: a new suggestion, a fresher or a revised one, or nothing while it rests."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import bindparam, select

from ...domain import ExecutionState, Proposal, Suggestion, SuggestionState
from .database import Transaction
from .records import Records
from .schema import executions
from .suggestion_rows import ENGINE, audit_state, create, living_of, open_rivals, store, suggestion_of

FIRST_REST_SECONDS = 600.0
REST_MEMORY_SECONDS = 86_400.0

State = SuggestionState
WAITING = frozenset({State.OPEN, State.SNOOZED})


class Offers(Records):
    """Keeps at most one living suggestion per fingerprint."""

    def offer(self, proposal: Proposal, at: float, expires_at: float) -> Suggestion:
        """Refresh, revise or open the suggestion with this fingerprint; return how it stands now.

        | what there is of it        | what happens                                                      |
        |----------------------------|-------------------------------------------------------------------|
        | open, change and risk same | figures and expiry are refreshed; the revision stays              |
        | open, change or risk other | revised: revision + 1                                             |
        | claimed, dismissed         | nothing                                                           |
        | snoozed                    | as if open, but it stays snoozed                                  |
        | executed, being undone     | nothing                                                           |
        | rolled back lately         | quarantined until its rest is over, then opened, revision + 1     |
        | only what is over, or none | a new one is opened; open rivals (other direction) are superseded |
        """
        with self._database.writing() as write:
            present = living_of(write.connection, proposal.fingerprint)
            if present is not None and _frozen(present, at):
                return present
            rest_until = _rest_until(write, proposal.fingerprint, at)
            if at < rest_until:
                return _quarantine(write, present, proposal, at, rest_until)
            return _deal(present)(write, present, proposal, at, expires_at)


Deal = Callable[[Transaction, Suggestion | None, Proposal, float, float], Suggestion]


def _frozen(present: Suggestion, at: float) -> bool:
    if present.state is State.QUARANTINED:
        return at < present.expires_at
    return present.state not in WAITING


UNDONE = select(executions.c.finished_at).where(
    executions.c.fingerprint == bindparam("fingerprint"),
    executions.c.state == ExecutionState.ROLLED_BACK.value,
    executions.c.finished_at > bindparam("since"),
)


def _rest_until(write: Transaction, fingerprint: str, at: float) -> float:
    """Return the time until which a fingerprint rests: 10 min after its last rollback, doubled by each one before.

    Rollbacks of the last 24 h count. 0 where there was none.
    """
    asked = {"fingerprint": fingerprint, "since": at - REST_MEMORY_SECONDS}
    undone = list(write.connection.execute(UNDONE, asked).scalars())
    return max(undone) + FIRST_REST_SECONDS * 2.0 ** (len(undone) - 1) if undone else 0.0


def _quarantine(
    write: Transaction, present: Suggestion | None, proposal: Proposal, at: float, rest_until: float
) -> Suggestion:
    if present is not None:
        resting = replace(
            present, state=State.QUARANTINED, proposal=proposal, updated_at=at, expires_at=rest_until, snooze=None
        )
        store(write, resting)
    else:
        resting = create(write, proposal, at, rest_until, State.QUARANTINED)
    if present is None or present.state is not State.QUARANTINED:  # a rest that became longer is no change of state
        audit_state(write, resting, ENGINE, at, rest_until=rest_until)
    return resting


def _deal(present: Suggestion | None) -> Deal:
    if present is not None and present.state in WAITING:
        return _renew
    if present is not None and present.state is State.QUARANTINED:
        return _revise
    return _open


def _renew(
    write: Transaction, present: Suggestion | None, proposal: Proposal, at: float, expires_at: float
) -> Suggestion:
    assert present is not None
    if (present.proposal.change, present.proposal.risk) != (proposal.change, proposal.risk):
        return _revise(write, present, proposal, at, expires_at)
    return store(write, replace(present, proposal=proposal, updated_at=at, expires_at=expires_at))


def _revise(
    write: Transaction, present: Suggestion | None, proposal: Proposal, at: float, expires_at: float
) -> Suggestion:
    assert present is not None
    revised = replace(
        present,
        proposal=proposal,
        state=present.state if present.state is State.SNOOZED else State.OPEN,
        revision=present.revision + 1,
        updated_at=at,
        expires_at=expires_at,
    )
    if revised.state is State.OPEN:
        _supersede_rivals(write, revised, at)
    audit_state(write, revised, ENGINE, at, change=proposal.change)
    return store(write, revised)


def _open(
    write: Transaction, _present: Suggestion | None, proposal: Proposal, at: float, expires_at: float
) -> Suggestion:
    opened = create(write, proposal, at, expires_at, State.OPEN)
    _supersede_rivals(write, opened, at)
    audit_state(write, opened, ENGINE, at, type=proposal.type, change=proposal.change)
    return opened


def _supersede_rivals(write: Transaction, winner: Suggestion, at: float) -> None:
    for rival_id in open_rivals(write.connection, winner.proposal):
        rival = replace(suggestion_of(write.connection, rival_id), state=State.SUPERSEDED, updated_at=at)
        store(write, rival)
        audit_state(write, rival, ENGINE, at, by=winner.id)
