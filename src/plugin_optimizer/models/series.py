"""Reading a window with holes: what is known, how fresh it is, and what it was lately."""

import numpy as np
from numpy.typing import NDArray

from ..domain import Fleet, Metric, RequestTrace, Window

F64 = NDArray[np.float64]
Flags = NDArray[np.bool_]

KNOWN_SHARE = 0.8  # of a span's samples have to be there before anything is concluded from it
GAUGES = (Metric.MEMORY_BYTES, Metric.MEMORY_RATIO, Metric.WORKER_MEMORY_BYTES)  # read less often than every turn
CARRY_SECONDS = 15.0  # a gauge holds that long after it was read


def until(window: Window, now: float) -> Window:
    """Return the window without the columns that lie after `now`."""
    columns = int(np.searchsorted(window.times, now + 1e-6, side="right"))
    if columns == len(window.times):
        return window
    metrics = {metric: values[:, :columns] for metric, values in window.metrics.items()}
    return Window(window.plugin_ids, window.times[:columns], window.step_seconds, metrics)


def recorded(trace: RequestTrace, begin: float, now: float) -> RequestTrace:
    """Return the requests that a worker took since `begin` and completed by `now`; under overload they arrived long before."""
    return trace.where((trace.end - trace.wall >= begin) & (trace.end <= now))


def observed_seconds(trace: RequestTrace) -> float:
    """Return the time from the first request taken by a worker to the last completed."""
    return float(trace.end.max() - (trace.end - trace.wall).min()) if len(trace) else 0.0


def columns_of(window: Window, seconds: float) -> int:
    """Return how many columns cover `seconds`, at least one and at most all."""
    return max(1, min(len(window.times), round(seconds / window.step_seconds)))


def level(window: Window, metric: Metric) -> F64:
    """Return [plugins, T] as float64, with gauges carried over the turns in which they were not read."""
    values = window.series(metric).astype(np.float64)
    if metric not in GAUGES or not values.size:
        return values
    gap = columns_of(window, CARRY_SECONDS) - 1
    place = np.where(~np.isnan(values), np.arange(values.shape[1]), -1)
    last = np.maximum.accumulate(place, axis=1)
    held = (last >= 0) & (np.arange(values.shape[1]) - last <= gap)
    return np.where(held, np.take_along_axis(values, np.maximum(last, 0), axis=1), np.nan)


def known_lately(values: F64, columns: int) -> Flags:
    """Return which series have at least 80 % of their last `columns` samples, the newest two not both missing: [plugins]."""
    last = ~np.isnan(values[:, -columns:])
    if not last.shape[1]:
        return np.zeros(len(values), dtype=np.bool_)
    enough = (last.mean(axis=1) >= KNOWN_SHARE) & (values.shape[1] >= columns)
    return np.asarray(enough & last[:, -2:].any(axis=1))


def mean_lately(values: NDArray[np.floating], columns: int) -> F64:
    """Return the mean of what is known in the last `columns`, NaN where nothing is: [plugins]."""
    last = values[:, -columns:].astype(np.float64)
    known = ~np.isnan(last)
    count = known.sum(axis=1)
    total = np.where(known, last, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def lately(window: Window, plugin_id: str, metric: Metric, seconds: float = 60.0) -> float:
    """Return the mean of one plugin's metric over the last `seconds`; NaN where nothing is known."""
    values = window.of(plugin_id, metric)[None, -columns_of(window, seconds) :]
    return float(mean_lately(values, values.shape[1])[0]) if values.shape[1] else float("nan")


def memory_limit_bytes(window: Window, fleet: Fleet, plugin_id: str) -> float:
    """Return what the plugin's memory may grow to: its policy's limit, else the one its ratio is measured by, else NaN."""
    view = fleet.views.get(plugin_id)
    if view is not None and view.policy.memory_limit_bytes is not None:
        return view.policy.memory_limit_bytes
    used, ratio = (lately(window, plugin_id, m) for m in (Metric.MEMORY_BYTES, Metric.MEMORY_RATIO))
    return used / ratio if ratio > 0 else float("nan")
