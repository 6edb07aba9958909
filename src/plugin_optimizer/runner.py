"""When and where turns happen: exactly one process of a host runs the loop, however many serve the API.

The right to run is a POSIX record lock on a file of the state directory. Such a lock belongs to a process: it
is not inherited by fork, and the kernel releases it when the process ends, however it ends. Whoever holds it
also takes a fence from the state store, higher than any before.
"""

import contextlib
import fcntl
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

log = logging.getLogger(__name__)
Result = TypeVar("Result")
CONTEND_SECONDS = 1.0
TICK_SECONDS = 0.25


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

    def __init__(self, build: Callable[[str], Loop], lock_path: Path, interval_seconds: float) -> None:
        self._build = build
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
                    self._run()
            self._stop.wait(CONTEND_SECONDS)

    def _lock(self, held: contextlib.ExitStack) -> bool:
        try:
            self._lock_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = held.enter_context(self._lock_path.open("a"))
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _run(self) -> None:
        holder = f"{socket.gethostname()}:{os.getpid()}"
        try:
            loop = self._build(holder)
        except Exception:
            log.exception("the engine could not be built; trying again")
            return
        self._active.set()
        log.info("%s runs the analysis", holder)
        ticker = threading.Thread(target=self._tick, args=(loop,), name="plugin-optimizer-executor", daemon=True)
        ticker.start()
        try:
            self._turn(loop)
        finally:
            self._active.clear()
            ticker.join(5.0)
            loop.close()

    def _turn(self, loop: Loop) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            self._guarded("turn", loop.turn)
            self._guarded("trim", loop.trim)
            due = max(due + self._interval_seconds, time.monotonic() + 0.1)
            self._stop.wait(max(0.0, due - time.monotonic()))

    def _tick(self, loop: Loop) -> None:
        while not self._stop.is_set() and self._active.is_set():
            busy = self._guarded("tick", loop.tick)
            self._stop.wait(TICK_SECONDS if busy else 2 * TICK_SECONDS)

    def _guarded(self, name: str, call: Callable[[], Result]) -> Result | None:
        try:
            return call()
        except Exception:
            log.exception("the %s failed; the loop goes on", name)
            return None
