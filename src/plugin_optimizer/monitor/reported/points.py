"""One figure as somebody else reported it, already checked and without the labels we have no use for."""

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from hashlib import blake2b

import msgspec

from ...domain import InvalidValue, Metric
from ...models.histogram import is_sound
from ..gate import FUTURE_SECONDS, LARGEST, PAST_SECONDS
from .limits import MetricsIn

INSTANCE_LABELS = ("service.instance.id", "service_instance_id", "instance", "pod", "process.pid", "process_pid", "pid")
STATUS_LABELS = (
    "http.response.status_code", "http_response_status_code", "http.status_code", "http_status_code", "status_code",
    "status", "code",
)  # fmt: skip

SUMMARY_QUANTILES: Mapping[float, Metric] = {
    0.5: Metric.RESPONSE_TIME_P50_SECONDS,
    0.95: Metric.RESPONSE_TIME_P95_SECONDS,
    0.99: Metric.RESPONSE_TIME_P99_SECONDS,
}


class Kind(StrEnum):
    """How a figure is to be read; `cumulative` ones count since their process began, `delta` ones since the report before."""

    GAUGE = "gauge"
    CUMULATIVE = "cumulative"
    DELTA = "delta"


class Point(msgspec.Struct, frozen=True, array_like=True):
    """A figure of one series at one time (Unix seconds; `start`: since when it counts, 0 where that is not said).

    `meaning` is what it is to us (`Meaning`, or a metric of ours). `value` is the gauge, the count, or the sum of a
    histogram, `counts` are its buckets; everything is in SI units. `failed` tells whether these were failed requests,
    None where the series does not tell them apart. `instance` names the process that counts. A summary comes as a
    histogram without bounds and gauges for its quantiles.
    """

    meaning: str
    name: str
    series: str
    instance: str
    kind: Kind
    at: float
    value: float
    start: float = 0.0
    failed: bool | None = None
    bounds: tuple[float, ...] = ()
    counts: tuple[float, ...] = ()


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Point])


def packed(points: Iterable[Point]) -> bytes:
    return _ENCODER.encode(list(points))


def unpacked(raw: bytes) -> list[Point]:
    """Return what `packed` wrote. Raises msgspec.DecodeError."""
    return _DECODER.decode(raw)


def series_of(labels: Mapping[str, str]) -> str:
    """Return a short name of a set of labels, the same whatever their order."""
    text = "\x00".join(f"{name}\x01{labels[name]}" for name in sorted(labels))
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def instance_of(labels: Mapping[str, str]) -> str:
    """Return which process counts, as far as the labels say; it only keeps counters of several processes apart."""
    return "/".join(labels[name] for name in INSTANCE_LABELS if name in labels)


def failed_of(labels: Mapping[str, str]) -> bool | None:
    """Tell whether a status of 500 or more stands in the labels (`503`, `5xx`); None where no status does."""
    for name in STATUS_LABELS:
        status = labels.get(name, "")
        if status[:1] in {"1", "2", "3", "4", "5"} and len(status) == 3:
            return status[0] == "5"
    return None


def refuse_labels(labels: Mapping[str, str], limits: MetricsIn) -> None:
    """Raise InvalidValue where a series has more or longer labels than are kept."""
    if len(labels) > limits.labels:
        raise InvalidValue(f"a series has {len(labels)} labels; expected at most {limits.labels}")
    for name, value in labels.items():
        if len(name.encode("utf-8", "replace")) > limits.label_name_bytes:
            raise InvalidValue(f"the label {name[:40]!r}… is longer than {limits.label_name_bytes} bytes")
        if len(value.encode("utf-8", "replace")) > limits.label_value_bytes:
            raise InvalidValue(f"the value of the label {name!r} is longer than {limits.label_value_bytes} bytes")


def refuse_figures(point: Point, now: float) -> None:
    """Raise InvalidValue for what is no plausible figure of the present."""
    figures = (point.value, *point.counts)
    if not all(map(math.isfinite, (*figures, point.at, point.start))):
        raise InvalidValue(f"{point.name}: expected a finite number, not NaN or infinity")
    if max(map(abs, figures)) > LARGEST:
        raise InvalidValue(f"{point.name}: expected a magnitude of at most {LARGEST:g}")
    if point.kind is not Kind.GAUGE and min(figures) < 0:
        raise InvalidValue(f"{point.name}: a counter cannot be below zero")
    if point.counts and not is_sound(point.bounds, point.counts):
        raise InvalidValue(f"{point.name}: expected ascending bounds and one count more than bounds")
    if point.at > now + FUTURE_SECONDS:
        raise InvalidValue(f"{point.name}: its time lies {point.at - now:.0f} s in the future; check the clocks")
    if point.at < now - PAST_SECONDS:
        raise InvalidValue(
            f"{point.name}: its time lies {now - point.at:.0f} s in the past; the oldest taken is an hour"
        )


def quantile_name(name: str, share: float) -> str:
    """Return what the gauge of a summary's quantile is called."""
    return f"{name}:{share:g}"
