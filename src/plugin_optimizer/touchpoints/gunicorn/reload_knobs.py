"""What of a gunicorn a reload (HUP) can change, and why not where it cannot.

| knob      | worker classes that honour it           | not offered                                               |
|-----------|-----------------------------------------|-----------------------------------------------------------|
| threads   | gthread                                 | sync: a second thread would make it another class         |
| timeout   | all                                     | where it is switched off (0)                              |
| keepalive | gthread, asgi, uvicorn, gevent, eventlet | sync closes after each answer                            |

None of them where the command line, GUNICORN_CMD_ARGS or the application decides, where no config file can be rewritten,
or where nobody tells what is in force.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ...domain import Disruption, Knob, Refused
from ..file_replacement import read_replaceable
from .config import with_number
from .control import FIRST_VERSION as FIRST_WITH_CONTROL
from .running import Running
from .settings import Configured, GunicornSettings, Origin
from .version import Version

KEEP_ALIVE_KINDS = frozenset({"gthread", "asgi", "uvicorn", "gevent", "eventlet"})
OLDEST: Version = (20, 0)
# Before it, a reload of workers that keep connections closes those under the hands of their clients (measured: docs), and
# from 25.1 on leaves a thread and a file behind where there is a control socket (gunicorn #3648).
GRACEFUL: Version = (27,)
MOST_THREADS = 64  # beyond, an interpreter's lock and a database's connections are what is waited for
LEAST_TIMEOUT_SECONDS, MOST_TIMEOUT_SECONDS = 5, 600
MOST_KEEPALIVE_SECONDS = 75
TIMEOUT_HEADROOM = 2  # times the slowest request that was seen
DECIDED_BY = {
    Origin.COMMAND: "gunicorn's command line sets it, which wins over the config file",
    Origin.ENVIRONMENT: "GUNICORN_CMD_ARGS sets it, which wins over the config file",
    Origin.UNKNOWN: "where it is set cannot be told (a process title hides the command line, or a paste file decides)",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """All that decides on what is offered. `oldest_seconds`: birth of the oldest worker, Unix seconds (infinite: none)."""

    settings: GunicornSettings
    version: Version | None
    running: Running
    oldest_seconds: float

    @property
    def kind(self) -> str:
        return self.settings.kind


def offers(seen: Seen) -> Mapping[str, Knob | str]:
    """Return by name the knob, or why it is not offered."""
    return {name: _offer(seen, name, configured) for name, configured in seen.settings.reloaded.items()}


def _offer(seen: Seen, name: str, configured: Configured) -> Knob | str:
    value = seen.running.number(name, configured.value)
    why = _not_honoured(seen, name, value) or _not_reloadable(seen) or _not_ours(seen, name, configured)
    if why is not None:
        return why
    if value is None:
        return "what is in force cannot be told: neither the control socket nor a probe in every worker shows it"
    if value != configured.value and not _waits_for_reload(seen):
        return f"{value} is in force although {configured.value} is configured: the application or a hook sets it"
    return _knob(seen, name, value)


def _not_honoured(seen: Seen, name: str, value: int | None) -> str | None:
    if name == "threads" and seen.kind != "gthread":
        return f"workers of class {seen.kind} have no threads, and a second one would make them another class"
    if name == "keepalive" and seen.kind not in KEEP_ALIVE_KINDS:
        return f"workers of class {seen.kind} close the connection after each answer"
    if name == "timeout" and value == 0:
        return "timeouts are switched off"
    return None


def _not_reloadable(seen: Seen) -> str | None:
    version = seen.version
    if version is None or version < OLDEST:
        return "which gunicorn it runs cannot be told, or it is older than 20"
    if version < GRACEFUL and seen.kind in KEEP_ALIVE_KINDS:
        return "before gunicorn 27 a reload closes connections that clients are about to use again"
    if FIRST_WITH_CONTROL <= version < GRACEFUL and seen.settings.control_socket is not None:
        return "this version leaves a thread and a file behind at each reload (gunicorn #3648); use 27 or later"
    return None


def _not_ours(seen: Seen, name: str, configured: Configured) -> str | None:
    if configured.origin in DECIDED_BY:
        return DECIDED_BY[configured.origin]
    path = seen.settings.config_path
    if path is None:
        return "there is no config file to write it into (--config)"
    try:
        with_number(read_replaceable(path).content, name, 1)
    except Refused as refused:
        return str(refused)
    return None


def _waits_for_reload(seen: Seen) -> bool:
    """Tell whether the config file is younger than a worker: that one runs with what stood there before."""
    path = seen.settings.config_path
    try:
        return path is not None and path.stat().st_mtime > seen.oldest_seconds
    except OSError:
        return False


def _knob(seen: Seen, name: str, value: int) -> Knob:
    """Bounds never shut out what runs: the way back must stay open."""
    needed = None
    if name == "threads":
        low, high, unit, kind = 2, min(MOST_THREADS, seen.settings.worker_connections), "threads", "threads"
    elif name == "timeout":
        graceful = int(seen.settings.graceful_timeout_seconds)
        low, high, unit, kind = max(LEAST_TIMEOUT_SECONDS, graceful), MOST_TIMEOUT_SECONDS, "seconds", "time_limit"
        enough = seen.running.enough_requests
        needed = TIMEOUT_HEADROOM * seen.running.slowest_seconds if enough else float(value)
    else:
        low, high, unit, kind = 1, MOST_KEEPALIVE_SECONDS, "seconds", "setting"
    return Knob(
        name=name,
        value=value,
        minimum=min(low, value),
        maximum=max(high, value),
        unit=unit,
        disruption=Disruption.RELOAD,
        persistent=True,
        kind=kind,
        needed=needed,
    )
