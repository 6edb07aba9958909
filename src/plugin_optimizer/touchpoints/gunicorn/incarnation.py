"""Telling a reset (somebody restarted or reloaded the service) from a foreign hand on the knob."""

from dataclasses import dataclass, field

from ..process_identity import ProcessIdentity
from .control import ControlSocket
from .process import Master
from .sense import WorkerKeys


@dataclass(frozen=True, slots=True)
class Generation:
    """`number` grows whenever all workers of one master are new at once, which a reload does."""

    master: ProcessIdentity
    workers: WorkerKeys
    number: int


@dataclass(slots=True)
class Incarnations:
    """Counts generations of workers where gunicorn itself does not tell how often it was reloaded."""

    last: dict[str, Generation] = field(default_factory=dict)

    def note(self, plugin_id: str, master: Master, workers: WorkerKeys) -> int:
        """Take in the present workers; return the number of their generation, from 0 for each master."""
        before = self.last.get(plugin_id)
        if before is None or before.master != master.identity:
            number = 0
        else:
            all_new = bool(before.workers) and bool(workers) and not before.workers & workers
            number = before.number + all_new
        seen = workers or (before.workers if before else workers)
        self.last[plugin_id] = Generation(master.identity, seen, number)
        return number

    def name(self, plugin_id: str, master: Master, workers: WorkerKeys, control: ControlSocket | None) -> str:
        """Return the incarnation's name. Raises Unobservable."""
        generation = self.note(plugin_id, master, workers)
        life = f"{master.pid}-{master.identity.start_ticks}"
        return f"{life}-g{generation}" if control is None else f"{life}-r{control.stats().reloads}"
