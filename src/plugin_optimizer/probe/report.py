"""What one process of a plugin says of itself: its knobs as they run, its caches, the settings it has applied."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .places import ProcessIdentity, process_directory, processes
from .settings import Value

_LARGEST_BYTES = 1 << 20  # a report beyond this is not one of ours


@dataclass(frozen=True, slots=True)
class KnobReport:
    """A knob as it runs in one process. `kind` is workers, cache_size, max_requests, performance or setting."""

    name: str
    value: Value
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    unit: str
    kind: str
    step: float
    persistent: bool


@dataclass(frozen=True, slots=True)
class CacheReport:
    """A cache in one process; counters are totals since the process began.

    `entry_bytes` is a sampled estimate, NaN before the first entry.
    """

    name: str
    capacity: int
    entries: int
    hits: int
    misses: int
    loads: int
    load_seconds_total: float
    entry_bytes: float


@dataclass(frozen=True, slots=True)
class Report:
    """One live process. `start_time` and `at` in Unix seconds; `version` of the settings it has applied.

    `server` is what serves it: gunicorn, uwsgi, celery… or python. `served` counts requests, `dropped` the
    records that were lost because nobody wrote them out in time, `slowest_seconds` is the longest request of its life.
    `server_numbers` are the settings of its server that are numbers, as this process runs with them.
    `blueprints` are those of its Flask application, and whether this process has served a request of each.
    """

    pid: int
    start_ticks: int
    start_time: float
    version: int
    at: float
    server: str
    knobs: tuple[KnobReport, ...]
    caches: tuple[CacheReport, ...]
    served: int = 0
    dropped: int = 0
    slowest_seconds: float = 0.0
    server_numbers: Mapping[str, int] = field(default_factory=dict)
    blueprints: Mapping[str, bool] = field(default_factory=dict)

    def knob(self, name: str) -> KnobReport | None:
        return next((knob for knob in self.knobs if knob.name == name), None)


def reports(root: Path, plugin: str) -> list[Report]:
    """Return what the live processes of a plugin report, by pid; broken reports are left out.

    Raises ChannelRefused when the home is another user's.
    """
    found = (read_report(root, plugin, process) for process in processes(root, plugin))
    return [report for report in found if report is not None]


def read_report(root: Path, plugin: str, process: ProcessIdentity) -> Report | None:
    """Return the report of one process; None if there is none or it cannot be read."""
    try:
        content = report_path(root, plugin, process).read_bytes()[: _LARGEST_BYTES + 1]
        report = decode(content)
    except (OSError, ValueError):
        return None
    return report if (report.pid, report.start_ticks) == (process.pid, process.start_ticks) else None


def report_path(root: Path, plugin: str, process: ProcessIdentity) -> Path:
    return process_directory(root, plugin) / f"{process}.report.json"


def encode(report: Report) -> bytes:
    return json.dumps(asdict(report)).encode()


def decode(content: bytes) -> Report:
    """Return the report; raise ValueError if it is not one."""
    try:
        document = json.loads(content)
        knobs = tuple(_knob(entry) for entry in document.pop("knobs"))
        caches = tuple(_cache(entry) for entry in document.pop("caches"))
        return Report(
            pid=int(document["pid"]),
            start_ticks=int(document["start_ticks"]),
            start_time=float(document["start_time"]),
            version=int(document["version"]),
            at=float(document["at"]),
            server=str(document["server"]),
            knobs=knobs,
            caches=caches,
            served=int(document.get("served", 0)),
            dropped=int(document.get("dropped", 0)),
            slowest_seconds=float(document.get("slowest_seconds", 0.0)),
            server_numbers={str(name): int(number) for name, number in document.get("server_numbers", {}).items()},
            blueprints={str(name): bool(served) for name, served in document.get("blueprints", {}).items()},
        )
    except (TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"not a report of a probe: {error!r}") from error


def _knob(entry: Mapping[str, Any]) -> KnobReport:
    value = entry["value"]
    if not isinstance(value, int | float | str):
        raise TypeError(f"a knob's value is a number, a word or true/false, not {value!r}")
    return KnobReport(
        name=str(entry["name"]),
        value=value,
        minimum=None if entry["minimum"] is None else float(entry["minimum"]),
        maximum=None if entry["maximum"] is None else float(entry["maximum"]),
        choices=tuple(str(choice) for choice in entry["choices"]),
        unit=str(entry["unit"]),
        kind=str(entry["kind"]),
        step=float(entry["step"]),
        persistent=bool(entry["persistent"]),
    )


def _cache(entry: Mapping[str, Any]) -> CacheReport:
    return CacheReport(
        name=str(entry["name"]),
        capacity=int(entry["capacity"]),
        entries=int(entry["entries"]),
        hits=int(entry["hits"]),
        misses=int(entry["misses"]),
        loads=int(entry["loads"]),
        load_seconds_total=float(entry["load_seconds_total"]),
        entry_bytes=float(entry["entry_bytes"]),
    )
