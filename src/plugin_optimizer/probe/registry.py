"""What this process knows of each plugin in it: usually one."""

import itertools
import os
import threading
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from .journal import Journal
from .outbox import Outbox, RequestRecord
from .places import PLUGIN_VARIABLE, ProcessIdentity, home, plugin_name
from .profiling import Profiling
from .report import CacheReport, KnobReport, Report
from .ring import REQUEST_CAPACITY
from .served import ServedRequests
from .server import gunicorn_numbers, server_kind
from .settings import Settings, SettingsCorrupt, read_settings, settings_path

_REPORT_SECONDS = 2.0
_REST_SECONDS = 10.0  # after the disk refused us, before we ask again


class Followable(Protocol):
    """A knob: takes over settings and tells its state."""

    name: str

    def follow(self, settings: Settings) -> bool: ...
    def report(self) -> KnobReport: ...


class Observable(Protocol):
    """A cache: tells its state, and which keys were asked for since the last time (`array('q')`)."""

    name: str

    def report(self) -> CacheReport: ...
    def drain(self) -> "array[int]": ...
    def after_fork(self) -> None: ...


class Probe:
    """One plugin in this process. Request threads only append; one background thread does everything else."""

    def __init__(self, plugin: str | None, root: Path | None) -> None:
        self.plugin = plugin
        self.root = root
        self.knobs: dict[str, Followable] = {}
        self.caches: dict[str, Observable] = {}
        self.blueprints: Callable[[], Mapping[str, bool]] = dict  # of a Flask application, and which have served
        self.sampler = False  # whether CPU is sampled all the time, and not only on demand
        self.journal = Journal()
        self.settings = Settings()
        self.after_fork()

    def after_fork(self) -> None:
        """Forget what belongs to the parent process: its pending records, its files, its locks."""
        self.pending: deque[RequestRecord] = deque()
        self.served = itertools.count(1)
        self.served_count = 0
        self.dropped_count = 0
        self.slowest_seconds = 0.0
        self.prepared = False
        self.requests = ServedRequests()
        self._profiling = Profiling(self.requests)
        self._lock = threading.RLock()
        self._outbox: Outbox | None = None
        self._settings_seen: tuple[int, ...] = ()
        self._reported_at = 0.0
        self._rest_until = 0.0
        self.journal.after_fork()
        for cache in list(self.caches.values()):
            cache.after_fork()

    def declare(self, knob: Followable) -> None:
        with self._lock:
            self.knobs[knob.name] = knob
            self._settings_seen = ()
            self.synchronise()

    def record(self, record: RequestRecord, number: int) -> None:
        """Keep one request until it is written; drop it where nobody writes. Costs no system call."""
        self.served_count = number
        if len(self.pending) < REQUEST_CAPACITY:
            self.pending.append(record)
        else:
            self.dropped_count += 1

    def prepare(self) -> None:
        """Take over the settings before the first request of this process is served."""
        with self._lock:
            self.synchronise()
            self.prepared = True

    def synchronise(self) -> None:
        """Let every knob follow the settings file if that has changed. Never raises for what stands in it."""
        if self.plugin is None:
            return
        with self._lock:
            try:
                self._read_settings(self.root or home(), self.plugin)
            except (OSError, SettingsCorrupt):
                return  # what runs keeps running
            followed = [knob.follow(self.settings) for knob in list(self.knobs.values())]
            if any(followed):
                self._reported_at = 0.0

    def turn(self) -> None:
        """Do all that can wait: follow settings, write rings, journal and report. Rests after a refusal."""
        self.synchronise()
        if self.plugin is None or time.monotonic() < self._rest_until:
            return
        with self._lock:
            try:
                self._write(self.plugin)
            except OSError:
                self._rest_until = time.monotonic() + _REST_SECONDS
                self._outbox = None
                self.pending.clear()

    def _read_settings(self, root: Path, plugin: str) -> None:
        try:
            found = settings_path(root, plugin).stat()
            seen: tuple[int, ...] = (found.st_ino, found.st_mtime_ns, found.st_size)
        except FileNotFoundError:
            seen = (0,)
        if seen != self._settings_seen:
            self.settings = read_settings(root, plugin)
            self._settings_seen = seen
            self._reported_at = 0.0

    def _write(self, plugin: str) -> None:
        outbox = self._outbox
        if outbox is None or outbox.lost:
            outbox = self._outbox = Outbox(self.root or home(), plugin, ProcessIdentity.own(), outbox)
        records = [self.pending.popleft() for _ in range(len(self.pending))]
        self.slowest_seconds = max([self.slowest_seconds, *(wall for _, _, wall, *_ in records)])
        outbox.requests(records)
        for cache in list(self.caches.values()):
            outbox.keys(cache.name, cache.drain())
        outbox.journal(self.journal)
        now = time.monotonic()
        if not self._reported_at or now - self._reported_at >= _REPORT_SECONDS:
            outbox.report(self._report(outbox.process))
            self._reported_at = now
        self._profiling.turn(self.root or home(), plugin, outbox.process, standing=self.sampler)

    def _report(self, process: ProcessIdentity) -> Report:
        return Report(
            pid=process.pid,
            start_ticks=process.start_ticks,
            start_time=process.start_time,
            version=self.settings.version,
            at=time.time(),
            server=server_kind(),
            knobs=tuple(knob.report() for knob in list(self.knobs.values())),
            caches=tuple(cache.report() for cache in list(self.caches.values())),
            served=self.served_count,
            dropped=self.dropped_count,
            slowest_seconds=self.slowest_seconds,
            server_numbers=gunicorn_numbers(),
            blueprints=self.blueprints(),
        )


_lock = threading.RLock()
_probes: dict[str, Probe] = {}
_default: Probe | None = None


def default() -> Probe:
    """Return the plugin that declarations without a name belong to; nameless until an application is instrumented."""
    global _default  # noqa: PLW0603 - one per process, by its nature
    with _lock:
        if _default is None:
            name = os.environ.get(PLUGIN_VARIABLE)
            _default = named(name) if name else Probe(None, None)
        return _default


def named(plugin: str, root: Path | None = None) -> Probe:
    """Return the plugin of that name in this process, which keeps its files below `root` (None: the usual home)."""
    name = plugin_name(plugin)
    with _lock:
        probe = _probes.setdefault(name, Probe(name, root))
        if root is not None:
            probe.root = root
        return probe


def adopt(plugin: str, root: Path | None = None) -> Probe:
    """Return the plugin of that name; the first one adopted takes over what was declared without a name."""
    global _default  # noqa: PLW0603 - one per process, by its nature
    with _lock:
        nameless, probe = default(), named(plugin, root)
        if nameless.plugin is None:
            _default = probe
            probe.caches.update(nameless.caches)
            for knob in nameless.knobs.values():
                probe.declare(knob)
        return probe


def all_probes() -> Iterator[Probe]:
    yield from list(_probes.values())


def after_fork() -> None:
    """Make everything usable in a child process, whatever other threads of the parent held."""
    global _lock  # noqa: PLW0603 - one per process, by its nature
    _lock = threading.RLock()
    nameless = [_default] if _default is not None and _default.plugin is None else []
    for probe in (*_probes.values(), *nameless):
        probe.after_fork()
