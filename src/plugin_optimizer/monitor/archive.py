"""The requests of the recent past, by plugin: what plans are replayed on and changes are judged by."""

import threading
from collections import deque
from dataclasses import dataclass, field

from ..domain import RequestTrace

KEEP_SECONDS = 2_400.0  # a judgement and a comparison, with what was before
MOST_REQUESTS = 100_000


@dataclass(slots=True)
class TraceArchive:
    """Keeps traces for `keep_seconds`, at most `most_requests` of a plugin. Thread-safe."""

    keep_seconds: float = KEEP_SECONDS
    most_requests: int = MOST_REQUESTS
    _parts: dict[str, deque[RequestTrace]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, plugin_id: str, trace: RequestTrace, now: float) -> None:
        """Add what was read since the last time; forget what is too old."""
        with self._lock:
            parts = self._parts.setdefault(plugin_id, deque())
            if len(trace):
                parts.append(trace)
            while parts and self._spare(parts, now):
                parts.popleft()

    def _spare(self, parts: deque[RequestTrace], now: float) -> bool:
        too_old = float(parts[0].arrival[-1]) < now - self.keep_seconds
        return too_old or (len(parts) > 1 and sum(len(part) for part in parts) > self.most_requests)

    def between(self, plugin_id: str, begin: float, end: float) -> RequestTrace:
        """Return the requests that arrived in [begin, end), by arrival."""
        with self._lock:
            parts = list(self._parts.get(plugin_id, ()))
        return RequestTrace.merge(*parts).between(begin, end)

    def plugins(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(name for name, parts in self._parts.items() if parts)
