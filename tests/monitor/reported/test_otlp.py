"""OTLP requests: what is read of them from either encoding, whose they are, and what hostile ones come to."""

import time
from typing import Any

import pytest
from google.protobuf.json_format import MessageToJson
from hypothesis import given
from hypothesis import strategies as st
from monitor.reported import otlp_messages as make
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric as OtlpMetric

from plugin_optimizer.domain import InvalidValue
from plugin_optimizer.monitor.reported.limits import MetricsIn
from plugin_optimizer.monitor.reported.meaning import mapped_from
from plugin_optimizer.monitor.reported.otlp import Reading, Sender
from plugin_optimizer.monitor.reported.otlp_json import request_from_json
from plugin_optimizer.monitor.reported.points import Kind, Point
from plugin_optimizer.monitor.reported.settings import PluginMetrics
from plugin_optimizer.monitor.reported.wire import MESSAGES_AT_MOST, refuse_monsters

NOW = 1_800_000_000.0


def reading(*plugins: str, limits: MetricsIn | None = None, service: str = "") -> Reading:
    senders = {
        name: Sender(PluginMetrics(service=service), mapped_from({}, "names")) for name in plugins or ("orders",)
    }
    return Reading(senders, limits or MetricsIn(), NOW)


def read(request: Any, *plugins: str) -> Reading:
    found = reading(*plugins)
    found.read(request)
    return found


def by_name(found: Reading, plugin_id: str = "orders") -> dict[str, Point]:
    return {point.name: point for point in found.points.get(plugin_id, ())}


def test_an_example_by_hand() -> None:
    """Histogram, counter and gauge of an instrumented service, in SI units, with what failed told apart."""
    found = by_name(read(make.request(
        make.histogram(NOW, (80, 15, 5, 0), 9_000.0, {"http.status_code": 503}, "http.server.duration", "ms", bounds=(100.0, 500.0, 1_000.0)),
        make.number(NOW, "process.cpu.time", 7.5),
        make.number(NOW, "process.memory.usage", 120e6, monotonic=False),
        make.number(NOW, "somebody.elses", 1.0),
        **{"service.instance.id": "i-1"},
    )))  # fmt: skip
    assert set(found) == {"http.server.duration", "process.cpu.time", "process.memory.usage"}
    durations = found["http.server.duration"]
    assert durations.bounds == pytest.approx((0.1, 0.5, 1.0))
    assert (durations.counts, durations.value, durations.failed) == ((80.0, 15.0, 5.0, 0.0), 9.0, True)
    assert (durations.instance, durations.at, durations.kind) == ("i-1", NOW, Kind.CUMULATIVE)
    assert found["process.memory.usage"].kind is Kind.GAUGE


def test_both_encodings_say_the_same() -> None:
    """JSON as the protocol defines it (64-bit integers as text) gives the very points of protobuf."""
    message = make.report(NOW, 40, 2)
    assert (
        read(request_from_json(MessageToJson(message, use_integers_for_enums=True).encode())).points
        == read(message).points
    )


def test_an_exponential_histogram_and_a_summary_are_read() -> None:
    """Base-2 exponential buckets in milliseconds, and quantiles of a summary."""
    exponential = OtlpMetric(name="http.server.duration", unit="ms")
    exponential.exponential_histogram.aggregation_temporality = make.CUMULATIVE
    point = exponential.exponential_histogram.data_points.add(
        time_unix_nano=make.nanos(NOW), scale=3, count=12, zero_count=2, sum=1_280.0
    )
    point.positive.offset = 55  # bucket 56 ends at 2^(57/8) = 140 ms
    point.positive.bucket_counts.extend([0, 10])
    summary = OtlpMetric(name="rpc.server.duration", unit="ms")
    quantiles = summary.summary.data_points.add(time_unix_nano=make.nanos(NOW), count=5, sum=500.0)
    quantiles.quantile_values.add(quantile=0.95, value=200.0)
    quantiles.quantile_values.add(quantile=0.5, value=float("nan"))
    request = make.request(exponential, summary)
    found = by_name(read(request))
    kept = found["http.server.duration"]
    assert sum(kept.counts) == 12
    assert kept.value == pytest.approx(1.28)
    (edge,) = [bound for bound, count in zip(kept.bounds, kept.counts, strict=False) if count == 10]
    assert edge / 1.2 <= 0.140 <= edge * 1.2
    assert found["rpc.server.duration:0.95"].value == pytest.approx(0.2)
    assert "rpc.server.duration:0.5" not in found
    assert (
        read(request_from_json(MessageToJson(request, use_integers_for_enums=True).encode())).points
        == read(request).points
    )


def test_a_sender_speaks_for_its_own_plugins_alone() -> None:
    """service.name chooses among the plugins of a token; any other is refused, with what would have been right."""
    message = make.report(NOW, 1, service="menu")
    assert set(read(message, "orders", "menu").points) == {"menu"}
    assert set(read(message, "orders").points) == {"orders"}  # one plugin: whatever the service calls itself
    stranger = read(message, "orders", "billing")
    assert stranger.points == {}
    assert stranger.refused["service"] == 4
    assert "service.name is 'menu'; this token sends for orders, billing" in stranger.message
    named = reading("orders", service="shop")
    named.read(message)
    assert named.points == {}


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        (make.number(NOW, "process.cpu.time", -1.0), "below zero"),
        (make.number(NOW, "process.cpu.time", float("nan")), "finite"),
        (make.number(NOW, "process.cpu.time", float("inf")), "finite"),
        (make.number(NOW, "process.cpu.time", 5.0, monotonic=False), "monotonic"),
        (make.number(NOW, "process.memory.usage", 1e300, monotonic=False), "magnitude"),
        (make.number(NOW + 60, "process.cpu.time", 5.0), "future"),
        (make.number(NOW - 4_000, "process.cpu.time", 5.0), "past"),
        (make.number(NOW, "http.server.request.duration", 5.0), "is a sum; expected a histogram"),
        (make.histogram(NOW, (1, 1, 1, 1), 1.0, name="process.cpu.time"), "is a histogram; expected a sum"),
        (make.histogram(NOW, (1, 1, 1), 1.0), "bounds"),
        (make.histogram(NOW, (1, 1, 1, 1), 1.0, bounds=(1.0, 0.5, 2.0)), "ascending"),
        (make.histogram(NOW, (1, 1, 1, 1), 1.0, temporality=0), "aggregationTemporality"),
        (make.number(NOW, "process.cpu.time", 5.0, {f"a{n}": 1 for n in range(17)}), "17 labels"),
        (make.number(NOW, "process.cpu.time", 5.0, {"a": "x" * 257}), "longer than 256"),
        (make.number(NOW, "process.cpu.time", 5.0, {"a" * 65: "x"}), "longer than 64"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_alone(metric: OtlpMetric, said: str) -> None:
    """One data point is refused and says why; the others of the request are kept."""
    found = read(make.request(metric, make.number(NOW, "process.memory.usage", 5.0, monotonic=False)))
    assert set(by_name(found)) == {"process.memory.usage"}
    assert found.refused.total() == 1
    assert said in found.message


def test_a_point_that_says_it_has_no_value_is_no_error() -> None:
    """The flag of the protocol for a series that has ended."""
    metric = make.number(NOW, "process.cpu.time", 5.0)
    metric.sum.data_points[0].flags = 1
    found = read(make.request(metric))
    assert (found.points, found.message) == ({}, "")


def test_more_points_than_a_request_may_have_are_refused_whole() -> None:
    """The limit counts what was sent, whether it means something to us or not."""
    metric = make.number(NOW, "somebody.elses", 1.0)
    for _ in range(20):
        metric.sum.data_points.add()
    found = reading(limits=MetricsIn(points=20))
    with pytest.raises(InvalidValue, match="20 data points"):
        found.read(make.request(metric))


def test_a_small_body_of_a_million_messages_is_not_decoded() -> None:
    """Two bytes make a message, in protobuf as in JSON: they are counted before anything is built of them."""
    bombs = [b"\x0a\x00" * 1_000_000, b"\x0a\x80\x80\x80\x01" + b"\x12\x00" * (2**20)]
    begun = time.thread_time()
    for bomb in bombs:
        with pytest.raises(InvalidValue, match=str(MESSAGES_AT_MOST)):
            refuse_monsters(bomb)
    for text in (b'{"resourceMetrics":[' + b"{}," * 1_000_000 + b"{}]}", b'{"a":[' + b"1," * 2_000_000 + b"1]}"):
        with pytest.raises(InvalidValue, match="more than"):
            request_from_json(text)
    assert time.thread_time() - begun < 4.0


def test_values_within_values_are_not_followed_for_ever() -> None:
    """An attribute that nests a list in a list in a list is refused before it is decoded."""
    inner = b""
    for _ in range(60):
        inner = _field(1, _field(5, inner))
    request = _field(1, _field(1, _field(1, _field(2, _field(5, inner)))))
    with pytest.raises(InvalidValue, match="deeper"):
        refuse_monsters(request)
    deep = b'{"resourceMetrics":' + b"[" * 100_000
    with pytest.raises(InvalidValue):
        request_from_json(deep)


def _field(number: int, body: bytes) -> bytes:
    length = len(body)
    size = bytes((length & 0x7F | 0x80, length >> 7)) if length > 0x7F else bytes((length,))
    return bytes((number << 3 | 2,)) + size + body


@given(st.binary(max_size=400))
def test_any_bytes_are_a_request_or_an_error(raw: bytes) -> None:
    """Nothing but InvalidValue comes out of the count, and what passes is decoded or refused by protobuf itself."""
    from google.protobuf.message import DecodeError

    try:
        refuse_monsters(raw)
        request = ExportMetricsServiceRequest.FromString(raw)
    except (InvalidValue, DecodeError):
        return
    reading().read(request)


@given(st.integers(0, 400), st.integers(0, 255), st.integers(0, 255))
def test_a_real_request_with_a_wrong_byte_is_a_request_or_an_error(place: int, byte: int, other: int) -> None:
    """Bits may turn on the way: whatever comes of it, nothing raises anything else."""
    from google.protobuf.message import DecodeError

    raw = bytearray(make.report(NOW, 5, 1).SerializeToString())
    raw[place % len(raw)] = byte
    raw[(place * 7) % len(raw)] = other
    try:
        refuse_monsters(bytes(raw))
        request = ExportMetricsServiceRequest.FromString(bytes(raw))
    except (InvalidValue, DecodeError):
        return
    try:
        read(request)
    except InvalidValue:
        return


@pytest.mark.parametrize("field", ["asDouble", "timeUnixNano", "attributes"])
@pytest.mark.parametrize("value", ['"x"', "{}", "[1]", "true", "1e400", "[[]]", '{"a":1}'])
def test_wrong_types_in_json_are_an_error_that_names_the_field(field: str, value: str) -> None:
    """A text where a number belongs, a table where a list belongs: refused, never a crash."""
    text = '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"process.cpu.time","sum":{"dataPoints":[{"%s":%s}]}}]}]}]}'
    if field == "asDouble" and value == "true":
        return  # true is 1 by the lax rules that the protocol's numbers as text need
    with pytest.raises(InvalidValue, match=r"resourceMetrics|JSON"):
        reading().read(request_from_json((text % (field, value)).encode()))
