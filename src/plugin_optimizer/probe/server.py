"""What serves this process: decides whether CPU time is the request's own, and how a worker may leave."""

import os
import signal
import sys
from collections.abc import Mapping
from types import ModuleType

_GUNICORN_NUMBERS = ("threads", "timeout", "keepalive", "graceful_timeout", "max_requests", "worker_connections")
_SERVERS = {"gunicorn.arbiter": "gunicorn", "uwsgi": "uwsgi", "celery.worker": "celery", "uvicorn.server": "uvicorn"}


def server_kind() -> str:
    """Return gunicorn, uwsgi, celery, uvicorn, or python for anything else."""
    return next((kind for module, kind in _SERVERS.items() if module in sys.modules), "python")


def under_gunicorn() -> bool:
    return "gunicorn.arbiter" in sys.modules


def is_gunicorn_worker() -> bool:
    """Return whether this process is a worker of a gunicorn master: its SIGTERM handler is the worker's own."""
    return _gunicorn_worker() is not None


def gunicorn_numbers() -> Mapping[str, int]:
    """Return the numbers that this gunicorn worker was made with and runs with until its end; empty in anything else."""
    settings = getattr(_gunicorn_worker(), "cfg", None)
    found = {name: getattr(settings, name, None) for name in _GUNICORN_NUMBERS}
    return {name: value for name, value in found.items() if type(value) is int}


def _gunicorn_worker() -> object | None:
    owner = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    is_one = any(base.__module__ == "gunicorn.workers.base" for base in type(owner).__mro__)
    return owner if is_one else None


def may_be_gunicorn_master() -> bool:
    """Return whether this is the master (which preloads the application and serves nothing) as far as one can tell."""
    return under_gunicorn() and not is_gunicorn_worker()


def leave_gracefully() -> None:
    """Ask our own gunicorn worker to finish what it has begun and end; its master starts another one."""
    if is_gunicorn_worker():
        os.kill(os.getpid(), signal.SIGTERM)


def threads_are_requests() -> bool:
    """Return whether a request has its thread to itself. False under gevent and eventlet: CPU cannot be told apart."""
    gevent = sys.modules.get("gevent.monkey")
    eventlet = sys.modules.get("eventlet.patcher")
    return not (_patched(gevent, "is_module_patched", "threading") or _patched(eventlet, "is_monkey_patched", "thread"))


def _patched(module: ModuleType | None, question: str, name: str) -> bool:
    ask = getattr(module, question, None)
    return bool(ask(name)) if ask is not None else False
