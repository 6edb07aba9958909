"""Audit entries → notices. Each entry was written in the transaction of what it tells, so nothing is told that did not happen.

Pure but for what it is given to look things up with.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from ..contracts import AuditEntry
from ..domain import (
    Execution,
    ExecutionState,
    NotFound,
    Notice,
    NoticeKind,
    Phase,
    Severity,
    Suggestion,
    severity_of,
)

AUTOMATIC = "policy"  # who approves what the policy leaves to the engine


class Records(Protocol):
    """Where suggestions and executions are looked up. Both raise NotFound."""

    def suggestion(self, suggestion_id: str) -> Suggestion: ...
    def execution(self, execution_id: str) -> Execution: ...


def notices_of(entries: Sequence[AuditEntry], records: Records) -> Iterator[Notice]:
    """Yield what happened; what was forgotten since is left out, and so is what a person did and therefore knows."""
    for entry in entries:
        make = EVENTS.get(entry.action)
        if make is None:
            continue
        try:
            yield from make(entry, records)
        except NotFound:
            continue


def _opened(entry: AuditEntry, records: Records) -> Iterator[Notice]:
    if "type" not in entry.detail:  # revised, or a dismissal was taken back: nothing new
        return
    suggestion = records.suggestion(entry.subject)
    proposal = suggestion.proposal
    yield Notice(
        NoticeKind.SUGGESTION_OPENED,
        Phase.HAPPENED,
        severity_of(proposal) or Severity.INFO,
        f"suggestion:{proposal.fingerprint}",
        entry.at,
        proposal.title,
        proposal.plugin_id,
        suggestion_id=suggestion.id,
    )


def _started(entry: AuditEntry, records: Records) -> Iterator[Notice]:
    if entry.actor == AUTOMATIC:
        yield _about(records.execution(entry.subject), NoticeKind.EXECUTION_STARTED, Severity.INFO, entry.at)


def _ended(kind: NoticeKind, severity: Severity) -> "Callable[[AuditEntry, Records], Iterator[Notice]]":
    def ended(entry: AuditEntry, records: Records) -> Iterator[Notice]:
        yield _about(records.execution(entry.subject), kind, severity, entry.at)

    return ended


def _about(execution: Execution, kind: NoticeKind, severity: Severity, at: float) -> Notice:
    started = kind is NoticeKind.EXECUTION_STARTED
    return Notice(
        kind,
        Phase.HAPPENED,
        severity,
        f"{kind}:{execution.id}",
        at,
        execution.description,
        execution.change.plugin_id,
        suggestion_id=execution.suggestion_id,
        execution_id=execution.id,
        reason=None if started else execution.reason,
    )


EVENTS: "dict[str, Callable[[AuditEntry, Records], Iterator[Notice]]]" = {
    "suggestion.open": _opened,
    f"execution.{ExecutionState.QUEUED}": _started,
    f"execution.{ExecutionState.SUCCEEDED}": _ended(NoticeKind.CHANGE_KEPT, Severity.INFO),
    f"execution.{ExecutionState.ROLLED_BACK}": _ended(NoticeKind.CHANGE_UNDONE, Severity.WARNING),
    f"execution.{ExecutionState.ABORTED}": _ended(NoticeKind.CHANGE_FAILED, Severity.WARNING),
}
