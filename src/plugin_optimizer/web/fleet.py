"""The plugins as they stand now, gathered from the stores alone."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..domain import Metric
from .fleet_index import FleetIndex, fleet_index
from .route import Call
from .views.plugin import PluginFacts

SPARK_SECONDS = 600.0
SPARK_POINTS = 60


def gather(call: Call, plugin_ids: Sequence[str] | None = None) -> Sequence[PluginFacts]:
    """Return the facts of the named plugins, in that order and without those nobody knows; of all by id for None."""
    index = fleet_index(call.system)
    names = index.names if plugin_ids is None else [name for name in plugin_ids if name in index.place]
    latest = call.system.samples.latest(names)
    sparks = _sparklines(call, names)

    def facts(name: str) -> PluginFacts:
        plugin, status, since = index.rows[index.place[name]]
        return PluginFacts(
            plugin=plugin,
            status=status,
            since=since,
            now=call.now,
            stale_seconds=index.policies.of(name).stale_seconds,
            latest=latest.get(name, {}),
            findings=index.findings.get(name, ()),
            silences=index.silences.get(name, ()),
            open_suggestions=index.open_suggestions.get(name, 0),
            execution_id=index.running.get(name),
            sparkline=sparks.get(name, ()),
        )

    return [facts(name) for name in names]


def present_values(call: Call, index: FleetIndex, metric: Metric) -> NDArray[np.float64]:
    """Return the last value of a metric of all plugins, in the order of the index; NaN where it is too old or missing."""
    times, values = call.system.samples.last_values(index.names, metric)
    return np.where(call.now - times <= index.stale_seconds, values, np.nan)


def _sparklines(call: Call, names: Sequence[str]) -> Mapping[str, Sequence[float]]:
    if not names:
        return {}
    window = call.system.samples.window(names, call.now, SPARK_SECONDS, SPARK_SECONDS / SPARK_POINTS)
    series = window.series(Metric.RESPONSE_TIME_P95_SECONDS)
    return {name: [float(v) for v in row[-SPARK_POINTS:]] for name, row in zip(names, np.asarray(series), strict=True)}
