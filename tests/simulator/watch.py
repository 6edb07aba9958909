"""Watches every effect at the moment it is ordered, and every end at the moment it is recorded.

The letters are those of docs/SAFETY.md: (a) once, (b) nothing lost, (c) announced first, (d) undone exactly, (e) stopped,
(f) within bounds, (g) foreign values respected, (h) the audit tells it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plugin_optimizer.domain import Change, Execution, ExecutionState, Value
from plugin_optimizer.execute.orders import Order

from .plant import MOST_WORKERS, Service
from .plant import Order as Coming

if TYPE_CHECKING:
    from .world import World

State = ExecutionState
TURNING = frozenset({State.APPLYING, State.COMPARING, State.RB_APPLYING})
NOT_BEGUN = frozenset({State.QUEUED, State.CLAIMED, State.INTENT})
STANDING = frozenset({State.APPLIED, State.SETTLING, State.VERIFYING})


@dataclass(slots=True)
class Watch:
    world: World
    stopped_in_tick: int | None = None
    kept_before: dict[str, int | None] = field(default_factory=dict)
    rolled_back: set[str] = field(default_factory=set)
    to_check: bool = False  # a roll-back is about to be recorded
    tick_of: dict[int, int] = field(default_factory=dict)
    leaving: Order | None = None  # the order that an engine's actuator was given last

    def tick_began(self, number: int) -> None:
        self.tick_of[number] = self.world.ticks

    def stop_changed(self) -> None:
        self.stopped_in_tick = self.world.ticks if self.world.stopped else None

    def open_execution(self, plugin_id: str) -> Execution | None:
        under_way = self.world.store.executions(open_only=True)
        return next((execution for execution in under_way if execution.change.plugin_id == plugin_id), None)

    def telling_values(self, service: Service) -> list[int]:
        """Return the values nobody could mistake for one of ours just now."""
        values = set(range(1, MOST_WORKERS + 1)) - {service.workers}
        execution = self.open_execution(service.plugin.plugin_id)
        if execution is None:
            return [] if service.coming or self._not_seen_since_restart(service) else sorted(values)
        change = execution.change
        distinct = execution.state in NOT_BEGUN | STANDING and not service.coming
        return sorted(values - ({change.before, change.after} if distinct else set(way_of(change))))

    def _not_seen_since_restart(self, service: Service) -> bool:
        """Tell whether a value set now could as well be what the restart brought: the keeper has yet to look."""
        kept = [d for d in self.world.store.desired() if d.plugin_id == service.plugin.plugin_id]
        return any(desired.incarnation != str(service.life) for desired in kept)

    def turning(self, service: Service, to: Value) -> None:
        """Check an order that is about to be given."""
        name, world = service.plugin.plugin_id, self.world
        assert isinstance(to, int)
        if not 1 <= to <= MOST_WORKERS:
            self._violate("f", f"{name} was ordered to {to}")
        if service.foreign == service.workers:
            self._violate("g", f"{name} was turned to {to} from the foreign value {service.workers}")
        self._check_fence(name)
        if service.coming:
            self._violate("a", f"{name} was ordered to {to} while an earlier order was under way")
        if world.tending:
            self._check_stop(name, to)
            return
        execution = self.open_execution(name)
        if execution is None or execution.state not in TURNING or execution.step is None:
            self._violate("c", f"{name} was ordered to {to} and no such step was on record")
            return
        if execution.step.seen != service.workers:
            self._violate("c", f"{name}: {execution.step.seen} was announced, {service.workers} was turned")
        if to != execution.target:
            self._violate("c", f"{name} was ordered to {to} and {execution.target} is on record")
        if not execution.undoing:
            self._check_stop(name, to)

    def persisting(self, service: Service, to: Value) -> None:
        """Check a value that is about to be made to last."""
        execution = self.open_execution(service.plugin.plugin_id)
        self._check_fence(service.plugin.plugin_id)
        keeping = execution is not None and to == execution.change.after and not execution.undoing
        if keeping and service.workers != to:
            self._violate("g", f"{service.plugin.plugin_id}: {to} was kept while {service.workers} ran")

    def landed(self, service: Service, order: Coming) -> None:
        """Check what an order led to."""
        name = service.plugin.plugin_id
        if not 1 <= service.workers <= MOST_WORKERS and service.foreign is None:
            self._violate("f", f"{name} has {service.workers} workers")
        execution = self.open_execution(name)
        if service.foreign is not None:
            told = execution is None or service.workers not in way_of(execution.change)
            service.foreign = service.workers if told else None  # ours on top of theirs: nobody can tell any more
            return
        if execution is None and not order.keeping:
            self._ended_too_early(service)
        elif execution is not None and not order.keeping and service.workers not in way_of(execution.change):
            self._violate("f", f"{name} went to {service.workers}, outside its way")

    def _ended_too_early(self, service: Service) -> None:
        latest = self.world.store.executions(plugin_id=service.plugin.plugin_id, limit=1)
        if latest and latest[0].state in {State.ABORTED, State.ROLLED_BACK}:
            self._violate("d", f"{service.plugin.plugin_id} still moved after it was {latest[0].state}")

    def reached(self, point: str) -> None:
        if point == "C08":
            for execution in self.world.store.executions(open_only=True):
                service = self.world.plant.services[execution.change.plugin_id]
                self.kept_before.setdefault(execution.id, service.kept)
        self.to_check = self.to_check or point == "C21"

    def written(self) -> None:
        """Check what was just recorded as rolled back, also if nobody is told that it was recorded."""
        if self.to_check:
            for execution in self.world.store.executions(limit=20):
                if execution.state is State.ROLLED_BACK and execution.id not in self.rolled_back:
                    self.rolled_back.add(execution.id)
                    self.to_check = False
                    self._check_undone(execution)

    def _check_undone(self, execution: Execution) -> None:
        change, service = execution.change, self.world.plant.services[execution.change.plugin_id]
        if service.foreign is not None or not service.alive:
            return
        if service.workers != change.before:
            self._violate("d", f"{change.plugin_id} has {service.workers} after the way back to {change.before}")
        before = self.kept_before.get(execution.id, change.after)  # not seen: the engine died as it wrote the intent
        if service.kept == change.after != change.before and before != change.after:
            self._violate("d", f"{change.plugin_id} would come back with {service.kept} after it was undone")

    def _check_fence(self, name: str) -> None:
        """Nothing may have been recorded of the plugin since the record that this order goes back to.

        A proven value is kept all the same where a later execution ended before it did anything.
        """
        keeping = self.leaving is not None and self.leaving.fence.lease > 0
        without = {State.ABORTED, State.CANCELLED} if keeping else set[State]()
        latest = [e for e in self.world.store.executions(plugin_id=name, limit=50) if e.state not in without]
        if self.leaving is not None and latest and latest[0].fence > self.leaving.fence.execution:
            record = f"{latest[0].state} has fence {latest[0].fence}"
            self._violate("l", f"{name} was given an order of fence {self.leaving.fence} while {record}")

    def _check_stop(self, name: str, to: Value) -> None:
        if not self.world.stopped or self.stopped_in_tick is None:
            return
        if self.tick_of.get(self.world.running[-1], 0) > self.stopped_in_tick:
            self._violate("e", f"{name} was turned to {to} after the emergency stop")

    def _violate(self, letter: str, what: str) -> None:
        self.world.ledger.violate(self.world.steady, letter, what)


def way_of(change: Change) -> range:
    before, after = int(change.before), int(change.after)
    return range(min(before, after), max(before, after) + 1)
