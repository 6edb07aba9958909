"""Counts what the load generator saw of one service."""

from collections import deque
from dataclasses import dataclass, field

RECENT_SECONDS = 30.0
FIRST_SERVER_ERROR = 500


def quantile(ordered: list[float], share: float) -> float | None:
    """Return the nearest-rank quantile of ascending values; None where there are none."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(slots=True)
class Tally:
    """Totals since the start, and the latencies of the last RECENT_SECONDS as (finished, seconds, failed).

    `dropped` requests were due while too many were in flight and were not sent; `unanswered` are among the
    `errors`. Only answered requests have a latency.
    """

    requests: int = 0
    errors: int = 0
    unanswered: int = 0
    dropped: int = 0
    in_flight: int = 0
    recent: deque[tuple[float, float, bool]] = field(default_factory=deque)

    def add(self, now: float, seconds: float, status: int) -> None:
        """Count one request. `status` 0 means that no answer came."""
        failed = status == 0 or status >= FIRST_SERVER_ERROR
        self.requests += 1
        self.errors += failed
        self.unanswered += status == 0
        if status:
            self.recent.append((now, seconds, failed))
        self._forget(now)

    def summary(self, now: float) -> dict[str, float | int | None]:
        self._forget(now)
        seconds = sorted(latency for _, latency, _ in self.recent)
        failed = sum(failed for _, _, failed in self.recent)
        return {
            "requests": self.requests,
            "errors": self.errors,
            "unanswered": self.unanswered,
            "dropped": self.dropped,
            "in_flight": self.in_flight,
            "recent_requests": len(seconds),
            "recent_error_ratio": failed / len(seconds) if seconds else None,
            "p50_seconds": quantile(seconds, 0.50),
            "p95_seconds": quantile(seconds, 0.95),
        }

    def _forget(self, now: float) -> None:
        while self.recent and self.recent[0][0] < now - RECENT_SECONDS:
            self.recent.popleft()
