"""From an execution to the plugin it changes, and to the touchpoint that reaches it."""

from collections.abc import Callable, Mapping

from ..contracts import StateStore, Touchpoint
from ..domain import Execution, InvalidValue, Message, NotFound, Plugin, Policies, Policy
from .rails_past import barred


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


class Whereabouts:
    """What whoever moves executions on has to look up: the plugin, the touchpoint, the policy, what forbids to go on."""

    __slots__ = ()
    state: StateStore
    touchpoints: Mapping[str, Touchpoint]
    policies: Callable[[], Policies]
    stopped: Callable[[], bool]

    def forbidden(self, execution: Execution, now: float) -> Message | None:
        """Return why nothing may be done for it now: the emergency stop, or a rail. Not asked on the way back."""
        if self.stopped():
            return Message("emergency_stop", {})
        touchpoint, plugin = self.touchpoint(execution), self.plugin(execution)
        return barred(self.state, touchpoint, plugin, execution, self.policies(), now)

    def plugin(self, execution: Execution) -> Plugin:
        return plugin_of(self.state, execution)

    def touchpoint(self, execution: Execution) -> Touchpoint:
        return touchpoint_of(self.touchpoints, self.plugin(execution))

    def policy(self, execution: Execution) -> Policy:
        return self.policies().of(execution.change.plugin_id)

    def holds(self, announced: Execution) -> bool:
        """Tell whether the record is still the one just written: its writer may have been held since."""
        return self.state.execution(announced.id).fence == announced.fence
