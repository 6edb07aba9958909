"""Reads OTLP metrics, from protobuf or JSON, into points of the plugins that the sender may speak for.

Whose figures they are is not what the sender says: a token stands for the plugins whose configuration names it, and
`service.name` only chooses among those. Source: OpenTelemetry Protocol 1.x, OTLP/HTTP; Metrics Data Model.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...domain import InvalidValue
from ...models.histogram import SCALES, on_grid
from .limits import MetricsIn
from .meaning import Mapped, Meaning, scale_of
from .points import (
    SUMMARY_QUANTILES,
    Kind,
    Point,
    failed_of,
    instance_of,
    quantile_name,
    refuse_figures,
    refuse_labels,
    series_of,
)
from .settings import PluginMetrics

DELTA, CUMULATIVE = 1, 2  # AggregationTemporality
NO_RECORDED_VALUE = 1  # of DataPointFlags: the series has ended
BUCKETS_AT_MOST = 512
NAME_CHARACTERS = 200
Temporality = Mapping[int, Kind]
TEMPORALITIES: Temporality = {DELTA: Kind.DELTA, CUMULATIVE: Kind.CUMULATIVE}


@dataclass(frozen=True, slots=True)
class Sender:
    """A plugin that the caller's token may send for, and what the names of its metrics mean."""

    settings: PluginMetrics
    mapped: Mapping[str, Mapped]


@dataclass(slots=True)
class Reading:
    """One request being read: what it brought by plugin, how much was refused, by reason, and the first of each in words."""

    senders: Mapping[str, Sender]
    limits: MetricsIn
    now: float
    points: dict[str, list[Point]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    said: dict[str, str] = field(default_factory=dict)
    taken: int = 0

    def read(self, request: Any) -> None:
        """Read an ExportMetricsServiceRequest. Raises InvalidValue only where it holds more points than may be sent at a time."""
        for resource_metrics in request.resource_metrics:
            resource = _labels(resource_metrics.resource.attributes)
            plugin_id = self._plugin_of(resource.get("service.name", ""))
            for scope in resource_metrics.scope_metrics:
                for metric in scope.metrics:
                    self._metric(plugin_id, instance_of(resource), metric)

    @property
    def message(self) -> str:
        """Return in words what was refused; empty for nothing."""
        return "; ".join(f"{count} refused: {self.said[reason]}" for reason, count in sorted(self.refused.items()))

    def _plugin_of(self, service: str) -> str | None:
        """Return the plugin that a resource is of; None where it is none that this sender may speak for."""
        for plugin_id, sender in self.senders.items():
            if (sender.settings.service or plugin_id) == service:
                return plugin_id
        if len(self.senders) == 1:
            (plugin_id, sender) = next(iter(self.senders.items()))
            if not sender.settings.service:
                return plugin_id
        known = ", ".join(sender.settings.service or plugin_id for plugin_id, sender in self.senders.items())
        self.said.setdefault(
            "service",
            f"service.name is {service[:80]!r}; this token sends for {known} ([plugins.NAME.metrics] service)",
        )
        return None

    def _metric(self, plugin_id: str | None, process: str, metric: Any) -> None:
        shape = metric.WhichOneof("data")
        data = getattr(metric, shape) if shape else None
        count = len(data.data_points) if data is not None else 0
        self.taken += count
        if self.taken > self.limits.points:
            raise InvalidValue(f"a request may have {self.limits.points} data points; send it in several")
        if plugin_id is None:
            self.refused["service"] += count
            return
        mapped = self.senders[plugin_id].mapped.get(metric.name)
        if mapped is None:
            return  # rightly sent, and of no use to us
        reader = _Reader(metric.name, mapped, scale_of(mapped, metric.name, metric.unit), process)
        for data_point in data.data_points if data is not None else ():
            try:
                self._take(plugin_id, reader.points(shape, data, data_point), data_point)
            except InvalidValue as error:
                self.refused["figures"] += 1
                self.said.setdefault("figures", str(error))

    def _take(self, plugin_id: str, points: Iterable[Point], data_point: Any) -> None:
        labels = _labels(data_point.attributes)
        only = self.senders[plugin_id].settings.labels
        if any(labels.get(name) != value for name, value in only.items()) or data_point.flags & NO_RECORDED_VALUE:
            return
        refuse_labels(labels, self.limits)
        for point in points:
            refuse_figures(point, self.now)
            self.points.setdefault(plugin_id, []).append(point)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns the data points of one metric into ours. Raises InvalidValue for what is of no use."""

    name: str
    mapped: Mapped
    scale: float
    process: str

    def points(self, shape: str, data: Any, data_point: Any) -> Iterator[Point]:
        make: Callable[[Any, Any], Iterator[Point]] = {
            "gauge": self._number,
            "sum": self._number,
            "histogram": self._histogram,
            "exponential_histogram": self._exponential,
            "summary": self._summary,
        }[shape]
        expected = self.mapped.meaning == Meaning.REQUEST_DURATION
        if expected is (shape in {"gauge", "sum"}):
            shapes = "a histogram or a summary" if expected else "a sum or a gauge"
            raise InvalidValue(f"{self.name[:NAME_CHARACTERS]} is a {shape}; expected {shapes}")
        return make(data, data_point)

    def _number(self, data: Any, data_point: Any) -> Iterator[Point]:
        which = data_point.WhichOneof("value")
        if which is None:
            raise InvalidValue(f"{self.name[:NAME_CHARACTERS]}: a data point has neither asDouble nor asInt")
        kind = Kind.GAUGE
        if self.mapped.meaning in set(Meaning):
            if not getattr(data, "is_monotonic", False):
                raise InvalidValue(f"{self.name[:NAME_CHARACTERS]}: expected a monotonic sum")
            kind = self._kind(data)
        elif getattr(data, "aggregation_temporality", CUMULATIVE) == DELTA:
            raise InvalidValue(f"{self.name[:NAME_CHARACTERS]}: expected a gauge or a cumulative sum")
        yield self._point(data_point, kind, float(getattr(data_point, which)) * self.scale)

    def _histogram(self, data: Any, data_point: Any) -> Iterator[Point]:
        if len(data_point.bucket_counts) > BUCKETS_AT_MOST:
            raise InvalidValue(f"{self.name[:NAME_CHARACTERS]}: a histogram may have {BUCKETS_AT_MOST} buckets")
        bounds = tuple(bound * self.scale for bound in data_point.explicit_bounds)
        counts = tuple(map(float, data_point.bucket_counts)) or (float(data_point.count),)
        self._agree(sum(counts), data_point.count)
        yield self._point(data_point, self._kind(data), self._total(data_point), bounds, counts)

    def _exponential(self, data: Any, data_point: Any) -> Iterator[Point]:
        positive = data_point.positive
        if len(positive.bucket_counts) > BUCKETS_AT_MOST or data_point.scale not in SCALES:
            raise InvalidValue(
                f"{self.name[:NAME_CHARACTERS]}: expected at most {BUCKETS_AT_MOST} buckets and a scale in "
                f"{SCALES.start}…{SCALES.stop - 1}"
            )
        if any(data_point.negative.bucket_counts):
            raise InvalidValue(f"{self.name[:NAME_CHARACTERS]}: a duration cannot be below zero")
        self._agree(data_point.zero_count + sum(positive.bucket_counts), data_point.count)
        octaves = math.log2(self.scale) * 2.0**data_point.scale  # the unit moves every bucket by so many
        moved = positive.offset + round(octaves)
        kept = on_grid(data_point.scale, data_point.zero_count, moved, positive.bucket_counts, self._total(data_point))
        yield self._point(data_point, self._kind(data), kept.total, kept.bounds, kept.counts)

    def _summary(self, data: Any, data_point: Any) -> Iterator[Point]:  # noqa: ARG002 - as the others
        yield self._point(data_point, Kind.CUMULATIVE, data_point.sum * self.scale, (), (float(data_point.count),))
        for each in data_point.quantile_values:
            metric = SUMMARY_QUANTILES.get(each.quantile)
            if metric is not None and math.isfinite(each.value):
                name = quantile_name(self.name, each.quantile)
                yield self._point(data_point, Kind.GAUGE, each.value * self.scale, meaning=metric.value, name=name)

    def _kind(self, data: Any) -> Kind:
        kind = TEMPORALITIES.get(data.aggregation_temporality)
        if kind is None:
            raise InvalidValue(
                f"{self.name[:NAME_CHARACTERS]}: expected aggregationTemporality 1 (delta) or 2 (cumulative)"
            )
        return kind

    def _agree(self, counted: float, count: float) -> None:
        if counted != count:
            raise InvalidValue(
                f"{self.name[:NAME_CHARACTERS]}: its buckets hold {counted:g} values, its count is {count:g}"
            )

    def _total(self, data_point: Any) -> float:
        if not data_point.HasField("sum"):
            raise InvalidValue(f"{self.name[:NAME_CHARACTERS]}: a histogram without a sum tells no mean")
        return float(data_point.sum) * self.scale

    def _point(
        self,
        data_point: Any,
        kind: Kind,
        value: float,
        bounds: tuple[float, ...] = (),
        counts: tuple[float, ...] = (),
        *,
        meaning: str = "",
        name: str = "",
    ) -> Point:
        labels = _labels(data_point.attributes)
        return Point(
            meaning=meaning or self.mapped.meaning,
            name=name or self.name,
            series=series_of({**labels, "process": self.process}),
            instance=self.process or instance_of(labels),
            kind=kind,
            at=data_point.time_unix_nano / 1e9,
            value=value,
            start=data_point.start_time_unix_nano / 1e9,
            failed=failed_of(labels),
            bounds=bounds,
            counts=counts,
        )


def _labels(attributes: Iterable[Any]) -> dict[str, str]:
    """Return the attributes as texts; lists and tables among them are of no use and left out."""
    found: dict[str, str] = {}
    for attribute in attributes:
        which = attribute.value.WhichOneof("value")
        if which in {"string_value", "bool_value", "int_value", "double_value"}:
            found[attribute.key] = str(getattr(attribute.value, which))
    return found
