"""The one background thread per process that reads settings and writes files, so that no request has to."""

import atexit
import contextlib
import logging
import os
import threading

from . import registry
from .server import may_be_gunicorn_master

_TURN_SECONDS = 0.25
_FIRST_TURN_SECONDS = 0.05  # a forked worker first drops its privileges; files made before would be root's

_log = logging.getLogger("plugin_optimizer.probe")
_thread: threading.Thread | None = None
_thread_pid = 0


def ensure_running() -> None:
    """Start the thread of this process if there is none yet.

    A gunicorn master that preloads the application serves nothing and forks: it gets no thread, its workers do.
    """
    if not _runs_here() and not may_be_gunicorn_master():
        _start()


def prepare(probe: registry.Probe) -> None:
    """Make this process ready for its first request: settings are in force, the thread runs."""
    probe.prepare()
    if not _runs_here():
        _start()


def _runs_here() -> bool:
    return _thread is not None and _thread_pid == os.getpid()


def _start() -> None:
    global _thread, _thread_pid
    _thread, _thread_pid = threading.Thread(target=_run, name="plugin-optimizer-probe", daemon=True), os.getpid()
    # Where threads cannot be had (an interpreter shutting down, a limit) the application goes on without records.
    with contextlib.suppress(RuntimeError):
        _thread.start()


def _run() -> None:
    pause, me = threading.Event(), os.getpid()
    pause.wait(_FIRST_TURN_SECONDS)
    while os.getpid() == me:
        turn()
        pause.wait(_TURN_SECONDS)


def turn() -> None:
    """Serve every plugin of this process once. Never raises."""
    for probe in registry.all_probes():
        try:
            probe.turn()
        except Exception as error:  # noqa: BLE001 - this thread must outlive whatever a plugin does
            _log.debug("%s: %r", probe.plugin, error)


def _after_fork_in_child() -> None:
    global _thread  # noqa: PLW0603 - one per process, by its nature
    registry.after_fork()
    _thread = None
    if any(registry.all_probes()):
        _start()


def _at_exit() -> None:
    """Write what the last requests left behind; a server that ends gracefully ends by this door."""
    if _runs_here():
        turn()


os.register_at_fork(after_in_child=_after_fork_in_child)
atexit.register(_at_exit)
