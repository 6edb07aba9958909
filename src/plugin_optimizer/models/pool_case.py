"""Everything a plan for the number of workers rests on, gathered and checked once."""

from dataclasses import dataclass, replace

import numpy as np

from ..domain import Fleet, Knob, Message, Metric, PluginView, Pool, RequestTrace, Window
from .load_forecast import LoadForecast, forecast_load
from .replay import Replay, fit_replay, plans_topology
from .rivals import beside_rivals
from .running_since import running_since
from .series import lately, memory_limit_bytes, observed_seconds, recorded
from .shares import Shares, shares_of
from .worker_bounds import Bound, Held, upper_bound


@dataclass(frozen=True, slots=True)
class PoolCase:
    """A pool with requests recorded under its present count of workers. Memory in bytes, NaN where unknown.

    `recorded_seconds` is how long there are requests on record under that count, of which `trace` may be the last part.
    """

    view: PluginView
    knob: Knob
    pool: Pool
    workers: int
    trace: RequestTrace
    shares: Shares
    worker_memory_bytes: float
    memory_bytes: float
    memory_limit_bytes: float
    ahead: LoadForecast | None = None
    recorded_seconds: float = 0.0

    @property
    def headroom(self) -> float:
        """Return the factor of the recorded load to plan for: that of the next hour where it is expected to rise."""
        return self.ahead.headroom if self.ahead is not None else 1.0

    @property
    def span_seconds(self) -> float:
        return observed_seconds(self.trace)

    def fitted(self, seed: int) -> Replay:
        return fit_replay(self.trace, self.pool, seed)

    def bound(self, memory_share: float) -> Bound:
        """Return what bounds the count from above: policy, cores, knob, memory or database connections."""
        held = Held(self.workers, self.memory_bytes, self.worker_memory_bytes, self.memory_limit_bytes)
        return upper_bound(self.view, self.knob, self.pool, held, memory_share)

    def least_workers(self) -> int:
        """Return the smallest count ever to be suggested: a stuck request must not stop the plugin."""
        least = max(self.view.policy.shrink_floor, self.view.policy.min_workers, 1)
        return least if self.knob.minimum is None else max(least, int(np.ceil(self.knob.minimum)))


def pool_case(
    view: PluginView,
    window: Window,
    fleet: Fleet,
    least_seconds: float,
    least_requests: int,
    since: float = -float("inf"),
) -> PoolCase | Message:
    """Return the case, of requests served since `since`, or why none can be made: no_knob, no_probe, too_little_data, topology_not_modelled."""
    knob, pool = view.knob("workers"), view.pool
    if knob is None or isinstance(knob.value, str | bool):
        return Message("no_knob", {"kind": "workers"})
    if pool is None or not len(view.trace):
        return Message("no_probe")
    if pool.workers != int(knob.value):
        return Message("workers_changing", {"workers": pool.workers, "wanted_workers": int(knob.value)})
    if not plans_topology(pool):
        return Message("topology_not_modelled", {"pool": pool.kind, "workers": pool.workers, "threads": pool.threads})
    running = running_since(view, window)
    trace = recorded(view.trace, max(since, running), fleet.now)
    shares = shares_of(trace, pool.cores, pool)
    seconds = observed_seconds(trace)
    if shares is None or seconds < least_seconds or len(trace) < least_requests:
        needs = {"needed_requests": least_requests, "needed_seconds": least_seconds}
        return Message("too_little_data", {"requests": len(trace), "span_seconds": seconds, **needs})
    case = _case(view, knob, pool, trace, beside_rivals(shares, trace, view, fleet), window, fleet)
    return replace(case, recorded_seconds=observed_seconds(recorded(view.trace, running, fleet.now)))


def _case(
    view: PluginView, knob: Knob, pool: Pool, trace: RequestTrace, shares: Shares, window: Window, fleet: Fleet
) -> PoolCase:
    plugin_id = view.plugin.plugin_id
    each = pool.worker_memory_bytes
    return PoolCase(
        view=view,
        knob=knob,
        pool=pool,
        workers=pool.workers,
        trace=trace,
        shares=shares,
        worker_memory_bytes=each if each == each else lately(window, plugin_id, Metric.WORKER_MEMORY_BYTES),
        memory_bytes=lately(window, plugin_id, Metric.MEMORY_BYTES),
        memory_limit_bytes=memory_limit_bytes(window, fleet, plugin_id),
        ahead=forecast_load(view.past_load, fleet.now),
    )
