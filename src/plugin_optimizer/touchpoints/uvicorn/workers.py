"""One step towards another number of uvicorn's workers: one signal, then wait until it shows.

The supervisor notes each signal and carries it out later, one after the other: while it waits for a worker that was told
to go (with a request that does not end, for ever) it does nothing else. So a signal is never repeated because nothing is seen
of it yet: each one would count.
"""

import signal
import time
from dataclasses import dataclass, field

from ...domain import Refused
from ..gunicorn.process import Master
from ..process_identity import ProcessIdentity, send_signal
from .process import supervises

SHOWS_SECONDS = 600.0  # a step that has not shown by then was lost with something else


@dataclass(frozen=True, slots=True)
class UvicornStep:
    """A signal that was sent while `seen` workers were alive, at `at` (monotonic seconds)."""

    master: ProcessIdentity
    seen: int
    at: float


@dataclass(slots=True)
class UvicornSteps:
    """Takes single steps; remembers the last one of each supervisor."""

    last: dict[int, UvicornStep] = field(default_factory=dict)

    def step(self, master: Master, live: int, to: int) -> None:
        """Send one TTIN or TTOU; nothing where `to` is there, or the last step is yet to show. Raises Refused, Gone."""
        if to == live or self._is_under_way(master, live):
            return
        if not supervises(master):
            raise Refused(
                f"uvicorn {master.pid} serves without a supervisor: TTIN would stop it; start it with --workers 2"
            )
        send_signal(master.identity, signal.SIGTTIN if to > live else signal.SIGTTOU)
        self.last[master.pid] = UvicornStep(master.identity, live, time.monotonic())

    def _is_under_way(self, master: Master, live: int) -> bool:
        last = self.last.get(master.pid)
        if last is None or last.master != master.identity or last.seen != live:
            return False
        return time.monotonic() - last.at < SHOWS_SECONDS
