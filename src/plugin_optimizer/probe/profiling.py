"""Answers, in one process, what is asked about its CPU or its memory; looks for questions with every turn of the probe."""

import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from .memory_burst import AlreadyTracing, MemoryBurst
from .places import ProcessIdentity, make_private, process_directory, write_atomically
from .profile import STANDING, Kind, ProcessProfile, ProfileRequest, State, asked, encode, request_path
from .sampler import Sampler
from .served import ServedRequests
from .server import threads_are_requests

SAMPLER_VARIABLE = "PLUGIN_OPTIMIZER_SAMPLER"
SHARED_THREADS, ALREADY_TRACING, NO_THREAD, TOO_MUCH = "shared_threads", "already_tracing", "no_thread", "too_much"
_WRITTEN_SECONDS = 1.0
_STANDING_SECONDS = 30.0  # of a sampler that always runs, the last whole stretch is told


class _Job(Protocol):
    def told(self, request: ProfileRequest, state: State) -> ProcessProfile: ...
    def over(self) -> bool: ...


@dataclass
class _CpuJob:
    """Samples from its making on. Raises RuntimeError where no thread can be had."""

    requests: ServedRequests
    begin: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self._sampler = Sampler(self.requests)
        self._before = time.process_time()
        self._sampler.start()

    def over(self) -> bool:
        return False

    def told(self, request: ProfileRequest, state: State) -> ProcessProfile:
        """While it runs, tell only that; at the end, what was counted."""
        sampler = self._sampler
        used = time.process_time() - self._before
        if state == "done":
            sampler.stop()
        entries = tuple(sampler.drain()) if state == "done" else ()
        told = _answer(request, state, "", self.begin)
        return replace(told, looks=sampler.looks, process_seconds=used, own_seconds=sampler.own_seconds, cpu=entries)


@dataclass
class _MemoryJob:
    begin: float = field(default_factory=time.time)
    burst: MemoryBurst = field(default_factory=MemoryBurst)

    def over(self) -> bool:
        self.burst.look()
        return self.burst.full

    def told(self, request: ProfileRequest, state: State) -> ProcessProfile:
        memory = tuple(self.burst.end()) if state == "done" else ()
        reason = TOO_MUCH if self.burst.full else ""
        told = _answer(request, state, reason, self.begin)
        return replace(told, kept_bytes=self.burst.kept_bytes, peak_bytes=self.burst.peak_bytes, memory=memory)


class Profiling:
    """The questions to one plugin in this process, one at a time; and its sampler that always runs, where that was wanted."""

    def __init__(self, requests: ServedRequests) -> None:
        self._requests = requests
        self._seen: tuple[int, ...] = ()
        self._request: ProfileRequest | None = None
        self._job: _Job | None = None
        self._written_at = self._ends_at = 0.0  # of the monotonic clock
        self._standing: _Standing | None = None

    def turn(self, root: Path, plugin: str, process: ProcessIdentity, *, standing: bool) -> None:
        """Begin, go on with or end what was asked. Raises OSError where the answer cannot be written."""
        directory = process_directory(root, plugin)
        self._notice(root, plugin, directory, process)
        if self._request is not None and self._job is not None:
            self._go_on(self._request, self._job, directory, process)
        if standing:
            self._standing = self._standing or _Standing(self._requests)
            self._standing.turn(directory, process)
        elif self._standing is not None:
            self._standing.end()
            self._standing = None

    def _notice(self, root: Path, plugin: str, directory: Path, process: ProcessIdentity) -> None:
        try:
            found = request_path(root, plugin).stat()
        except OSError:
            return
        seen = (found.st_ino, found.st_mtime_ns)
        if seen == self._seen or self._job is not None:
            return
        self._seen = seen
        request = asked(root, plugin)
        if request is not None and request.pid in (0, process.pid) and time.time() < request.until:
            make_private(root, directory)
            self._begin(request, directory, process)

    def _begin(self, request: ProfileRequest, directory: Path, process: ProcessIdentity) -> None:
        self._request, reason = request, ""
        self._ends_at = time.monotonic() + min(request.seconds, request.until - time.time())
        try:
            if request.kind == "cpu" and not threads_are_requests():
                reason = SHARED_THREADS
            else:
                self._job = _CpuJob(self._requests) if request.kind == "cpu" else _MemoryJob()
        except AlreadyTracing:
            reason = ALREADY_TRACING
        except RuntimeError:
            reason = NO_THREAD
        if reason:
            _write(directory, process, "profile", _answer(request, "refused", reason, time.time()))

    def _go_on(self, request: ProfileRequest, job: _Job, directory: Path, process: ProcessIdentity) -> None:
        now = time.monotonic()
        if now >= self._ends_at or job.over():
            self._job = None
            _write(directory, process, "profile", job.told(request, "done"))
        elif now - self._written_at >= _WRITTEN_SECONDS:
            self._written_at = now
            _write(directory, process, "profile", job.told(request, "running"))


class _Standing:
    """A sampler that always runs, and the figures of its last whole stretch."""

    def __init__(self, requests: ServedRequests) -> None:
        self._sampler: Sampler | None = Sampler(requests) if threads_are_requests() else None
        self._began = self._written = time.monotonic()
        self._begin = time.time()
        self._told = False
        self._process = time.process_time()
        self._looks, self._own = 0, 0.0
        if self._sampler is not None:
            self._sampler.start()

    def turn(self, directory: Path, process: ProcessIdentity) -> None:
        now = time.monotonic()
        request = ProfileRequest(STANDING, "cpu", _STANDING_SECONDS, 0, self._begin)
        sampler = self._sampler
        if sampler is None:
            if not self._told:
                self._told = True
                _write(directory, process, STANDING, _answer(request, "refused", SHARED_THREADS, self._begin))
            return
        if now - self._written < _STANDING_SECONDS:
            return
        used, self._process = time.process_time() - self._process, time.process_time()
        looks, own = sampler.looks - self._looks, sampler.own_seconds - self._own
        told = _answer(request, "done", "", self._begin)
        told = replace(told, looks=looks, process_seconds=used, own_seconds=own, cpu=tuple(sampler.drain()))
        _write(directory, process, STANDING, told)
        self._looks, self._own = sampler.looks, sampler.own_seconds
        self._written, self._begin = now, time.time()

    def end(self) -> None:
        if self._sampler is not None:
            self._sampler.stop()


def always_wanted() -> bool:
    """Return whether the environment asks for a sampler that always runs."""
    return os.environ.get(SAMPLER_VARIABLE, "").lower() in ("1", "true", "yes", "on")


def _answer(request: ProfileRequest, state: State, reason: str, begin: float) -> ProcessProfile:
    kind: Kind = request.kind
    return ProcessProfile(request.request, kind, state, reason, os.getpid(), begin, time.time())


def _write(directory: Path, process: ProcessIdentity, name: str, profile: ProcessProfile) -> None:
    write_atomically(directory / f"{process}.{name}.json", encode(profile))
