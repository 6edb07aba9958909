"""The hash chain of the audit: each digest covers the entry and the digest before it.

    digest(n) = SHA-256(digest(n - 1) + canonical JSON of [number, at, actor, action, subject, detail])

An edit, removal, exchange or insertion breaks the chain at that place; a cut at the end is seen because the head
is kept apart. The idea is that of AWS CloudTrail's digest files (each names the digest before it).
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from ...domain import Conflict
from ..values import canonical

FIRST_DIGEST = "0" * 64


class Link(NamedTuple):
    """One entry as it is stored; `detail` is JSON text."""

    number: int
    at: float
    actor: str
    action: str
    subject: str
    detail: str
    digest: str


def digest_of(before: str, number: int, at: float, actor: str, action: str, subject: str, detail: str) -> str:
    """Return the digest (64 hex digits) of an entry that follows the one with the digest `before`."""
    body = canonical([number, float(at), actor, action, subject, detail])
    return hashlib.sha256((before + body).encode("utf-8", "surrogatepass")).hexdigest()


class Chain:
    """A chain under examination, a stretch at a time: `number` entries fit so far, the last has `digest`.

    Raises Conflict (code `audit_broken`) naming the first entry that does not fit.
    """

    def __init__(self) -> None:
        self.number, self.digest = 0, FIRST_DIGEST

    def extend(self, links: Iterable[Link]) -> None:
        """Examine the next entries, in the order of their numbers."""
        for link in links:
            self.number += 1
            if link.number != self.number:
                raise _broken(self.number, f"is missing; the next one there is {link.number}")
            self.digest = _digest_after(self.digest, link)
            if self.digest != link.digest:
                raise _broken(self.number, "does not match its digest")

    def close(self, head_number: int, head_digest: str) -> int:
        """Compare the end with the head that is kept apart; return the number of entries."""
        if self.number < head_number:
            raise _broken(self.number + 1, f"is missing; there have been {head_number} entries")
        if self.number > head_number or self.digest != head_digest:
            raise _broken(self.number, "is not the one that was written last")
        return self.number


def _digest_after(before: str, link: Link) -> str:
    """Return the digest the link should have; '' for columns that hold what no entry of ours can."""
    try:
        return digest_of(before, *link[:-1])
    except (TypeError, ValueError):
        return ""


def _broken(number: int, what: str) -> Conflict:
    return Conflict(f"audit entry {number} {what}: the record was changed outside this product", "audit_broken")
