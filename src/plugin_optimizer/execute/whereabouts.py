"""From an execution to the plugin it changes, and to the touchpoint that reaches it."""

from collections.abc import Mapping

from ..contracts import StateStore, Touchpoint
from ..domain import Execution, InvalidValue, NotFound, Plugin


def plugin_of(state: StateStore, execution: Execution) -> Plugin:
    """Return the plugin. Raises NotFound."""
    for plugin, _, _ in state.plugins():
        if plugin.plugin_id == execution.change.plugin_id:
            return plugin
    raise NotFound(f"no plugin {execution.change.plugin_id!r}")


def touchpoint_of(touchpoints: Mapping[str, Touchpoint], plugin: Plugin) -> Touchpoint:
    """Return the touchpoint of its kind. Raises InvalidValue."""
    if plugin.touchpoint not in touchpoints:
        raise InvalidValue(f"no touchpoint {plugin.touchpoint!r}; known are {', '.join(touchpoints)}")
    return touchpoints[plugin.touchpoint]
