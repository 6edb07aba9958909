"""Which plugins there are: those named in the configuration, those seen before, those found now."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..domain import Plugin


def roll_call(
    configured: Iterable[Plugin], known: Iterable[Plugin], discovered: Iterable[Plugin]
) -> Mapping[str, Plugin]:
    """Return the plugins by id. A discovered address refreshes a known one; configured values and labels win.

    Where the configuration says no more than a policy or labels, what was found stays of the kind it was found to be.
    """
    plugins = {plugin.plugin_id: plugin for plugin in known}
    for plugin in discovered:
        before = plugins.get(plugin.plugin_id)
        plugins[plugin.plugin_id] = replace(plugin, labels=before.labels) if before else plugin
    for plugin in configured:
        found = plugins.get(plugin.plugin_id)
        if found is None or (found.touchpoint != plugin.touchpoint and plugin.address):
            plugins[plugin.plugin_id] = plugin
        else:
            plugins[plugin.plugin_id] = replace(
                found, address={**found.address, **plugin.address}, labels={**found.labels, **plugin.labels}
            )
    return plugins
