"""Reads what the probes of this host recorded: every request once, whoever died in between."""

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..domain import Attributes, CacheTrace, ErrorGroup, RequestTrace
from ..probe import channel
from ..probe.outbox import file_name
from ..probe.places import process_directory
from ..probe.report import CacheReport, Report
from ..probe.ring import KEY, REQUEST, RingCorrupt, read_ring
from .probe_journal import ProbeJournal

RECORDS_LAG_SECONDS = 0.5  # a probe writes every 0.25 s: what completed before that has surely arrived
_OLDEST_SECONDS = 3_600.0
_CLOCK_AHEAD_SECONDS = 60.0
_DEAD_KEPT_SECONDS = 60.0
_LONGEST_SECONDS = 86_400.0
_LISTED_SECONDS = 1.0  # one look over the fleet asks for the list again and again

# The same fields as probe.ring.REQUEST
_REQUEST = np.dtype(
    [
        ("arrival", "<f8"),
        ("queue_wait", "<f4"),
        ("wall", "<f4"),
        ("cpu", "<f4"),
        ("run_delay", "<f4"),
        ("status", "<i4"),
        ("reserved", "<i4"),
        ("error", "<u8"),
        ("context", "<u8"),
        ("reserved_too", "<u8"),
        ("number", "<u8"),
    ]
)
assert _REQUEST.itemsize == REQUEST.size


class ProbeSource:
    """The probes below one home. Files that are broken, foreign or half-written are left out and counted in `skipped`.

    `read` is incremental and takes the files of long dead processes away; the rest only looks. Thread-safe.
    """

    def __init__(self, home: Path) -> None:
        self.skipped = 0
        self._home = home
        self._read_until: dict[tuple[str, channel.ProcessIdentity], int] = {}
        self._journals: dict[str, ProbeJournal] = {}
        self._listed: Sequence[str] = ()
        self._listed_at = float("-inf")
        self._lock = threading.RLock()

    def plugins(self) -> Sequence[str]:
        """Return the plugins a probe has written for, sorted; at most a second old."""
        with self._lock:
            if time.monotonic() - self._listed_at > _LISTED_SECONDS:
                self._listed = self._list()
                self._listed_at = time.monotonic()
            return self._listed

    def reports(self, plugin_id: str) -> Sequence[Report]:
        """Return what the live processes of a plugin say of themselves, by pid."""
        with self._counting():
            return channel.reports(self._home, plugin_id)
        return ()

    def read(self, plugin_id: str) -> RequestTrace:
        """Return the requests that came to the rings since the last call, those of dead processes too.

        They arrive up to `RECORDS_LAG_SECONDS` after their completion; none is older than an hour.
        """
        with self._lock:
            processes = self._processes(plugin_id)
            trace = RequestTrace.merge(*(self._drain(plugin_id, process) for process in processes))
            self._note_errors(plugin_id, trace)
            for process in processes:
                self._bury(plugin_id, process)
            return trace

    def caches(self, plugin_id: str) -> Sequence[CacheTrace]:
        """Return every cache of every live process, with the keys still in its ring."""
        found = []
        for report in self.reports(plugin_id):
            for cache in report.caches:
                keys = self._keys(plugin_id, report, cache)
                if keys is not None:
                    found.append(_cache_trace(report, cache, keys))
        return found

    def errors(self, plugin_id: str) -> Sequence[ErrorGroup]:
        """Return the kinds of errors on record, the latest first."""
        with self._lock:
            groups = self._journal(plugin_id).errors.values()
            return sorted(groups, key=lambda group: group.last_seen, reverse=True)

    def errors_inside(self, plugin_id: str, blueprint: str) -> Sequence[ErrorGroup]:
        """Return the kinds of errors that one Blueprint of a plugin has raised, the latest first."""
        with self._lock:
            raised_in = self._journal(plugin_id).raised_in
            return [group for group in self.errors(plugin_id) if blueprint in raised_in.get(group.fingerprint, ())]

    def attributes(self, plugin_id: str) -> Mapping[int, Attributes]:
        """Return what the context numbers of a plugin's requests stand for."""
        with self._lock:
            return dict(self._journal(plugin_id).contexts)

    def _list(self) -> Sequence[str]:
        with self._counting():
            return tuple(name for name in channel.plugins(self._home) if channel.recorded_processes(self._home, name))
        return ()

    def _processes(self, plugin_id: str) -> Sequence[channel.ProcessIdentity]:
        with self._counting():
            return channel.recorded_processes(self._home, plugin_id)
        return ()

    def _file(self, plugin_id: str, process: channel.ProcessIdentity, suffix: str) -> Path:
        return process_directory(self._home, plugin_id) / f"{process}.{suffix}"

    def _drain(self, plugin_id: str, process: channel.ProcessIdentity) -> RequestTrace:
        key = (plugin_id, process)
        path = self._file(plugin_id, process, "ring")
        with self._counting():
            found = read_ring(path, REQUEST.size, self._read_until.get(key, 0))
            self._read_until[key] = found.last
            return _trace(found.records, found.first, process.pid, time.time())
        return RequestTrace.empty()

    def _keys(self, plugin_id: str, report: Report, cache: CacheReport) -> NDArray[np.uint64] | None:
        process = channel.ProcessIdentity(report.pid, report.start_ticks)
        path = self._file(plugin_id, process, f"cache-{file_name(cache.name)}.ring")
        if not path.exists():
            return np.empty(0, dtype=np.uint64)
        with self._counting():
            return mixed(np.frombuffer(read_ring(path, KEY.size).records, dtype="<i8").view(np.uint64))
        return None

    def _journal(self, plugin_id: str) -> ProbeJournal:
        journal = self._journals.setdefault(plugin_id, ProbeJournal())
        for process in self._processes(plugin_id):
            with self._counting():
                journal.take(self._file(plugin_id, process, "log.jsonl"))
        return journal

    def _note_errors(self, plugin_id: str, trace: RequestTrace) -> None:
        journal = self._journal(plugin_id)
        for fingerprint in np.unique(trace.error[trace.error > 0]):
            journal.saw(int(fingerprint), float(np.max(trace.end[trace.error == fingerprint])))

    def _bury(self, plugin_id: str, process: channel.ProcessIdentity) -> None:
        """Take away the files of a process that has been dead for a minute; they have been read."""
        if process.alive:
            return
        with self._counting():
            files = list(process_directory(self._home, plugin_id).glob(f"{process}.*"))
            if max((path.stat().st_mtime for path in files), default=0.0) > time.time() - _DEAD_KEPT_SECONDS:
                return
            for path in files:
                path.unlink(missing_ok=True)
                self._journals[plugin_id].forget(path)
        self._read_until.pop((plugin_id, process), None)

    @contextlib.contextmanager
    def _counting(self) -> Iterator[None]:
        """Leave the block where a file cannot be used, and count that; a file that is not there is no news."""
        try:
            yield
        except FileNotFoundError:
            return
        except (OSError, RingCorrupt, ValueError):
            self.skipped += 1


def mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread hashes evenly over 64 bits: Python's hash of a number is the number itself.

    Source: splitmix64, Steele, Lea, Flood, Fast splittable pseudorandom number generators (OOPSLA 2014).
    """
    with np.errstate(over="ignore"):
        z = hashes + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def _trace(records: bytes, first: int, pid: int, now: float) -> RequestTrace:
    rows = np.frombuffer(records, dtype=_REQUEST)
    rows = rows[_sound(rows, first, now)]
    trace = RequestTrace(
        arrival=rows["arrival"].astype(np.float64),
        queue_wait=rows["queue_wait"].astype(np.float64),
        wall=rows["wall"].astype(np.float64),
        cpu=rows["cpu"].astype(np.float64),
        run_delay=rows["run_delay"].astype(np.float64),
        status=rows["status"].astype(np.int64),
        error=rows["error"].astype(np.int64),
        context=rows["context"].astype(np.int64),
        pid=np.full(len(rows), pid, dtype=np.int64),
    )
    return RequestTrace.merge(trace)


def _sound(rows: NDArray[np.void], first: int, now: float) -> NDArray[np.bool_]:
    """Tell which records are whole, recent and possible: [n]."""
    expected = np.arange(first, first + len(rows), dtype=np.uint64)
    with np.errstate(invalid="ignore"):
        recent = (rows["arrival"] > now - _OLDEST_SECONDS) & (rows["arrival"] < now + _CLOCK_AHEAD_SECONDS)
        possible = (rows["wall"] >= 0) & (rows["wall"] < _LONGEST_SECONDS)
        waited = np.isnan(rows["queue_wait"]) | ((rows["queue_wait"] >= 0) & (rows["queue_wait"] < _LONGEST_SECONDS))
    return np.asarray((rows["number"] == expected) & recent & possible & waited)


def _cache_trace(report: Report, cache: CacheReport, keys: NDArray[np.uint64]) -> CacheTrace:
    return CacheTrace(
        name=cache.name,
        pid=report.pid,
        keys=keys,
        capacity=cache.capacity,
        entries=cache.entries,
        hits=cache.hits,
        misses=cache.misses,
        load_seconds=cache.load_seconds_total / cache.loads if cache.loads else float("nan"),
        entry_bytes=cache.entry_bytes,
    )
