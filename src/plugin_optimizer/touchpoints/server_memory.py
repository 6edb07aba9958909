"""How much memory a cache server may be given where it runs."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import psutil

from ..domain import Unobservable
from .process_identity import read_process_file
from .process_sensors import usable_memory_bytes
from .server_address import ServerAddress

MEMORY_SHARE = 0.85  # of what is free for it: the rest is for buffers of clients, and for others
FORKING_SHARE = 0.6  # where it forks to save: what is written meanwhile is there twice
KEPT_SECONDS = 60.0
REMOTE_SHARE = 0.5  # of another host's whole memory, the only thing that is known of it


@dataclass(slots=True)
class MemoryBounds:
    """How far each plugin may grow, looked up once a minute: free memory changes from one look to the next, and a bound that
    an order was checked against should still be the bound when it is carried out.
    """

    known: dict[str, tuple[float, int]] = field(default_factory=dict)
    steady: Callable[[], float] = time.monotonic

    def of(self, plugin_id: str, look_up: Callable[[], int]) -> int:
        at, most = self.known.get(plugin_id, (-KEPT_SECONDS, 0))
        if self.steady() - at < KEPT_SECONDS and most:
            return most
        most = look_up()
        self.known[plugin_id] = (self.steady(), most)
        return most


def is_here(address: ServerAddress, pid: int, names: Collection[str]) -> bool:
    """Tell whether the server is a process of this host: reached here, and with its pid and name here, too."""
    if not address.local:
        return False
    try:
        return read_process_file(pid, "comm").decode(errors="replace").strip() in names
    except Unobservable:
        return False


def room_bytes(pid: int, resident_bytes: float) -> float:
    """Return what it has and nobody else uses: the host's free memory and its own, or its group's limit if that is less."""
    free = float(psutil.virtual_memory().available) + resident_bytes
    try:
        return min(free, usable_memory_bytes(pid))
    except Unobservable:
        return free


def whole_steps(bytes_: float, step: int) -> int:
    return int(bytes_) // step * step
