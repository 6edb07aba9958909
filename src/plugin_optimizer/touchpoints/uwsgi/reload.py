"""Turning what only a reload takes over: the number is written into the ini file, then the master gets HUP.

Its workers finish what they have begun (`reload-mercy`, 60 s), the master executes itself anew with the sockets still open, so
that requests wait meanwhile, and loads ini file and application. What a worker accepts at the very moment it is told may be
dropped. Source: uWSGI 2.0, core/master_events.c, core/master_utils.c.
"""

import hashlib
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...domain import Knob, NotFound, Refused, Unobservable, Value
from ..file_replacement import read_replaceable, replace_content
from ..gunicorn.code import check_code
from ..gunicorn.reload import whole
from ..process_identity import ProcessStat, read_stat, send_signal
from .ini import with_number
from .knobs import CHEAPER, INITIAL, PROCESSES, WORKERS, Seen, by_fifo, offers, option_of
from .service import UwsgiService
from .settings import UwsgiSettings

LOADING_SECONDS = 120.0  # for the application, after the last request has ended
DATED_AHEAD_SECONDS = 1.0  # at most, see `file_replacement`


@dataclass(frozen=True, slots=True)
class Ordered:
    """A reload of ours in this `life`, which ends with it; `until` in monotonic seconds."""

    life: str
    name: str
    to: int
    until: float


@dataclass(slots=True)
class Reloads:
    """Remembers what each running uWSGI has read, the last reload that was ordered, and what of the files is ours."""

    force: dict[str, tuple[str, UwsgiSettings]] = field(default_factory=dict)
    last: dict[str, Ordered] = field(default_factory=dict)
    written: dict[Path, bytes] = field(default_factory=dict)

    def in_force(
        self, plugin_id: str, life: str, service: UwsgiService, workers: Sequence[ProcessStat]
    ) -> UwsgiSettings | None:
        """Return the settings that this life began with; None where the file is younger than what it has started."""
        known = self.force.get(plugin_id)
        if known is not None and known[0] == life:
            return known[1]
        path = service.settings.config_path
        if path is not None and not _older(path, life, service, workers):
            return None
        self.force[plugin_id] = (life, service.settings)
        return service.settings

    def check_done(self, plugin_id: str, life: str) -> None:
        """Raise Unobservable while a reload of ours is under way: what runs is neither the old nor the new."""
        if self._under_way(plugin_id, life) is not None:
            raise Unobservable(f"{plugin_id} is being reloaded")

    def turn(self, plugin_id: str, life: str, seen: Seen, workers: Sequence[ProcessStat], name: str, to: Value) -> bool:
        """Make one step; return whether a reload was ordered. Raises InvalidValue, NotFound, Refused (nothing happened), Gone."""
        under_way = self._under_way(plugin_id, life)
        if under_way is not None:
            if (under_way.name, under_way.to) == (name, to):
                return False
            raise Refused(f"{plugin_id} is being reloaded")
        number = whole(name, offered(seen, name).checked(to))
        if offered(seen, name).value == number:
            self.write(seen, option_of(name), number)  # the next reload must not bring another one
            return False
        self._check_file(seen)
        _check_count(seen)
        check_code(seen.service.master, replace_lazy(seen.settings), _oldest_seconds(workers))
        before = self.write(seen, option_of(name), number)
        patience = (seen.number("reload-mercy") or 0) + LOADING_SECONDS
        self.last[plugin_id] = Ordered(life, name, number, time.monotonic() + patience)
        try:
            send_signal(seen.service.master.identity, signal.SIGHUP)
        except Refused:  # it stays as it is, and so does its file
            del self.last[plugin_id]
            self._write_back(seen, before)
            raise
        return True

    def write(self, seen: Seen, option: str, number: int) -> bytes:
        """Make sure that a number stands in the ini file, of which nothing else changes; return what stood there. Raises Refused."""
        settings = seen.service.settings
        if settings.config_path is None:
            raise Refused("it was started without an ini file (--ini FILE)")
        old = read_replaceable(settings.config_path)
        if settings.number(option) == number and option in settings.told:
            return old.content
        content = with_number(old.content, settings.section, option, number)
        known = self._is_known(seen, old.path, old.content)
        if content != old.content:
            replace_content(old, content)
        if known:  # else somebody's change still waits for a reload in it
            self.written[old.path] = _digest(content)
        if old.path.read_bytes() != content:
            raise Refused(f"{old.path} was changed by somebody else right after it was written; look at it")
        return old.content

    def _write_back(self, seen: Seen, content: bytes) -> None:
        path = seen.service.settings.config_path
        if path is not None:
            replace_content(read_replaceable(path), content)

    def _check_file(self, seen: Seen) -> None:
        path = seen.service.settings.config_path
        file = read_replaceable(path) if path is not None else None
        if file is None or not self._is_known(seen, file.path, file.content):
            raise Refused(
                f"{path} was changed after the uWSGI that runs had read it: a reload would bring that into force as well. "
                "Reload the service yourself when that is meant, then try again"
            )

    def _is_known(self, seen: Seen, path: Path, content: bytes) -> bool:
        """Tell whether nothing waits for a reload in it but what we wrote."""
        return (seen.force is not None and content == seen.force.content) or self.written.get(path) == _digest(content)

    def _under_way(self, plugin_id: str, life: str) -> Ordered | None:
        ordered = self.last.get(plugin_id)
        return ordered if ordered and ordered.life == life and time.monotonic() < ordered.until else None


def offered(seen: Seen, name: str) -> Knob:
    """Raises NotFound, Refused with the reason why it is not offered."""
    found = offers(seen).get(name)
    if found is None:
        raise NotFound(f"uWSGI has no knob {name!r}; it has {', '.join(offers(seen))}")
    if isinstance(found, str):
        raise Refused(f"{name} is not turned: {found}")
    return found


def replace_lazy(settings: UwsgiSettings) -> UwsgiSettings:
    """Return the settings as a reload sees them: the application is loaded anew in any case."""
    return replace(settings, told={**settings.told, "lazy-apps": ("true",)})


def _check_count(seen: Seen) -> None:
    """Refuse a reload that would change the number of workers beside what is meant."""
    settings = seen.service.settings
    if by_fifo(settings):
        configured = max(settings.number(INITIAL) or 0, settings.number(CHEAPER) or 0)
    elif settings.has(CHEAPER):
        return  # an algorithm owns it
    else:
        configured = settings.number(PROCESSES) or 1
    if configured != seen.live:
        raise Refused(
            f"{seen.live} {WORKERS} run and {configured} are configured: a reload would go back to that. Keep the number "
            "first, or reload the service yourself"
        )


def _older(path: Path, life: str, service: UwsgiService, workers: Sequence[ProcessStat]) -> bool:
    """Tell whether the file was there as it is when this life began: before the master, or, after a reload, its oldest worker."""
    reloaded = not life.endswith("-0")
    began = _oldest_seconds(workers) if reloaded else read_stat(service.master.pid).start_seconds
    try:
        return path.stat().st_mtime <= began + DATED_AHEAD_SECONDS
    except OSError:
        return False


def _oldest_seconds(workers: Sequence[ProcessStat]) -> float:
    return min((stat.start_seconds for stat in workers), default=0.0)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
