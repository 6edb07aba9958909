"""OTLP requests as an SDK makes them, by opentelemetry-proto."""

import time
from collections.abc import Mapping

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, ScopeMetrics

CUMULATIVE, DELTA = 2, 1
BOUNDS = (0.1, 0.5, 1.0)


def attributes(of: Mapping[str, object]) -> list[KeyValue]:
    return [KeyValue(key=name, value=_value(value)) for name, value in of.items()]


def _value(value: object) -> AnyValue:
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(string_value=str(value))


def nanos(at: float) -> int:
    return int(at * 1e9)


def histogram(
    at: float, counts: tuple[int, ...], total: float, labels: Mapping[str, object] | None = None,
    name: str = "http.server.request.duration", unit: str = "s", temporality: int = CUMULATIVE, start: float = 0.0,
    bounds: tuple[float, ...] = BOUNDS,
) -> Metric:  # fmt: skip
    metric = Metric(name=name, unit=unit)
    metric.histogram.aggregation_temporality = temporality
    point = metric.histogram.data_points.add(time_unix_nano=nanos(at), start_time_unix_nano=nanos(start))
    point.count, point.sum = sum(counts), total
    point.bucket_counts.extend(counts)
    point.explicit_bounds.extend(bounds)
    point.attributes.extend(attributes(labels or {"http.response.status_code": 200}))
    return metric


def number(
    at: float, name: str, value: float, labels: Mapping[str, object] | None = None, *, monotonic: bool = True
) -> Metric:
    metric = Metric(name=name)
    metric.sum.aggregation_temporality = CUMULATIVE
    metric.sum.is_monotonic = monotonic
    point = metric.sum.data_points.add(time_unix_nano=nanos(at), as_double=value)
    point.attributes.extend(attributes(labels or {}))
    return metric


def request(*metrics: Metric, service: str = "orders", **resource: object) -> ExportMetricsServiceRequest:
    made = ExportMetricsServiceRequest()
    of = made.resource_metrics.add()
    of.resource.attributes.extend(attributes({"service.name": service, **resource}))
    of.scope_metrics.append(ScopeMetrics(metrics=metrics))
    return made


def report(at: float, requests: int, failed: int = 0, service: str = "orders") -> ExportMetricsServiceRequest:
    """What an instrumented service has counted: so many requests of 50 ms, so many failed ones of 2 s."""
    return request(
        histogram(at, (requests, 0, 0, 0), requests * 0.05),
        histogram(at, (0, 0, 0, failed), failed * 2.0, {"http.response.status_code": 503}),
        number(at, "process.cpu.time", requests * 0.01, {"process.cpu.state": "user"}),
        number(at, "process.memory.usage", 120e6, monotonic=False),
        service=service,
    )


def now() -> float:
    return time.time()
