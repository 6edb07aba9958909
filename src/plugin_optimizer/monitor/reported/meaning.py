"""What the metrics of the well-known instrumentations mean to us; the first of a meaning that brings data is believed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ...domain import ConfigError, Metric


class Meaning(StrEnum):
    """What a series counts. Beside these it may be one of our own metrics, as a gauge."""

    REQUEST_DURATION = "request_duration"  # histogram or summary; by status where its labels name one
    REQUEST_COUNT = "request_count"  # counter; by status where its labels name one
    ERROR_COUNT = "error_count"  # counter of failed requests
    CPU_TIME = "cpu_time"  # counter of CPU seconds
    CACHE_HIT_COUNT = "cache_hit_count"
    CACHE_MISS_COUNT = "cache_miss_count"


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a name means, how to come to SI units, and its place among those that mean the same (lower wins).

    Without `scale` the unit that is sent decides, or the end of the name; else the unit is taken as SI.
    """

    meaning: str
    rank: int
    scale: float | None = None


UNITS: Mapping[str, float] = {
    "s": 1.0, "seconds": 1.0, "ms": 1e-3, "milliseconds": 1e-3, "us": 1e-6, "microseconds": 1e-6, "ns": 1e-9,
    "nanoseconds": 1e-9, "min": 60.0, "minutes": 60.0, "h": 3600.0, "By": 1.0, "bytes": 1.0, "KiBy": 1024.0,
    "MiBy": 1024.0**2, "kBy": 1e3, "MBy": 1e6, "kilobytes": 1e3, "megabytes": 1e6, "%": 1e-2, "percent": 1e-2,
    "1": 1.0, "ratio": 1.0,
}  # fmt: skip

_DURATIONS = (
    "http.server.request.duration",  # OpenTelemetry, stable since 1.23, and the same as Prometheus names it
    "http_server_request_duration_seconds",
    "http.server.duration",  # OpenTelemetry before that, in milliseconds
    "http_server_duration_milliseconds",
    "http_server_duration_seconds",
    "flask_http_request_duration_seconds",  # prometheus-flask-exporter
    "starlette_request_duration_seconds",  # starlette-exporter
    "http_request_duration_highr_seconds",  # prometheus-fastapi-instrumentator
    "http_request_duration_seconds",
    "http_request_duration_milliseconds",
    "django_http_requests_latency_including_middlewares_seconds",  # django-prometheus
    "django_http_requests_latency_seconds_by_view_method",
    "http_server_requests_seconds",  # Micrometer
    "rpc.server.duration",
    "rpc_server_duration_milliseconds",
)
_COUNTS: Mapping[Meaning, tuple[str, ...]] = {
    Meaning.REQUEST_DURATION: _DURATIONS,
    Meaning.REQUEST_COUNT: (
        "http_requests_total",
        "flask_http_request_total",
        "starlette_requests_total",
        "django_http_responses_total_by_status_total",
        "http_request_total",
    ),
    Meaning.ERROR_COUNT: (
        "http_request_errors_total",
        "flask_http_request_exceptions_total",
        "django_http_exceptions_total_by_type_total",
    ),
    Meaning.CPU_TIME: (
        "process.cpu.time",
        "process_cpu_time_seconds_total",
        "process_cpu_seconds_total",
        "container.cpu.time",
        "container_cpu_usage_seconds_total",
    ),
}
_GAUGES: Mapping[Metric, tuple[str, ...]] = {
    Metric.MEMORY_BYTES: (
        "process.memory.usage",
        "process_memory_usage_bytes",
        "process_resident_memory_bytes",
        "container_memory_working_set_bytes",
        "container.memory.usage",
    ),
    Metric.UP: ("up",),
}
_IN_MILLISECONDS = frozenset({"http.server.duration", "rpc.server.duration"})  # where no unit is sent


def _known() -> Mapping[str, Mapped]:
    every = {meaning.value: names for meaning, names in (*_COUNTS.items(), *_GAUGES.items())}
    return {name: Mapped(meaning, rank + 1) for meaning, names in every.items() for rank, name in enumerate(names)}


KNOWN: Mapping[str, Mapped] = _known()


def mapped_from(names: Mapping[str, str], where: str) -> Mapping[str, Mapped]:
    """Return what a plugin's names mean, its own before the well-known. Raises ConfigError, naming what could stand there.

    A meaning may end in a unit (`request_duration_milliseconds`), which then counts for more than what is sent.
    """
    return {**KNOWN, **{name: _own(text, f"{where}.{name}") for name, text in names.items()}}


def scale_of(mapped: Mapped, name: str, unit: str = "") -> float:
    """Return the factor to SI units."""
    if mapped.scale is not None:
        return mapped.scale
    if unit in UNITS:
        return UNITS[unit]
    if name in _IN_MILLISECONDS:
        return 1e-3
    words = name.replace(".", "_").removesuffix("_total").rpartition("_")
    return UNITS.get(words[2], 1.0) if words[1] else 1.0


def _own(text: str, where: str) -> Mapped:
    if text in set(Meaning) | set(Metric):
        return Mapped(text, 0)
    base, _, unit = text.rpartition("_")
    if base in set(Meaning) and unit in UNITS:
        return Mapped(base, 0, UNITS[unit])
    known = ", ".join((*Meaning, *Metric))
    raise ConfigError(f"{where} is {text!r}; expected one of {known}, or one of the first with a unit behind it")
