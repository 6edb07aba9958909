"""What an agent on another host senses by itself, kept until its server fetches it: a link that is cut leaves no hole."""

import logging
import math
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ..domain import Plugin, Sample
from .messages import Spooled

log = logging.getLogger(__name__)
KEPT_SECONDS = 3_600.0  # the server's gate believes nothing older
FETCHED_AT_MOST = 20_000  # samples in one answer; the next question brings the rest
Look = Callable[[Mapping[str, Plugin], float], Iterable[Sample]]


@dataclass(slots=True)
class Spool:
    """Looks every `interval_seconds` at each plugin that its server has asked for once; numbers and keeps what it sees.

    Held in memory, for an hour at most: an agent that ends takes it along. Its name tells one life of an agent from another.
    """

    look: Look
    interval_seconds: float
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    _watched: dict[str, Plugin] = field(default_factory=dict)
    _kept: dict[str, deque[tuple[int, Sample]]] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Look until `stop`; for a thread of its own."""
        due = time.monotonic()
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            due = max(due + self.interval_seconds, time.monotonic())
            self.turn(time.time())

    def stop(self) -> None:
        self._ended.set()

    def turn(self, now: float) -> None:
        """Look once at what is watched. What raises is logged; the next turn looks again."""
        with self._guard:
            watched = dict(self._watched)
        try:
            seen = [sample for sample in self.look(watched, now) if math.isfinite(sample.value)] if watched else []
        except Exception:
            log.exception("a look at %s", ", ".join(watched))
            return
        with self._guard:
            for sample in seen:
                self._keep(sample, now)

    def fetch(self, plugin: Plugin, name: str, after: int) -> Spooled:
        """Return what came after that number of this spool; of another one's, all. The same question brings the same again."""
        with self._guard:
            self._watched[plugin.plugin_id] = plugin
            kept, last = self._kept.get(plugin.plugin_id, ()), self._numbers.get(plugin.plugin_id, 0)
            after = min(after, last) if name == self.name else 0
            found = [(number, sample) for number, sample in kept if number > after][:FETCHED_AT_MOST]
        number = found[-1][0] if found else after
        return Spooled(self.name, number, number - after - len(found), [sample for _, sample in found])

    def _keep(self, sample: Sample, now: float) -> None:
        plugin_id = sample.plugin_id
        number = self._numbers[plugin_id] = self._numbers.get(plugin_id, 0) + 1
        kept = self._kept.setdefault(plugin_id, deque())
        kept.append((number, sample))
        while kept[0][1].at < now - KEPT_SECONDS:
            kept.popleft()
