"""Which plugins there are: those named in the configuration, those seen before, those found now."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..domain import Plugin

BY_DEFAULT = "gunicorn"  # where the configuration names no touchpoint


def roll_call(
    configured: Iterable[Plugin], known: Iterable[Plugin], discovered: Iterable[Plugin]
) -> Mapping[str, Plugin]:
    """Return the plugins by id. A discovered address refreshes a known one; configured values and labels win.

    Where the configuration says no more than a policy or labels, what was found stays of the kind it was found to be.
    Of two that kinds of touchpoints found under one id the first keeps it; the other is watched once it is configured
    under a name of its own.
    """
    plugins = {plugin.plugin_id: plugin for plugin in known}
    found_as: dict[str, str] = {}
    for plugin in discovered:
        if found_as.setdefault(plugin.plugin_id, plugin.touchpoint) != plugin.touchpoint:
            continue
        before = plugins.get(plugin.plugin_id)
        plugins[plugin.plugin_id] = replace(plugin, labels=before.labels) if before else plugin
    for plugin in configured:
        found = plugins.get(plugin.plugin_id)
        says_more = bool(plugin.address) or plugin.touchpoint != BY_DEFAULT
        if found is None or (found.touchpoint != plugin.touchpoint and says_more):
            plugins[plugin.plugin_id] = plugin
        else:
            plugins[plugin.plugin_id] = replace(
                found, address={**found.address, **plugin.address}, labels={**found.labels, **plugin.labels}
            )
    return plugins
