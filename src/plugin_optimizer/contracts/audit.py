"""What stands on the audit."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change of state, who made it, and the hash that chains it to the entry before."""

    number: int
    at: float
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object]
    digest: str


@dataclass(frozen=True, slots=True)
class AuditStanding:
    """Where the audit stands: its head, what stands at the number asked about, and whether an execution ended since.

    `digest_there` is None where no entry has that number.
    """

    number: int
    digest: str
    digest_there: str | None
    ended: bool
