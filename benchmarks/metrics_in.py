"""What it costs to take in figures that others measured: CPU per point, by encoding, on one core.

python -m benchmarks.metrics_in
"""

import gzip
import time
from collections.abc import Callable

import msgspec
from google.protobuf.json_format import MessageToJson
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from plugin_optimizer.monitor.reported.exposition import Page, lines_of
from plugin_optimizer.monitor.reported.increases import Budget, Increases
from plugin_optimizer.monitor.reported.limits import MetricsIn
from plugin_optimizer.monitor.reported.meaning import KNOWN
from plugin_optimizer.monitor.reported.otlp import Reading, Sender
from plugin_optimizer.monitor.reported.otlp_json import request_from_json
from plugin_optimizer.monitor.reported.points import Point
from plugin_optimizer.monitor.reported.settings import PluginMetrics
from plugin_optimizer.monitor.reported.timeline import Timeline
from plugin_optimizer.monitor.reported.translation import Translation
from plugin_optimizer.monitor.reported.wire import refuse_monsters

NOW = 1_800_000_000.0
SERIES = 400  # histograms of 14 buckets, as an SDK makes them of 100 routes with 4 statuses
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5)
ROUNDS = 7


def main() -> None:
    message = _message()
    protobuf, text = message.SerializeToString(), MessageToJson(message, use_integers_for_enums=True).encode()
    page = _page()
    print(f"{SERIES} histograms of {len(BOUNDS) + 1} buckets; least CPU of {ROUNDS} rounds, microseconds a histogram")
    print(
        f"protobuf {len(protobuf):>8} bytes (gzip {len(gzip.compress(protobuf))})  {_cost(lambda: _from_protobuf(protobuf)):7.1f}"
    )
    print(f"  of that the count of its messages            {_cost(lambda: refuse_monsters(protobuf)):7.1f}")
    print(f"json     {len(text):>8} bytes (gzip {len(gzip.compress(text))})  {_cost(lambda: _from_json(text)):7.1f}")
    print(f"text     {len(page):>8} bytes                 {_cost(lambda: _from_page(page)):7.1f}")
    points = _from_protobuf(protobuf)
    print(f"to samples, the mean of two reports           {_cost(lambda: _translated(points)) / 2:7.1f}")
    strangers = "\n".join(f'somebody_elses_{n % 50}{{route="/{n}"}} {n}' for n in range(20_000))
    print(
        f"a line of a page that means nothing to us      {_cost(lambda: _from_page(strangers)) * SERIES / 20_000:7.2f}"
    )


def _cost(work: Callable[[], object]) -> float:
    """Return the least CPU of several rounds, in microseconds for each of the series."""
    least = float("inf")
    for _ in range(ROUNDS):
        begun = time.thread_time()
        work()
        least = min(least, time.thread_time() - begun)
    return least / SERIES * 1e6


def _message() -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "orders"
    metric = resource.scope_metrics.add().metrics.add(name="http.server.request.duration", unit="s")
    metric.histogram.aggregation_temporality = 2
    for number in range(SERIES):
        point = metric.histogram.data_points.add(time_unix_nano=int(NOW * 1e9), count=140, sum=9.5)
        point.bucket_counts.extend([10] * (len(BOUNDS) + 1))
        point.explicit_bounds.extend(BOUNDS)
        point.attributes.add(key="http.route").value.string_value = f"/route/{number // 4}"
        point.attributes.add(key="http.response.status_code").value.int_value = 200 + 100 * (number % 4)
    return request


def _page() -> str:
    lines = []
    for number in range(SERIES):
        labels = f'route="/route/{number // 4}",status="{200 + 100 * (number % 4)}"'
        for place, bound in enumerate((*BOUNDS, "+Inf"), start=1):
            lines.append(f'http_request_duration_seconds_bucket{{{labels},le="{bound}"}} {10 * place}')
        lines += [
            f"http_request_duration_seconds_count{{{labels}}} 140",
            f"http_request_duration_seconds_sum{{{labels}}} 9.5",
        ]
    return "\n".join(lines)


def _from_protobuf(raw: bytes) -> list[Point]:
    refuse_monsters(raw)
    return _read(ExportMetricsServiceRequest.FromString(raw))


def _from_json(raw: bytes) -> list[Point]:
    return _read(request_from_json(raw))


def _read(request: object) -> list[Point]:
    reading = Reading({"orders": Sender(PluginMetrics(), KNOWN)}, MetricsIn(), NOW)
    reading.read(request)
    return reading.points["orders"]


def _from_page(text: str) -> list[Point]:
    return Page(KNOWN, {}, MetricsIn(), NOW).points(lines_of(text, KNOWN))


def _translated(points: list[Point]) -> object:
    """Take two reports: the second brings increases of every series."""
    translation = Translation(Timeline("orders", 5.0), Increases(MetricsIn(), Budget(200_000)), KNOWN)
    translation.samples(points, NOW, None, None)
    return translation.samples(
        [msgspec.structs.replace(point, at=point.at + 5.0) for point in points], NOW + 5.0, None, None
    )


if __name__ == "__main__":
    main()
