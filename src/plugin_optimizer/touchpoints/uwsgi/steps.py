"""One step towards another number of uWSGI's workers: one byte into the master FIFO, then wait until it shows.

The master looks once a second, adds up what it was told since and acts. It takes away idle workers only; while all are busy the
order stays in its books and is carried out later. So an order is never repeated because nothing is seen of it yet, and one
that is not wanted any more is taken back by its opposite. Source: uWSGI 2.0, core/master_utils.c, `uwsgi_calc_cheaper`.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

from ..gunicorn.process import Master
from .fifo import FEWER, MORE, write_fifo

GROWTH_SHOWS_SECONDS = 30.0  # then it was lost (a limit of memory, a worker that could not be forked)
SHRINK_SHOWS_SECONDS = 600.0  # it waits for an idle worker


@dataclass(frozen=True, slots=True)
class UwsgiStep:
    """An order for `workers` more (1 or -1) that was given while `seen` were alive, at `at` (monotonic seconds)."""

    life: str
    seen: int
    workers: int
    at: float


@dataclass(slots=True)
class UwsgiSteps:
    """Takes single steps; remembers the last one of each plugin."""

    last: dict[str, UwsgiStep] = field(default_factory=dict)

    def step(self, plugin_id: str, master: Master, life: str, fifo: Path, live: int, to: int) -> bool:
        """Order one worker more or less; nothing where `to` is there, or the last step is yet to show.

        Returns whether one more was ordered. Raises Refused (nothing was ordered), Gone.
        """
        pending = self.pending(plugin_id, life, live)
        if to == live + pending or (to - live) * pending > 0:
            return False
        more = to > live + pending
        write_fifo(master, fifo, MORE if more else FEWER)
        if pending:  # the two make none
            del self.last[plugin_id]
        else:
            self.last[plugin_id] = UwsgiStep(life, live, 1 if more else -1, time.monotonic())
        return more

    def pending(self, plugin_id: str, life: str, live: int) -> int:
        """Return what was ordered and has not shown: 1, -1, or 0."""
        last = self.last.get(plugin_id)
        if last is None or (last.life, last.seen) != (life, live):
            return 0
        patience = GROWTH_SHOWS_SECONDS if last.workers > 0 else SHRINK_SHOWS_SECONDS
        return last.workers if time.monotonic() - last.at < patience else 0
