"""Reads from what the targets did whether a rail was broken. Knows the promises, not how the product keeps them."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from plugin_optimizer.domain import Execution, ExecutionState, PluginStatus, Value

from .rails_world import RailsWorld, Seen

DAY, HOUR, FIVE_MINUTES, HALF_HOUR = 86_400.0, 3600.0, 300.0, 1800.0
SERVING = ("workers", "threads", "cache.size")


@dataclass(frozen=True, slots=True)
class Deed:
    """An execution that was seen to move its target forward, from `at` on."""

    execution: Execution
    at: float
    steps: tuple[Seen, ...]

    @property
    def automatic(self) -> bool:
        return self.execution.approved_by == "policy"

    @property
    def plugin_id(self) -> str:
        return self.execution.change.plugin_id

    @property
    def end(self) -> float:
        return self.execution.finished_at or float("inf")


def deeds_of(world: RailsWorld) -> list[Deed]:
    forward: dict[str, list[Seen]] = defaultdict(list)
    for seen in world.history:
        if not seen.undoing:
            forward[seen.execution_id].append(seen)
    deeds = [Deed(world.records[name], steps[0].at, tuple(steps)) for name, steps in forward.items()]
    return sorted(deeds, key=lambda deed: deed.at)


def broken(world: RailsWorld) -> Iterator[str]:
    """Yield every promise that was broken, in words."""
    deeds = deeds_of(world)
    for seen in world.history:
        if seen.knob != "life":  # it has a name, and no bounds
            yield from _bounds(world, seen)
    for deed in deeds:
        yield from _restarts(world, deed, deeds)
        yield from _dead_band(deed)
        yield from _step(world, deed)
        yield from _halt(world, deed)
        yield from _rest(world, deed, deeds)
    yield from _budgets(world, [deed for deed in deeds if deed.automatic])
    yield from _together(world, deeds)
    yield from _swings(world, deeds)


def _bounds(world: RailsWorld, seen: Seen) -> Iterator[str]:
    knob, value, policy = world.knob(seen.plugin_id, seen.knob), seen.after, world.policies.of(seen.plugin_id)
    if isinstance(value, str | bool) or not (knob.minimum or 0) <= value <= (knob.maximum or 0):
        yield f"bounds: {seen}"
        return
    if seen.knob in SERVING and value < 1:
        yield f"zero: {seen}"
    if seen.knob != "workers" or seen.undoing:
        return
    pool = world.office.pools[seen.plugin_id]
    most = 4 * pool.cores + 1 if pool.kind == "sync" and policy.max_workers == 32 else policy.max_workers
    if not policy.min_workers <= value <= policy.max_workers or (value > most and not value < _number(seen.before)):
        yield f"workers: {seen}"


def _dead_band(deed: Deed) -> Iterator[str]:
    before, after = _number(deed.execution.change.before), _number(deed.execution.change.after)
    few = isinstance(before, int) and isinstance(after, int) and max(before, after) <= 20
    if before == after or (not few and abs(after - before) < 0.1 * abs(before) * (1 - 1e-9)):
        yield f"dead band: {deed.execution.change}"


def _step(world: RailsWorld, deed: Deed) -> Iterator[str]:
    """Compare with where the target stood five minutes before; what was undone in between went its way freely."""
    if not deed.automatic or deed.execution.change.ends_life:
        return
    change = deed.execution.change
    between = [s for s in world.history if deed.at - FIVE_MINUTES < s.at < deed.at]
    lately = [s for s in between if (s.plugin_id, s.knob) == (change.plugin_id, change.knob)]
    if any(s.undoing for s in lately):
        return
    start = _number(lately[0].before if lately else deed.steps[0].before)
    reached = _number(deed.steps[-1].after)
    if not start - max(1, 0.2 * start) - 1e-9 <= reached <= start + max(1, 0.5 * start) + 1e-9:
        yield f"step: from {start} to {reached} by {deed.execution.id}"


def _halt(world: RailsWorld, deed: Deed) -> Iterator[str]:
    if not deed.automatic:
        return
    standing = [statuses for at, statuses in world.standings if at < deed.at][-1]
    unwell = sum(status is not PluginStatus.ACTIVE for status in standing.values())
    if unwell * 3 > len(standing) or standing[deed.plugin_id] is not PluginStatus.ACTIVE:
        yield f"unwell: {unwell} of {len(standing)} at {deed.at}"
    undone = [e for e in _rolled_back(world) if deed.at - HOUR < (e.finished_at or 0.0) < deed.at]
    if len(undone) >= 3:
        yield f"rollbacks: {len(undone)} in the hour before {deed.at}"
    if any(_same_way(e, deed.execution) and (e.finished_at or 0.0) < deed.at for e in _rolled_back(world)):
        yield f"again: {deed.execution.change} within a day of its rollback"


def _rest(world: RailsWorld, deed: Deed, deeds: list[Deed]) -> Iterator[str]:
    rest = world.policies.of(deed.plugin_id).cooldown_seconds
    for other in deeds:
        if other.plugin_id == deed.plugin_id and other.end < deed.at < other.end + rest:
            yield f"cooldown: {deed.execution.id} after {other.execution.id}"


def _restarts(world: RailsWorld, deed: Deed, deeds: list[Deed]) -> Iterator[str]:
    if not deed.execution.change.ends_life:
        return
    others = [d for d in deeds if d.plugin_id == deed.plugin_id and d.execution.change.ends_life]
    lately = sum(deed.at - DAY < other.at <= deed.at for other in others)
    if lately > world.policies.of(deed.plugin_id).restarts_per_day:
        yield f"restarts: {lately} of {deed.plugin_id} in the day before {deed.at}"


def _budgets(world: RailsWorld, deeds: list[Deed]) -> Iterator[str]:
    for last in deeds:
        hour = [deed.plugin_id for deed in deeds if last.at - HOUR < deed.at <= last.at]
        if len(hour) > 10:
            yield f"fleet budget: {len(hour)} at {last.at}"
        if hour.count(last.plugin_id) > 2:
            yield f"plugin budget: {hour.count(last.plugin_id)} at {last.at}"
        group = world.plugins[last.plugin_id].labels.get("group")
        members = {name for name, plugin in world.plugins.items() if group and plugin.labels.get("group") == group}
        if group and len(members & set(hour)) > max(1, len(members) // 5):
            yield f"group budget: {sorted(members & set(hour))} at {last.at}"


def _together(world: RailsWorld, deeds: list[Deed]) -> Iterator[str]:
    for one, other in ((a, b) for i, a in enumerate(deeds) for b in deeds[i + 1 :]):
        if other.at < one.end and _related(world, one.plugin_id, other.plugin_id):
            yield f"together: {one.execution.id} and {other.execution.id}"


def _swings(world: RailsWorld, deeds: Iterable[Deed]) -> Iterator[str]:
    moves: dict[tuple[str, str], list[tuple[float, bool, bool]]] = defaultdict(list)
    for deed in deeds:
        change, execution = deed.execution.change, deed.execution
        if execution.applied_at is None:
            continue
        up = change.direction == "up"
        key = (change.plugin_id, change.knob)
        moves[key].append((deed.at, up, deed.automatic))
        if execution.state is ExecutionState.ROLLED_BACK:
            back = [s.at for s in world.history if s.execution_id == execution.id and s.undoing]
            moves[key].extend((at, not up, False) for at in back[:1])
    for key, course in moves.items():
        course.sort()
        turns = [(at, automatic) for (_, old, _), (at, new, automatic) in pairwise(course) if old != new]
        for (earlier, _), (later, automatic) in pairwise(turns):
            if automatic and later - earlier < HALF_HOUR:
                yield f"swing: {key} at {earlier} and {later}"


def _number(value: Value) -> float:
    """Return a number as it is; NaN for what is none, which lies within no bounds."""
    return value if isinstance(value, int | float) else math.nan


def _related(world: RailsWorld, one: str, other: str) -> bool:
    a, b = world.plugins[one].labels, world.plugins[other].labels
    grouped = bool(a.get("group")) and a.get("group") == b.get("group")
    return one == other or grouped or a.get("depends_on") == other or b.get("depends_on") == one


def _rolled_back(world: RailsWorld) -> Iterator[Execution]:
    for execution in world.records.values():
        if execution.state is ExecutionState.ROLLED_BACK and execution.applied_at is not None:
            yield execution


def _same_way(one: Execution, other: Execution) -> bool:
    a, b = one.change, other.change
    return (a.plugin_id, a.knob, a.direction) == (b.plugin_id, b.knob, b.direction) and one.id != other.id
