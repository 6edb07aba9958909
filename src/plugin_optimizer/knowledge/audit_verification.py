"""The full check of the audit: every entry of the chain, its head, and its last anchor."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..contracts import AuditEntry, StateStore
from ..domain import Conflict, Message
from .anchors import Anchor, anchors_of
from .audit_watch import audit_trouble

PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found. `number` and `digest` are the head's; `trouble` says what does not fit first, None if all does.

    `read_only`: the engine changes nothing until a person takes the audit as it stands.
    """

    number: int
    digest: str
    anchors: int
    last_anchor: Anchor | None
    trouble: Message | None
    read_only: bool


def verify(state: StateStore, state_dir: Path) -> Verification:
    """Check everything. Reads all entries: minutes for tens of millions."""
    against_anchors = audit_trouble(state, state_dir)
    broken: Message | None = None
    try:
        state.verify_audit()
    except Conflict as conflict:
        broken = Message(conflict.code, {"error": str(conflict)})
    head = state.audit_standing(0)
    count, last = _anchors(state_dir)
    trouble = broken or against_anchors
    return Verification(head.number, head.digest, count, last, trouble, against_anchors is not None)


def entries(
    state: StateStore, actor: str | None = None, action: str | None = None, subject: str | None = None
) -> Iterator[AuditEntry]:
    """Yield all entries that fit, newest first, a page at a time."""
    before: int | None = None
    while page := state.audit(PAGE, before, actor=actor, action=action, subject=subject):
        yield from page
        before = page[-1].number


def _anchors(state_dir: Path) -> tuple[int, Anchor | None]:
    """Return how many there are and the last one; none where they cannot be trusted."""
    anchors = anchors_of(state_dir)
    try:
        return anchors.count(), anchors.last()
    except Conflict:
        return 0, None
