"""How large workers become, if they are replaced after so many requests."""

from dataclasses import dataclass

import numpy as np

from ..domain import Fleet, Metric, PluginView, Window
from .growth import measure_growth
from .series import lately, memory_limit_bytes

LEAST_FRESH_RATIO = 0.3  # of the present size: what a fresh worker takes at least, where only the growth is known


@dataclass(frozen=True, slots=True)
class Recycling:
    """Memory in bytes. `requests_per_second` and `bytes_per_request` are those of one worker, `growing` the number of
    workers that grow (a share of them, where only some requests leak), `other_bytes` what all other processes take;
    `limit_bytes` is inf where no limit is known.
    """

    workers: int
    growing: float
    fresh_bytes: float
    bytes_per_request: float
    requests_per_second: float
    growth_bytes_per_second: float
    other_bytes: float
    total_bytes: float
    limit_bytes: float
    limit_seconds: float | None

    def total_after(self, requests: float) -> float:
        """Return what all processes take when every worker that grows has served so many requests."""
        return self.other_bytes + self.growing * (self.fresh_bytes + requests * self.bytes_per_request)

    def requests_to(self, total_bytes: float) -> float:
        """Return after how many requests of every worker the total is reached; at least 0."""
        each = (total_bytes - self.other_bytes) / self.growing
        return max(0.0, (each - self.fresh_bytes) / self.bytes_per_request)


def recycling_case(view: PluginView, window: Window, fleet: Fleet) -> Recycling | None:
    """Return the case of one plugin that grows; None where its growth or its requests are not known."""
    plugin_id = view.plugin.plugin_id
    row = window.plugin_ids.index(plugin_id) if plugin_id in window.plugin_ids else -1
    rate = lately(window, plugin_id, Metric.THROUGHPUT_PER_SECOND)
    if row < 0 or not rate > 0:
        return None
    growth = measure_growth(window, 0.0)
    slope, each = float(growth.worker_slope[row]), float(growth.level_bytes[row])
    total = float(growth.total_bytes[row])
    if not slope > 0 or not each > 0 or not total > 0:
        return None
    counted = lately(window, plugin_id, Metric.WORKERS)
    workers = max(1, view.pool.workers if view.pool else round(counted) if counted == counted else 1)
    growing = min(max(1.0, float(growth.slope[row]) / slope), float(workers))
    limit = memory_limit_bytes(window, fleet, plugin_id)
    left = growth.seconds_to(row, limit)
    return Recycling(
        workers=workers,
        growing=growing,
        fresh_bytes=_fresh(view, each, slope, float(growth.gained_bytes[row]), fleet.now),
        bytes_per_request=slope / (rate / workers),
        requests_per_second=rate / workers,
        growth_bytes_per_second=float(growth.slope[row]),
        other_bytes=max(0.0, total - growing * each),
        total_bytes=total,
        limit_bytes=limit if np.isfinite(limit) else float("inf"),
        limit_seconds=left[0] if left else None,
    )


def _fresh(view: PluginView, now_bytes: float, slope: float, gained_bytes: float, now: float) -> float:
    """Return what a worker takes at its start: its size before the growth that was seen, and before that since it began."""
    seen = now_bytes - gained_bytes
    began = min(view.pool.spawned.values(), default=float("nan")) if view.pool else float("nan")
    if began != began:
        return max(seen, LEAST_FRESH_RATIO * now_bytes)
    return max(min(seen, now_bytes - slope * (now - began)), LEAST_FRESH_RATIO * now_bytes)
