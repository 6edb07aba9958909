"""One plugin as a planner sees it, gathered from the stores and recordings for a question that a person asks."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from ..domain import (
    CacheServer,
    Fleet,
    Metric,
    NotFound,
    OptimizerError,
    Plugin,
    PluginStatus,
    PluginView,
    Window,
    parse_plugin_id,
)
from ..models.load_forecast import PAST_SECONDS, STEP_SECONDS
from ..models.times_apart import TimesApart
from ..monitor.sensing import cache_server_of
from .observed_knobs import OBSERVED, OBSERVED_POOLS
from .recorded import Recorded
from .route import Call
from .system import SystemLike

Row = tuple[Plugin, PluginStatus, float]


@dataclass(frozen=True, slots=True)
class Sight:
    """What pure models take: the plugin, its recent past, and the fleet of this one plugin."""

    view: PluginView
    window: Window
    fleet: Fleet


def known_plugin(call: Call, plugin_id: str) -> Row:
    """Return the plugin, its status and since when it has it. Raises NotFound, InvalidValue."""
    parse_plugin_id(plugin_id)
    for row in call.system.state.plugins():
        if row[0].plugin_id == plugin_id:
            return row
    raise NotFound(f"no plugin is called {plugin_id!r}; GET /plugins lists them")


def sight_of(call: Call, plugin_id: str) -> Sight:
    """Gather it as of now. Raises NotFound."""
    plugin, status, since = known_plugin(call, plugin_id)
    system, now = call.system, call.now
    engine, recorded = system.config.engine, Recorded(system.config)
    with recorded.requests() as past:
        trace = past.requests(plugin_id, now - engine.window_seconds, now)
    policy = system.policies().of(plugin_id)
    load = past_of(call, plugin_id, Metric.THROUGHPUT_PER_SECOND, PAST_SECONDS, STEP_SECONDS)
    view = PluginView(
        plugin=plugin,
        policy=policy,
        status=status,
        since=since,
        knobs=tuple(OBSERVED.of(system, plugin_id)),
        pool=OBSERVED_POOLS.of(system, plugin_id),
        server=_cache_server(system, plugin),
        trace=trace,
        caches=tuple(recorded.caches(plugin_id)),
        past_load=tuple(TimesApart.of(policy).comparable(load, now)),
    )
    window = system.samples.window((plugin_id,), now, engine.window_seconds, engine.interval_seconds)
    return Sight(view, window, Fleet(now=now, cores=len(os.sched_getaffinity(0)), views={plugin_id: view}))


def _cache_server(system: SystemLike, plugin: Plugin) -> CacheServer | None:
    """Return how it does as a cache; None for one that is none, or that cannot be read."""
    touchpoint = system.touchpoints.get(plugin.touchpoint)
    try:
        return cache_server_of(touchpoint, plugin) if touchpoint else None
    except OptimizerError:
        return None


def past_of(
    call: Call, plugin_id: str, metric: Metric, seconds: float, step_seconds: float
) -> Sequence[tuple[float, float]]:
    """Return (Unix seconds, value) of the last `seconds`, in steps of at least `step_seconds`."""
    points = round(seconds / step_seconds)
    return call.system.samples.range(plugin_id, (metric,), call.now - seconds, call.now, points).get(metric, ())
