"""Keeping what was proven: a kept value that a restart lost is set again, a foreign hand is respected."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..contracts import Desired, StateStore, Touchpoint
from ..domain import ExecutionState, Message, OptimizerError, Plugin, SettingChange, Value
from .actuator import Actuator, LocalActuator, never
from .apply import SETTLED_READS_SECONDS, STEP_SECONDS
from .orders import Fence, Order

log = logging.getLogger(__name__)
FOREIGN_TURNS = 2


@dataclass(frozen=True, slots=True)
class Awaited:
    """Since when a step is awaited that was ordered at `seen`; None: since the first look."""

    seen: Value | None
    since: float


@dataclass(slots=True)
class Keeper:
    """Compares kept values with what runs. In which life of the plugin they last were the same is on record with them.

    `stopped` is the emergency stop: while it is set, nothing is turned here.

    There is no execution under way whose record could announce a step. A step goes with the fence of the execution that
    proved the value, which is higher than any it acted with, then the `lease` of the runner, then its own number. So it is
    refused as soon as a later execution has acted on the plugin, and a keeper that was stopped and wakes after another
    runner took over is refused as soon as that one has looked: its first look bars whatever is older than its lease.

    What was ordered and does not show may still come: no second step is ordered before it has shown, or would have (18 s);
    nor after a runner's first look, as the one before may have ordered something. `steady` tells seconds of a clock that
    nobody sets.
    """

    state: StateStore
    stopped: Callable[[], bool] = never
    actuator: Actuator = field(default_factory=LocalActuator)
    lease: int = 0
    orders: int = 0
    steady: Callable[[], float] = time.monotonic
    awaited: dict[tuple[str, str], Awaited] = field(default_factory=dict)  # by plugin and execution: looked after by us
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
        elif not self.stopped() and self._may_step(desired, value):  # it came back without it: one step each turn
            self.orders += 1
            fence = Fence(execution.fence, self.lease, self.orders)
            self.awaited[_key(desired)] = Awaited(value, self.steady())  # before the deed: it may fail and happen
            self.actuator.turn(touchpoint, Order(plugin, desired.knob, desired.value, fence, seen=value))

    def _may_step(self, desired: Desired, value: Value) -> bool:
        """Tell whether nothing can be under way any more: the last step showed, or would have."""
        awaited = self.awaited[_key(desired)]
        showed = awaited.seen is not None and awaited.seen != value
        return showed or self.steady() - awaited.since >= STEP_SECONDS + SETTLED_READS_SECONDS

    def _bar_older(self, desired: Desired, touchpoint: Touchpoint) -> None:
        """Once for each kept value: let nothing an earlier runner was about to do for it happen any more."""
        if _key(desired) not in self.awaited:
            fence = Fence(self.state.execution(desired.execution_id).fence, self.lease)
            self.actuator.bar(touchpoint, desired.plugin_id, fence)
            self.awaited[_key(desired)] = Awaited(None, self.steady())

    def _foreign(self, desired: Desired, value: Value, now: float) -> None:
        """Let go after two looks in the same life: somebody turned it on purpose."""
        key = (desired.plugin_id, desired.knob)
        self.differing[key] = self.differing.get(key, 0) + 1
        if self.differing[key] < FOREIGN_TURNS:
            return
        self.differing.pop(key)
        reason = Message("foreign_value", {"knob": desired.knob, "value": value})
        self.state.release(desired.plugin_id, desired.knob, reason, now)
        self.state.record_setting_change(
            SettingChange(desired.plugin_id, desired.knob, desired.value, value, now, "outside")
        )


def _key(desired: Desired) -> tuple[str, str]:
    return desired.plugin_id, desired.execution_id


def incarnation_of(touchpoint: Touchpoint, plugin: Plugin) -> str:
    """Name this life of the plugin: it changes with a restart, a reload, a re-execution."""
    tell = getattr(touchpoint, "incarnation", None)
    return str(tell(plugin)) if tell is not None else ""
