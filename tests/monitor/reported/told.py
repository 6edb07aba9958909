"""Reports as others would send them, and what is made of them."""

from collections.abc import Sequence

from plugin_optimizer.domain import Metric, Refusal, Sample
from plugin_optimizer.monitor.reported.increases import Budget, Increases
from plugin_optimizer.monitor.reported.limits import MetricsIn
from plugin_optimizer.monitor.reported.meaning import mapped_from
from plugin_optimizer.monitor.reported.points import Kind, Point
from plugin_optimizer.monitor.reported.timeline import Timeline
from plugin_optimizer.monitor.reported.translation import Translation

BEGIN = 1_800_000_000.0
STEP = 5.0
BOUNDS = (0.1, 0.5, 1.0)


def translation(limits: MetricsIn | None = None, **names: str) -> Translation:
    increases = Increases(limits or MetricsIn(), Budget(200_000))
    return Translation(Timeline("orders", STEP), increases, mapped_from(names, "names"))


def counter(
    at: float,
    value: float,
    failed: bool | None = None,
    process: str = "a",
    series: str = "",
    kind: Kind = Kind.CUMULATIVE,
) -> Point:
    series = series or f"{process}{failed}"
    return Point("request_count", "http_requests_total", series, process, kind, at, value, failed=failed)


def durations(
    at: float, *counts: float, total: float = 0.0, failed: bool | None = None, process: str = "a", start: float = 0.0
) -> Point:
    name = "http.server.request.duration"
    series = f"{process}{failed}"
    kind = Kind.CUMULATIVE
    return Point("request_duration", name, series, process, kind, at, total, start, failed, BOUNDS, counts)


def gauge(at: float, value: float, process: str = "a", name: str = "process_resident_memory_bytes") -> Point:
    return Point("memory_bytes", name, process, process, Kind.GAUGE, at, value)


def cpu(at: float, seconds: float, process: str = "a") -> Point:
    return Point("cpu_time", "process_cpu_seconds_total", process, process, Kind.CUMULATIVE, at, seconds)


def told(of: Translation, *points: Point, now: float | None = None, slots: int | None = None) -> list[Sample]:
    return looked(of, *points, now=now, slots=slots)[0]


def looked(
    of: Translation, *points: Point, now: float | None = None, slots: int | None = None
) -> tuple[list[Sample], list[Refusal]]:
    at = now if now is not None else max(point.at for point in points)
    samples, refusals = of.samples(list(points), at, slots, None)
    return [s for s in samples if s.metric is not Metric.UP], refusals


def values(samples: Sequence[Sample]) -> dict[Metric, float]:
    """The newest value of each metric."""
    return {sample.metric: sample.value for sample in sorted(samples, key=lambda sample: sample.at)}


def times(samples: Sequence[Sample], metric: Metric) -> list[float]:
    return [sample.at - BEGIN for sample in samples if sample.metric is metric]
