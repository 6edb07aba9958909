"""When and where turns happen: exactly one process of a host runs the loop, however many serve the API.

The right to run is a POSIX record lock on a file of the state directory. Such a lock belongs to a process: it
is not inherited by fork, and the kernel releases it when the process ends, however it ends. Whoever holds it
also takes a fence from the state store, higher than any before.

Where several hosts share a database, the holder of the lock also needs the lease there. It renews it every 2 s; one
that could not for 10 s stops by itself, 5 s before anybody else may take it. Both are counted by the monotonic clock,
from before the renewal was asked for.
"""

import contextlib
import fcntl
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from .domain import OptimizerError

log = logging.getLogger(__name__)
Result = TypeVar("Result")
CONTEND_SECONDS = 1.0
TICK_SECONDS = 0.25
RETRY_SECONDS = 2.0  # between two renewals, and two tries to take the lease
RENEW_WITHIN_SECONDS = 10.0  # client-go's renew deadline; the lease itself runs 15 s


class Lease(Protocol):
    """The right to run among several hosts, kept by the database they share. Every call may raise."""

    def take_runner_lease(self, holder: str) -> bool: ...
    def renew_runner_lease(self, holder: str) -> bool: ...
    def release_runner_lease(self, holder: str) -> None: ...


class Loop(Protocol):
    """What the runner drives while it holds the lock."""

    def turn(self) -> None: ...
    def tick(self) -> int: ...
    def trim(self) -> None: ...
    def close(self) -> None: ...


class Runner:
    """Contends for the lock in a background thread; while it holds it, drives the loop.

    `start` may be called any number of times, before or after a fork: each process contends once.
    """

    _thread: threading.Thread | None
    _stop: threading.Event
    _active: threading.Event
    _wanted: bool

    def __init__(
        self,
        build: Callable[[str], Loop],
        lock_path: Path,
        interval_seconds: float,
        lease: Callable[[], Lease] | None = None,
    ) -> None:
        self._build = build
        self._lease = lease
        self._lock_path = lock_path
        self._interval_seconds = interval_seconds
        self._guard = threading.Lock()
        self._reset()
        os.register_at_fork(after_in_child=self._after_fork)

    @property
    def active(self) -> bool:
        """Tell whether this very process runs the turns."""
        return self._active.is_set()

    def start(self) -> None:
        """Begin to contend (idempotent in a process). Returns at once."""
        with self._guard:
            self._wanted = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._contend, name="plugin-optimizer-runner", daemon=True)
                self._thread.start()

    def stop(self, timeout_seconds: float = 10.0) -> None:
        """Stop turning, close the loop and release the lock."""
        with self._guard:
            self._wanted = False
            thread, self._thread = self._thread, None
        self._stop.set()
        if thread is not None:
            thread.join(timeout_seconds)
        self._stop.clear()

    def _reset(self) -> None:
        self._thread = None
        self._stop = threading.Event()
        self._active = threading.Event()
        self._wanted = False

    def _after_fork(self) -> None:
        wanted = self._wanted
        self._guard = threading.Lock()
        self._reset()
        if wanted:
            self.start()

    def _contend(self) -> None:
        while not self._stop.is_set():
            with contextlib.ExitStack() as held:
                if self._lock(held):
                    self._run_as(f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}")
            self._stop.wait(CONTEND_SECONDS)

    def _lock(self, held: contextlib.ExitStack) -> bool:
        try:
            self._lock_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = held.enter_context(self._lock_path.open("a"))
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _run_as(self, holder: str) -> None:
        """Run as long as we may, once no other host does."""
        if self._lease is None:
            self._run(holder, Tenure(holder, None))
            return
        tenure = Tenure(holder, self._lease)
        while not self._stop.is_set() and not tenure.take():
            self._stop.wait(RETRY_SECONDS)
        try:
            if tenure.held:
                self._run(holder, tenure)
        finally:
            tenure.end()

    def _run(self, holder: str, tenure: "Tenure") -> None:
        tenure.begin()
        try:
            loop = self._build(holder)
        except Exception:
            log.exception("the engine could not be built; trying again")
            return
        self._active.set()
        log.info("%s runs the analysis", holder)
        ticker = threading.Thread(target=self._tick, args=(loop, tenure), name="plugin-optimizer-executor", daemon=True)
        ticker.start()
        try:
            self._turn(loop, tenure)
        finally:
            self._active.clear()
            ticker.join(5.0)
            loop.close()

    def _turn(self, loop: Loop, tenure: "Tenure") -> None:
        due = time.monotonic()
        while not self._stop.is_set() and tenure.held:
            self._guarded("turn", loop.turn)
            self._guarded("trim", loop.trim)
            due = max(due + self._interval_seconds, time.monotonic() + 0.1)
            while (
                tenure.held and (left := due - time.monotonic()) > 0 and not self._stop.wait(min(left, CONTEND_SECONDS))
            ):
                pass

    def _tick(self, loop: Loop, tenure: "Tenure") -> None:
        while not self._stop.is_set() and self._active.is_set() and tenure.held:
            busy = self._guarded("tick", loop.tick)
            self._stop.wait(TICK_SECONDS if busy else 2 * TICK_SECONDS)

    def _guarded(self, name: str, call: Callable[[], Result]) -> Result | None:
        try:
            return call()
        except OptimizerError as error:
            log.warning("the %s failed; the loop goes on: %s", name, error)
        except Exception:
            log.exception("the %s failed; the loop goes on", name)
        return None


class Tenure:
    """The time for which a process may run: without end where nobody shares the database, else as long as it renews."""

    def __init__(self, holder: str, lease: Callable[[], Lease] | None) -> None:
        self._holder, self._lease = holder, lease
        self._renewed_at = float("-inf")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="plugin-optimizer-lease", daemon=True)

    @property
    def held(self) -> bool:
        """Tell whether we may begin something now. Asks nobody: true only for 10 s after what we know for sure."""
        if self._lease is None:
            return True
        return not self._over.is_set() and time.monotonic() - self._renewed_at < RENEW_WITHIN_SECONDS

    def take(self) -> bool:
        """Ask for the lease once; False where somebody else has it, or the database does not answer."""
        return self._asked("take_runner_lease")

    def begin(self) -> None:
        """Begin to renew."""
        if self._lease is not None:
            self._thread.start()

    def end(self) -> None:
        """Give back what is ours, as far as the database answers."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(RENEW_WITHIN_SECONDS)
        with contextlib.suppress(Exception):
            if self._lease is not None:
                self._lease().release_runner_lease(self._holder)

    def _renew(self) -> None:
        while not self._over.wait(RETRY_SECONDS) and self.held:
            self._asked("renew_runner_lease")
        if not self._over.is_set():
            log.warning("%s could not renew its lease for %.0f s and stops running", self._holder, RENEW_WITHIN_SECONDS)

    def _asked(self, what: str) -> bool:
        """Ask, and count the time from before we asked. A renewal that is refused is the end."""
        assert self._lease is not None, "there is something to ask"
        asked_at = time.monotonic()
        try:
            given = bool(getattr(self._lease(), what)(self._holder))
        except Exception as error:  # noqa: BLE001 - whatever hinders it: not renewed
            log.warning("the lease of the runner: %s", error)
            return False
        if given:
            self._renewed_at = asked_at
        elif what.startswith("renew"):
            log.warning("%s has lost its lease to another host and stops running", self._holder)
            self._over.set()
        return given
