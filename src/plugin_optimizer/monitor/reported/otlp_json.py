"""OTLP's JSON form, decoded into types that speak like the protobuf ones, so that one reader reads both.

Source: OpenTelemetry Protocol 1.x, JSON Protobuf Encoding: lowerCamelCase names, enumerations as numbers, 64-bit integers as
text or numbers, unknown fields passed over.
"""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from ...domain import InvalidValue

OBJECTS_AT_MOST = 400_000  # a pair of braces takes two bytes here and a hundred in memory
ITEMS_AT_MOST = 1_500_000


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """What is common to all: a field that was not sent is None or empty."""

    ONE_OF: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def HasField(self, name: str) -> bool:  # noqa: N802 - as protobuf calls it
        return getattr(self, name) is not None

    def WhichOneof(self, group: str) -> str | None:  # noqa: N802 - as protobuf calls it
        return next((name for name in self.ONE_OF[group] if getattr(self, name) is not None), None)


class AnyValue(Message, frozen=True, rename="camel"):
    ONE_OF = {"value": ("string_value", "bool_value", "int_value", "double_value")}
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | None = None
    double_value: float | None = None


class KeyValue(Message, frozen=True, rename="camel"):
    key: str = ""
    value: AnyValue = AnyValue()


class NumberDataPoint(Message, frozen=True, rename="camel"):
    ONE_OF = {"value": ("as_double", "as_int")}
    attributes: list[KeyValue] = []
    start_time_unix_nano: int = 0
    time_unix_nano: int = 0
    as_double: float | None = None
    as_int: int | None = None
    flags: int = 0


class HistogramDataPoint(Message, frozen=True, rename="camel"):
    attributes: list[KeyValue] = []
    start_time_unix_nano: int = 0
    time_unix_nano: int = 0
    count: int = 0
    sum: float | None = None
    bucket_counts: list[int] = []
    explicit_bounds: list[float] = []
    flags: int = 0


class Buckets(Message, frozen=True, rename="camel"):
    offset: int = 0
    bucket_counts: list[int] = []


class ExponentialHistogramDataPoint(Message, frozen=True, rename="camel"):
    attributes: list[KeyValue] = []
    start_time_unix_nano: int = 0
    time_unix_nano: int = 0
    count: int = 0
    sum: float | None = None
    scale: int = 0
    zero_count: int = 0
    positive: Buckets = Buckets()
    negative: Buckets = Buckets()
    flags: int = 0


class Quantile(Message, frozen=True, rename="camel"):
    quantile: float = 0.0
    value: float = 0.0


class SummaryDataPoint(Message, frozen=True, rename="camel"):
    attributes: list[KeyValue] = []
    start_time_unix_nano: int = 0
    time_unix_nano: int = 0
    count: int = 0
    sum: float = 0.0
    quantile_values: list[Quantile] = []
    flags: int = 0


class Gauge(Message, frozen=True, rename="camel"):
    data_points: list[NumberDataPoint] = []


class Sum(Message, frozen=True, rename="camel"):
    data_points: list[NumberDataPoint] = []
    aggregation_temporality: int = 0
    is_monotonic: bool = False


class HistogramOf(Message, frozen=True, rename="camel"):
    data_points: list[HistogramDataPoint] = []
    aggregation_temporality: int = 0


class ExponentialHistogram(Message, frozen=True, rename="camel"):
    data_points: list[ExponentialHistogramDataPoint] = []
    aggregation_temporality: int = 0


class Summary(Message, frozen=True, rename="camel"):
    data_points: list[SummaryDataPoint] = []


class MetricOf(Message, frozen=True, rename="camel"):
    ONE_OF = {"data": ("gauge", "sum", "histogram", "exponential_histogram", "summary")}
    name: str = ""
    unit: str = ""
    gauge: Gauge | None = None
    sum: Sum | None = None
    histogram: HistogramOf | None = None
    exponential_histogram: ExponentialHistogram | None = None
    summary: Summary | None = None


class ScopeMetrics(Message, frozen=True, rename="camel"):
    metrics: list[MetricOf] = []


class Resource(Message, frozen=True, rename="camel"):
    attributes: list[KeyValue] = []


class ResourceMetrics(Message, frozen=True, rename="camel"):
    resource: Resource = Resource()
    scope_metrics: list[ScopeMetrics] = []


class Request(Message, frozen=True, rename="camel"):
    resource_metrics: list[ResourceMetrics] = []


_DECODER = msgspec.json.Decoder(Request, strict=False)


def request_from_json(raw: bytes) -> Request:
    """Return the request. Raises InvalidValue, naming the field that does not fit."""
    if raw.count(b"{") > OBJECTS_AT_MOST or raw.count(b",") > ITEMS_AT_MOST:
        raise InvalidValue(f"the body holds more than {OBJECTS_AT_MOST} objects or {ITEMS_AT_MOST} items")
    try:
        return _DECODER.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise InvalidValue(f"the body is no ExportMetricsServiceRequest in JSON: {error}") from error
