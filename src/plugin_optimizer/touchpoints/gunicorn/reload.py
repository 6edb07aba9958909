"""Turning what a reload takes over: the number is written into the config file, then the master gets HUP.

Its workers finish what they have begun while new ones serve already, so no request fails.
"""

import hashlib
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...domain import InvalidValue, Knob, NotFound, Refused, Value
from ..file_replacement import FileContent, read_replaceable, replace_content
from ..process_identity import ProcessIdentity, ProcessStat, send_signal
from .config import with_number
from .count import staying
from .process import Master
from .reload_checks import check_reload
from .reload_knobs import Seen, offers
from .sense import WorkerKeys, worker_keys

REACTION_SECONDS = 5.0  # until a master that was told to reload has begun to
DATED_AHEAD_SECONDS = 1.0  # at most, see `file_replacement`


@dataclass(frozen=True, slots=True)
class Ordered:
    """A reload of ours, by which the workers of then are `leaving`; they may take `until` (monotonic seconds)."""

    master: ProcessIdentity
    name: str
    to: int
    leaving: WorkerKeys
    until: float


@dataclass(slots=True)
class Reloads:
    """Offers and turns. Remembers the last reload of each plugin, so that a step that was taken is not taken again and the
    old workers, who finish what they have begun, are not counted; and what it wrote.
    """

    last: dict[str, Ordered] = field(default_factory=dict)
    written: dict[Path, bytes] = field(default_factory=dict)  # digests of contents that are ours

    def leaving(self, plugin_id: str, master: Master) -> WorkerKeys:
        """Return the workers that our last reload told to go, as long as they may take for it."""
        ordered = self.last.get(plugin_id)
        if ordered is None or ordered.master != master.identity or time.monotonic() > ordered.until:
            return frozenset()
        return ordered.leaving

    def knobs(self, seen: Seen) -> list[Knob]:
        return [knob for knob in offers(seen).values() if isinstance(knob, Knob)]

    def turn(
        self, plugin_id: str, master: Master, seen: Seen, present: Sequence[ProcessStat], name: str, to: Value
    ) -> WorkerKeys:
        """Make one step; return the workers that have to go for it (none where nothing is to be done, or is under way).

        `seen` is of those who stay of the `present` workers. Raises InvalidValue, NotFound, Refused (nothing happened), Gone.
        """
        knob = offered(seen, name)
        number = whole(name, knob.checked(to))
        if knob.value == number:
            self.persist(seen, name, number)  # the next reload must not bring another one
            return frozenset()
        if self._under_way(plugin_id, master, worker_keys(present), name, number):
            return frozenset()
        check_reload(master, seen, staying(present, self.leaving(plugin_id, master)), name, number)
        self._check_file(seen)
        self.persist(seen, name, number)
        going, patience = worker_keys(present), REACTION_SECONDS + seen.settings.graceful_timeout_seconds
        self.last[plugin_id] = Ordered(master.identity, name, number, going, time.monotonic() + patience)
        send_signal(master.identity, signal.SIGHUP)
        return going

    def persist(self, seen: Seen, name: str, to: Value) -> bool:
        """Make sure that the number stands in the config file. Raises InvalidValue, NotFound, Refused."""
        number = whole(name, offered(seen, name).checked(to))
        if seen.settings.reloaded[name].value != number:
            self.write(_config_path(seen), name, number, seen.oldest_seconds)
        return True

    def write(self, path: Path, name: str, number: int, oldest_seconds: float) -> None:
        """Write a number into a config file, of which nothing else changes; `oldest_seconds`: birth of the oldest worker.

        Raises Refused.
        """
        old = read_replaceable(path)
        content = with_number(old.content, name, number)
        if content != old.content:
            known = self._is_known(old, oldest_seconds)
            replace_content(old, content)
            if known:  # else somebody's change still waits for a reload in it
                self.written[old.path] = _digest(content)
        if path.read_bytes() != content:
            raise Refused(f"{path} was changed by somebody else right after it was written; look at it")

    def _check_file(self, seen: Seen) -> None:
        path = _config_path(seen)
        if not self._is_known(read_replaceable(path), seen.oldest_seconds):
            raise Refused(
                f"{path} was changed after the workers that run were started: a reload would bring that into force as well. "
                "Reload the service yourself when that is meant, then try again"
            )

    def _is_known(self, file: FileContent, oldest_seconds: float) -> bool:
        """Tell whether nothing waits for a reload in it but what we wrote: it is older than all workers, or ours."""
        ours = self.written.get(file.path) == _digest(file.content)
        return ours or file.found.st_mtime <= oldest_seconds + DATED_AHEAD_SECONDS

    def _under_way(self, plugin_id: str, master: Master, present: WorkerKeys, name: str, to: int) -> bool:
        """Tell whether the same was ordered and the old workers may still be on their way."""
        ordered = self.last.get(plugin_id)
        same = ordered is not None and (ordered.name, ordered.to) == (name, to)
        return same and bool(self.leaving(plugin_id, master) & present)


def offered(seen: Seen, name: str) -> Knob:
    """Raises NotFound (a reload changes no such thing), Refused with the reason why it is not offered."""
    found = offers(seen).get(name)
    if found is None:
        raise NotFound(f"a reload of gunicorn does not turn {name!r}")
    if isinstance(found, str):
        raise Refused(f"{name} is not turned: {found}")
    return found


def whole(name: str, value: Value) -> int:
    """Return the value as a whole number. Raises InvalidValue."""
    number = int(value)
    if number != value:
        raise InvalidValue(f"{name} takes a whole number, not {value!r}")
    return number


def _config_path(seen: Seen) -> Path:
    path = seen.settings.config_path
    assert path is not None, "nothing is offered without a config file"
    return path


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
