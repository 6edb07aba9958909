"""Keeping what was proven: a kept value that a restart lost is set again, a foreign hand is respected."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..contracts import Desired, StateStore, Touchpoint
from ..domain import ExecutionState, Message, OptimizerError, Plugin, SettingChange, Value
from .actuator import Actuator, LocalActuator, never
from .orders import Fence, Order

log = logging.getLogger(__name__)
FOREIGN_TURNS = 2


@dataclass(slots=True)
class Keeper:
    """Compares kept values with what runs. In which life of the plugin they last were the same is on record with them.

    `stopped` is the emergency stop: while it is set, nothing is turned here.

    There is no execution under way whose record could announce a step. A step goes with the fence of the execution that
    proved the value, which is higher than any it acted with, then the `lease` of the runner, then its own number. So it is
    refused as soon as a later execution has acted on the plugin, and a keeper that was stopped and wakes after another
    runner took over is refused as soon as that one has looked: its first look bars whatever is older than its lease.
    """

    state: StateStore
    stopped: Callable[[], bool] = never
    actuator: Actuator = field(default_factory=LocalActuator)
    lease: int = 0
    orders: int = 0
    barred: set[tuple[str, str]] = field(default_factory=set)  # plugin and execution: looked after by this runner
    differing: dict[tuple[str, str], int] = field(default_factory=dict)

    def tend(
        self,
        plugins: Mapping[str, tuple[Plugin, Touchpoint, Mapping[str, Value]]],
        busy: frozenset[str],
        now: float,
    ) -> None:
        """Look after every kept value of the plugins that were readable this turn and are not being changed."""
        for desired in self.state.desired():
            found = plugins.get(desired.plugin_id)
            if found is None or desired.plugin_id in busy or desired.knob not in found[2]:
                continue
            try:
                self._tend(desired, *found, now)
            except OptimizerError as error:
                log.warning("keeping %s of %s: %s", desired.knob, desired.plugin_id, error)

    def _tend(
        self, desired: Desired, plugin: Plugin, touchpoint: Touchpoint, values: Mapping[str, Value], now: float
    ) -> None:
        self._bar_older(desired, touchpoint)
        incarnation, value = incarnation_of(touchpoint, plugin), values[desired.knob]
        if value == desired.value:
            self.differing.pop((desired.plugin_id, desired.knob), None)
            if incarnation != desired.incarnation:
                self.state.desire(replace(desired, incarnation=incarnation, at=now))
            return
        execution = self.state.execution(desired.execution_id)
        if execution.state is not ExecutionState.SUCCEEDED:
            self.state.release(desired.plugin_id, desired.knob, Message("rolled_back", {}), now)
        elif incarnation == desired.incarnation:
            self._foreign(desired, value, now)
        elif not self.stopped():  # it came back without it: one step each turn
            self.orders += 1
            fence = Fence(execution.fence, self.lease, self.orders)
            self.actuator.turn(touchpoint, Order(plugin, desired.knob, desired.value, fence, seen=value))

    def _bar_older(self, desired: Desired, touchpoint: Touchpoint) -> None:
        """Once for each kept value: let nothing an earlier runner was about to do for it happen any more."""
        key = (desired.plugin_id, desired.execution_id)
        if key not in self.barred:
            fence = Fence(self.state.execution(desired.execution_id).fence, self.lease)
            self.actuator.bar(touchpoint, desired.plugin_id, fence)
            self.barred.add(key)

    def _foreign(self, desired: Desired, value: Value, now: float) -> None:
        """Let go after two looks in the same life: somebody turned it on purpose."""
        key = (desired.plugin_id, desired.knob)
        self.differing[key] = self.differing.get(key, 0) + 1
        if self.differing[key] < FOREIGN_TURNS:
            return
        self.differing.pop(key)
        reason = Message("foreign_value", {"value": value})
        self.state.release(desired.plugin_id, desired.knob, reason, now)
        self.state.record_setting_change(
            SettingChange(desired.plugin_id, desired.knob, desired.value, value, now, "outside")
        )


def incarnation_of(touchpoint: Touchpoint, plugin: Plugin) -> str:
    """Name this life of the plugin: it changes with a restart, a reload, a re-execution."""
    tell = getattr(touchpoint, "incarnation", None)
    return str(tell(plugin)) if tell is not None else ""
