"""What keeps figures that were sent to us, from the process that took them until the loop looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one request brought for one plugin, opaque to whoever keeps it. `at`: when it came (Unix seconds)."""

    plugin_id: str
    at: float
    body: bytes


@dataclass(frozen=True, slots=True)
class LimitHit:
    """How often somebody ran into a limit (a reason code), and when last. `sender` is a token or a plugin."""

    reason: str
    sender: str
    count: int
    at: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """So much may be taken each second, and so much at once after a time of rest."""

    name: str
    per_second: float
    at_once: float


class Inbox(Protocol):
    """Shared by the processes of a host that serve the API and the one that runs the loop. Thread-safe. Bounded.

    May lose what the machine's death finds in it: the sender's next report makes up for that.
    """

    def wait_seconds(self, allowance: Allowance, amount: float, now: float) -> float:
        """Take `amount` from what somebody may send; return 0, or after how long to try again if that was too much."""
        ...

    def put(self, parcels: Sequence[Parcel]) -> bool:
        """Keep all of them; False, and none is kept, where too much is waiting already."""
        ...

    def take(self, now: float) -> Sequence[Parcel]:
        """Return what waits, in the order in which it came, and forget it. What came more than an hour ago is dropped."""
        ...

    def note(self, reason: str, sender: str, count: int, now: float) -> None:
        """Count that somebody ran into a limit."""
        ...

    def hits(self, since: float) -> Sequence[LimitHit]:
        """Return who ran into which limit since then, the latest first."""
        ...

    def close(self) -> None: ...
