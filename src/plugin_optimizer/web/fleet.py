"""The plugins as they stand now, gathered from the stores alone."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..domain import FINAL, Metric, Plugin, PluginStatus, SuggestionState
from .route import Call
from .views.plugin import PluginFacts

SPARK_SECONDS = 600.0
SPARK_POINTS = 60


def gather(call: Call, plugin_ids: frozenset[str] | None = None) -> Sequence[PluginFacts]:
    """Return the facts of all plugins, or of the named ones, by id."""
    system, now = call.system, call.now
    rows = [row for row in system.state.plugins() if plugin_ids is None or row[0].plugin_id in plugin_ids]
    rows.sort(key=lambda row: row[0].plugin_id)
    names = [plugin.plugin_id for plugin, _, _ in rows]
    latest = system.samples.latest(names)
    sparks = _sparklines(call, names)
    policies, cycle = system.policies(), system.state.latest_cycle()
    counts = _open_suggestions(call)
    running = {e.change.plugin_id: e.id for e in system.state.executions(open_only=True) if e.state not in FINAL}

    def facts(plugin: Plugin, status: PluginStatus, since: float) -> PluginFacts:
        name = plugin.plugin_id
        return PluginFacts(
            plugin=plugin,
            status=status,
            since=since,
            now=now,
            stale_seconds=policies.of(name).stale_seconds,
            latest=latest.get(name, {}),
            findings=[f for f in cycle.findings if f.plugin_id == name] if cycle else [],
            silences=[s for s in cycle.silences if s.plugin_id == name] if cycle else [],
            open_suggestions=counts.get(name, 0),
            execution_id=running.get(name),
            sparkline=sparks.get(name, ()),
        )

    return [facts(*row) for row in rows]


def _open_suggestions(call: Call) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for suggestion in call.system.state.suggestions(state=SuggestionState.OPEN):
        name = suggestion.proposal.plugin_id
        counts[name] = counts.get(name, 0) + 1
    return counts


def _sparklines(call: Call, names: Sequence[str]) -> Mapping[str, Sequence[float]]:
    if not names:
        return {}
    window = call.system.samples.window(names, call.now, SPARK_SECONDS, SPARK_SECONDS / SPARK_POINTS)
    series = window.series(Metric.RESPONSE_TIME_P95_SECONDS)
    return {name: [float(v) for v in row[-SPARK_POINTS:]] for name, row in zip(names, np.asarray(series), strict=True)}
