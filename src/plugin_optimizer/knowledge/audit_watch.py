"""Whether the audit stands where its anchors say, and setting new ones: what makes a restored or cut database show.

A database that lies behind its anchors belongs to an older world: what it holds as still to be done may have been done
long ago. Until a person has looked at it nothing is changed any more.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

from ..contracts import AuditStanding, StateStore
from ..domain import Conflict, ExecutionState, Message
from .anchors import Anchor, Anchors, anchors_of

log = logging.getLogger(__name__)
ANCHOR_SECONDS = 300.0
NOT_BEGUN = frozenset({ExecutionState.QUEUED, ExecutionState.CLAIMED})


def audit_trouble(state: StateStore, state_dir: Path) -> Message | None:
    """Return why nothing may be changed now; None where the audit stands where its last anchor says."""
    try:
        last = anchors_of(state_dir).last()
    except Conflict as conflict:
        return Message(conflict.code, {"error": str(conflict)})
    return None if last is None else compare(last, state.audit_standing(last.number))


def compare(anchor: Anchor, standing: AuditStanding) -> Message | None:
    """Return what does not fit between an anchor and the audit as it stands."""
    found = {"number": standing.number, "anchor_number": anchor.number, "anchored_at_seconds": anchor.at}
    if standing.number < anchor.number:
        return Message("audit_behind", found)
    if standing.digest_there != anchor.digest:
        return Message("audit_forked", found)
    return None


@dataclass(slots=True)
class AuditWatch:
    """Compares and anchors, again and again, in the process that runs the engine."""

    state: StateStore
    state_dir: Path
    anchored_at: float = 0.0
    told: str = ""

    def tend(self, now: float) -> Message | None:
        """Return why nothing may be changed now; else set an anchor where one is due: see `ANCHOR_SECONDS`.

        One is also set as soon as an execution has ended. Whatever hinders the anchor is logged: it must not keep a
        change from being undone.
        """
        trouble = audit_trouble(self.state, self.state_dir)
        if trouble is None:
            self._anchor_if_due(now)
        elif trouble.code != self.told:
            log.critical("READ-ONLY, nothing is changed any more: %s %s", trouble.code, dict(trouble.params))
        self.told = "" if trouble is None else trouble.code
        return trouble

    def anchor(self, now: float) -> None:
        """Set an anchor at the present head, unless the audit and its anchors disagree."""
        if audit_trouble(self.state, self.state_dir) is not None:
            return
        self._set(self.state.audit_standing(0), now)

    def _anchor_if_due(self, now: float) -> None:
        last = anchors_of(self.state_dir).last()
        standing = self.state.audit_standing(last.number if last else 0)
        if last is None or standing.ended or not 0.0 <= now - self.anchored_at < ANCHOR_SECONDS:
            self._set(standing, now)

    def _set(self, standing: AuditStanding, now: float) -> None:
        try:
            set_anchor(anchors_of(self.state_dir), Anchor(standing.number, standing.digest, now))
            self.anchored_at = now
        except OSError as error:
            log.error("the audit could not be anchored: %s", error)  # noqa: TRY400 - the words say it all


def set_anchor(anchors: Anchors, anchor: Anchor) -> None:
    """Add an anchor, or begin with it. Raises Conflict, OSError."""
    if anchors.last() is None:
        log.warning("the anchors of the audit begin with entry %s %s", anchor.number, anchor.digest)
        anchors.begin(anchor)
    else:
        anchors.add(anchor)


def accept(state: StateStore, state_dir: Path, trouble: Message, actor: str, reason: str, now: float) -> Path | None:
    """Take the database as it stands: cancel what had not begun, put that on the audit, and anchor anew.

    What waits in an older database may have been done long ago, and done again it would surprise. Returns where the
    anchors of before were put.
    """
    for execution in state.executions(open_only=True, limit=5_000):
        if execution.state in NOT_BEGUN:
            state.ask_rollback(execution.id, actor, now)
    state.record_audit_accepted(trouble, actor, reason, now)
    anchors = anchors_of(state_dir)
    aside = anchors.set_aside(now)
    standing = state.audit_standing(0)
    anchors.begin(Anchor(standing.number, standing.digest, now))
    return aside
