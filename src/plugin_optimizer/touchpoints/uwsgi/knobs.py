"""What of a uWSGI can be turned, and why not where it cannot.

| its number of workers                             | knobs                         | turned by |
|---------------------------------------------------|-------------------------------|-----------|
| `cheaper` with `cheaper-algo = manual`, a FIFO    | `workers`                     | the FIFO, while it runs |
| `cheaper` with another algorithm, which owns it   | `processes`, `cheaper`: its bounds | ini file and reload |
| fixed (no `cheaper`)                              | `workers`                     | ini file and reload |

Beside them `threads`, `harakiri` and `max-requests`, by ini file and reload.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...domain import Disruption, Knob, Refused
from ..file_replacement import read_replaceable
from .ini import with_number
from .process import under_emperor
from .service import UwsgiService
from .settings import MANUAL, UwsgiSettings

WORKERS, PROCESSES, CHEAPER, INITIAL = "workers", "processes", "cheaper", "cheaper-initial"
THREADS, HARAKIRI, MAX_REQUESTS = "threads", "harakiri", "max-requests"
MOST_THREADS, MOST_HARAKIRI_SECONDS, MOST_REQUESTS = 64, 3600, 10_000_000
MANUAL_LINES = "`cheaper = 1`, `cheaper-algo = manual` and `master-fifo = FILE`"


@dataclass(frozen=True, slots=True)
class Seen:
    """All that decides on what is offered. `force` is what the running uWSGI has read, None where that cannot be told;
    `slots` how many requests each worker serves at a time, 0 where nobody tells; `most` how many workers the host can bear.
    """

    service: UwsgiService
    force: UwsgiSettings | None
    fifo: Path | None
    live: int
    slots: int
    most: int

    @property
    def settings(self) -> UwsgiSettings:
        return self.force or self.service.settings

    def number(self, name: str) -> int | None:
        return None if self.force is None else self.force.number(name)


def offers(seen: Seen) -> Mapping[str, Knob | str]:
    """Return by name the knob, or why it is not offered."""
    found: dict[str, Knob | str] = {WORKERS: _workers(seen)}
    if owned(seen.settings):
        found |= {PROCESSES: _bound(seen, PROCESSES), CHEAPER: _bound(seen, CHEAPER)}
    return {**found, THREADS: _threads(seen), HARAKIRI: _harakiri(seen), MAX_REQUESTS: _max_requests(seen)}


def by_fifo(settings: UwsgiSettings) -> bool:
    """Tell whether the number of workers is meant to be turned while it runs."""
    return bool(settings.number(CHEAPER)) and settings.algorithm == MANUAL


def owned(settings: UwsgiSettings) -> bool:
    """Tell whether an algorithm owns the number of workers."""
    return settings.has(CHEAPER) and settings.algorithm != MANUAL


def option_of(name: str) -> str:
    """Return the option of the ini file that a knob of a reload stands for."""
    return PROCESSES if name == WORKERS else name


def _workers(seen: Seen) -> Knob | str:
    settings = seen.settings
    if owned(settings):
        return f"cheaper-algo {settings.algorithm} owns the number of workers; processes and cheaper are its bounds"
    if not by_fifo(settings):
        why = _not_by_reload(seen, PROCESSES)
        if why:
            return f"{why}; {MANUAL_LINES} let it be turned while it runs"
        return _reloaded(WORKERS, seen.live, 1, seen.most, unit="workers", kind=WORKERS)
    cheaper, processes = seen.number(CHEAPER), seen.number(PROCESSES)
    if seen.fifo is None:
        return "it reads no FIFO of ours to see; start it with --master-fifo FILE"
    if cheaper is None or processes is None:
        return "within what bounds its workers may be turned cannot be told"
    limit = next((name for name in ("cheaper-rss-limit-soft", "cheaper-rss-limit-hard") if settings.has(name)), "")
    if limit:
        return f"{limit} owns the number of workers"
    # A worker with threads that goes drops what another of its threads accepts at that moment (measured: docs).
    alone = settings.slots_per_worker == 1 and not settings.event_loop
    return Knob(
        name=WORKERS,
        value=seen.live,
        minimum=min(cheaper, seen.live),
        maximum=max(processes, seen.live),
        unit="workers",
        disruption=Disruption.LIVE if alone else Disruption.RESTART,
        persistent=not _not_kept(seen, INITIAL),
        kind=WORKERS,
    )


def _bound(seen: Seen, name: str) -> Knob | str:
    """UWSGI ends at once where `cheaper` is not below `processes` (core/init.c)."""
    why = _not_by_reload(seen, name)
    cheaper, processes = seen.number(CHEAPER), seen.number(PROCESSES)
    if why or cheaper is None or processes is None:
        return why or "what is in force cannot be told"
    if name == CHEAPER:
        return _reloaded(CHEAPER, cheaper, 1, max(processes - 1, cheaper), unit="workers")
    least = max(cheaper + 1, seen.number(INITIAL) or 0)
    return _reloaded(PROCESSES, processes, least, max(seen.most, processes), unit="workers", kind="worker_limit")


def _threads(seen: Seen) -> Knob | str:
    why = _not_by_reload(seen, THREADS)
    value = seen.number(THREADS)
    if why or value is None:
        return why or "what is in force cannot be told"
    if seen.settings.event_loop:
        return "an event loop serves its requests, not threads"
    if value < 2:
        return "its workers have no threads, and whether the application bears a second one cannot be told"
    if seen.slots not in (0, value):
        return f"{seen.slots} are in force although {value} are configured"
    return _reloaded(THREADS, value, 2, max(MOST_THREADS, value), unit="threads", kind="threads")


def _harakiri(seen: Seen) -> Knob | str:
    why = _not_by_reload(seen, HARAKIRI)
    value = seen.number(HARAKIRI)
    if why or value is None:
        return why or "what is in force cannot be told"
    if value == 0:
        return "it is switched off"
    most = max(MOST_HARAKIRI_SECONDS, value)
    return _reloaded(HARAKIRI, value, 1, most, unit="seconds", kind="time_limit", needed=float(value))


def _max_requests(seen: Seen) -> Knob | str:
    why = _not_by_reload(seen, MAX_REQUESTS)
    value = seen.number(MAX_REQUESTS)
    if why or value is None:
        return why or "what is in force cannot be told"
    return _reloaded(MAX_REQUESTS, value, 0, max(MOST_REQUESTS, value), unit="requests", kind="max_requests")


def _reloaded(
    name: str, value: int, least: int, most: int, unit: str, kind: str = "setting", needed: float | None = None
) -> Knob:
    """Bounds never shut out what runs: the way back must stay open. It interrupts: a worker that is told to go between accepting a
    connection and beginning with it drops that one, and threads are cancelled (core/uwsgi.c, `gracefully_kill`, `wait_for_threads`).
    """
    return Knob(
        name=name,
        value=value,
        minimum=min(least, value),
        maximum=max(most, value),
        unit=unit,
        disruption=Disruption.RESTART,
        kind=kind,
        needed=needed,
    )


def _not_by_reload(seen: Seen, option: str) -> str:
    """Return why a reload does not turn an option, '' where it does."""
    service, settings = seen.service, seen.settings
    if not settings.hidden and not settings.has("master"):
        return "it runs without a master process (--master), which a reload needs"
    why = settings.keeper_of(option)
    if why:
        return why
    if not service.master.environment:
        return "its environment may not be looked at, so that nobody tells when a reload is over"
    return _reload_harms(settings) or _not_kept(seen, option)


def _reload_harms(settings: UwsgiSettings) -> str:
    if settings.gateways:
        return f"a reload ends its --{settings.gateways[0]} process with what that has begun; let the workers listen (http-socket)"
    if settings.has("lazy"):
        return "with `lazy` a reload does not read the ini file anew"
    if settings.has("exit-on-reload"):
        return "with `exit-on-reload` a reload ends it"
    return ""


def _watched(service: UwsgiService, settings: UwsgiSettings) -> str:
    """Return who would reload it as soon as its file is written, '' where nobody would."""
    if under_emperor(service.master):
        return "an Emperor starts it anew whenever its file changes"
    watched = [text for name in ("touch-reload", "fs-reload") for text in settings.told.get(name, ())]
    if any("%" in text or Path(text).name == _name(settings) for text in watched):
        return "it reloads by itself when its ini file is touched"
    return ""


def _name(settings: UwsgiSettings) -> str:
    return settings.config_path.name if settings.config_path is not None else ""


def _not_kept(seen: Seen, option: str) -> str:
    """Return why the ini file cannot be rewritten for an option, or does not say what is in force; '' where it can."""
    settings = seen.service.settings
    why = settings.keeper_of(option)
    if why or settings.config_path is None:
        return why or "it was started without an ini file (--ini FILE)"
    watched = _watched(seen.service, settings)
    if watched:
        return watched
    if seen.force is None:
        return "its ini file was changed after it was started; reload it yourself when that is meant"
    try:
        with_number(read_replaceable(settings.config_path).content, settings.section, option, 1)
    except Refused as refused:
        return str(refused)
    return ""
