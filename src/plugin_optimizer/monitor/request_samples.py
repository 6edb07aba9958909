"""From requests to the numbers we keep of a plugin. Pure."""

import numpy as np
from numpy.typing import NDArray

from ..domain import Metric, RequestTrace, Sample
from .statsd import StatsdBatch

F64 = NDArray[np.float64]

_SERVER_ERROR = 500
_PERCENTILES = (
    (Metric.RESPONSE_TIME_P50_SECONDS, 50.0),
    (Metric.RESPONSE_TIME_P95_SECONDS, 95.0),
    (Metric.RESPONSE_TIME_P99_SECONDS, 99.0),
)


def samples_of_trace(
    plugin_id: str,
    trace: RequestTrace,
    begin: float,
    end: float,
    slots: int | None,
    *,
    lag_seconds: float = 0.0,
    cores: float | None = None,
) -> list[Sample]:
    """Return the samples, dated `end`, of the requests that were *completed* in [begin, end) - `lag_seconds`.

    `lag_seconds` is how late records may be: whoever calls this turn by turn counts each request once only
    if all records of the interval have arrived. The trace must hold the requests that were in progress at `begin`.
    `cores` are those that requests may use, of a part of an application that shares its processes with others: what its
    requests computed is then its use of the CPU.
    No requests: a count and a throughput of 0, and nothing else. What is unknown has no sample.
    """
    first, last = begin - lag_seconds, end - lag_seconds
    done = trace.where((trace.end >= first) & (trace.end < last))
    values = _traffic(len(done), end - begin)
    if len(done):
        known_wait = done.queue_wait[~np.isnan(done.queue_wait)]
        values |= _response_times(done.sojourn)
        values[Metric.SERVICE_TIME_SECONDS] = float(np.mean(done.wall))
        values[Metric.ERROR_RATIO] = float(np.mean(done.status >= _SERVER_ERROR))
        if len(known_wait):
            values[Metric.QUEUE_WAIT_SECONDS] = float(np.mean(known_wait))
        if slots:
            values[Metric.BUSY_RATIO] = _busy_ratio(trace, first, last, slots)
    if cores and end > begin and not np.isnan(done.cpu).any():
        used = float(np.sum(done.cpu)) / (end - begin)
        values |= {Metric.CPU_CORES: used, Metric.CPU_RATIO: used / cores}
    return _samples(plugin_id, end, values)


def samples_of_statsd(plugin_id: str, batch: StatsdBatch, begin: float, end: float, slots: int | None) -> list[Sample]:
    """Return the samples, dated `end`, of what a server reported in [begin, end).

    Its durations do not contain the wait for a worker, so the response times are too low where requests queue.
    """
    requests = batch.requests
    values = _traffic(requests, end - begin)
    durations = batch.durations_seconds
    if requests and len(durations):
        values |= _response_times(durations)
        values[Metric.SERVICE_TIME_SECONDS] = float(np.mean(durations))
        if slots and end > begin:
            busy_seconds = float(np.mean(durations)) * requests
            values[Metric.BUSY_RATIO] = min(1.0, busy_seconds / (slots * (end - begin)))
    answered = sum(batch.statuses.values())
    if answered:
        failed = sum(count for status, count in batch.statuses.items() if status >= _SERVER_ERROR)
        values[Metric.ERROR_RATIO] = failed / answered
    elif batch.errors is not None and requests:
        values[Metric.ERROR_RATIO] = min(1.0, batch.errors / requests)
    values |= batch.gauges
    return _samples(plugin_id, end, values)


def _traffic(requests: float, seconds: float) -> dict[Metric, float]:
    values = {Metric.REQUESTS: float(requests)}
    if seconds > 0:
        values[Metric.THROUGHPUT_PER_SECOND] = requests / seconds
    return values


def _response_times(sojourn: F64) -> dict[Metric, float]:
    levels = np.percentile(sojourn, [level for _, level in _PERCENTILES])
    named = {metric: float(level) for (metric, _), level in zip(_PERCENTILES, levels, strict=True)}
    return {Metric.RESPONSE_TIME_SECONDS: float(np.mean(sojourn)), **named}


def _busy_ratio(trace: RequestTrace, begin: float, end: float, slots: int) -> float:
    """Return the share of the slots' time in [begin, end) that known requests filled, at most 1."""
    if end <= begin:
        return 0.0
    inside = np.minimum(trace.end, end) - np.maximum(trace.end - trace.wall, begin)
    return min(1.0, float(np.sum(np.maximum(0.0, inside))) / (slots * (end - begin)))


def _samples(plugin_id: str, at: float, values: dict[Metric, float]) -> list[Sample]:
    return [Sample(plugin_id, metric, at, value) for metric, value in values.items() if np.isfinite(value)]
