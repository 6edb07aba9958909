"""Rails on the pace: rest, one at a time, budgets, no swinging to and fro, a halt when too much is wrong."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from ..domain import FINAL, Execution, ExecutionState, Message, Plugin, PluginStatus
from ..models.calendar import parse_freeze, parse_window
from ..models.times_apart import TimesApart
from .rails_case import AUTOMATIC, WITHOUT_EFFECT, Case

HOUR_SECONDS = 3600.0
FLEET_PER_HOUR, PLUGIN_PER_HOUR = 10, 2
GROUP_PARTS = 5  # a fifth of a group's plugins per hour, at least one
UNWELL_PARTS = 3  # automatic mode halts when more than a third are unwell
ROLLBACKS_PER_HOUR = 3
LEAST_STALE_SECONDS, DAY_SECONDS = 60.0, 86_400.0
DIRECTION_SECONDS = 1800.0
GROUP_LABEL, DEPENDS_LABEL = "group", "depends_on"


def calendar(case: Case) -> Message | None:
    """Refuse during a freeze, and outside the windows where there are any; automatic changes in maintenance and on holidays.

    What was approved already is told in other words: whoever did it was not in the way of the calendar then.
    """
    waited = case.execution is not None
    for text in case.policy.freezes:
        if parse_freeze(text).holds(case.now):
            return Message("freeze_began" if waited else "rail_freeze", {"freeze": text})
    windows = case.policy.windows
    if windows and not any(parse_window(text).holds(case.now) for text in windows):
        return Message("window_ended" if waited else "rail_window", {"windows": "; ".join(windows)})
    return _apart(case, waited) if case.automatic else None


def _apart(case: Case, waited: bool) -> Message | None:
    times = TimesApart.of(case.policy)
    if (text := times.maintenance_at(case.now)) is not None:
        return Message("maintenance_began" if waited else "rail_maintenance", {"maintenance": text})
    if (text := times.holiday_at(case.now)) is not None:
        return Message("holiday_began" if waited else "rail_holiday", {"day": text})
    return None


def cooldown(case: Case) -> Message | None:
    """Refuse while the plugin rests after its last change."""
    ends = [
        e.finished_at + case.policy.cooldown_seconds
        for e in case.others()
        if e.change.plugin_id == case.plugin.plugin_id
        and e.finished_at is not None
        and e.state in FINAL - WITHOUT_EFFECT
    ]
    rest_seconds = max(ends, default=case.now) - case.now
    return Message("rail_cooldown", {"rest_seconds": rest_seconds}) if rest_seconds > 0 else None


def not_again(case: Case) -> Message | None:
    """Refuse a restart, whoever asks, beyond those that the policy allows in a day: what has to be restarted over and over is not
    cured by it.
    """
    if not case.change.ends_life:
        return None
    since, limit = case.now - DAY_SECONDS, case.policy.restarts_per_day
    times = [case.counted(e) for e in case.others() if _restarts(e, case.plugin)]
    lately = sum(at is not None and at > since for at in times)
    return Message("rail_restarts", {"restarts": lately, "limit": limit}) if lately >= limit else None


def _restarts(execution: Execution, plugin: Plugin) -> bool:
    return execution.change.plugin_id == plugin.plugin_id and execution.change.ends_life


def one_at_a_time(case: Case) -> Message | None:
    """Refuse while a plugin of the same dependency group is being changed."""
    for other in case.others():
        plugin = case.past.plugins.get(other.change.plugin_id)
        if other.state in FINAL or plugin is None or not case.after(other):
            continue
        if related(case.plugin, plugin):
            return Message("rail_neighbour", {"neighbour": plugin.plugin_id, "execution_id": other.id})
    return None


def related(one: Plugin, other: Plugin) -> bool:
    """Tell whether the two share the label `group`, or one names the other in its label `depends_on` (by comma)."""
    if one.plugin_id == other.plugin_id:
        return True
    group = one.labels.get(GROUP_LABEL)
    same_group = bool(group) and group == other.labels.get(GROUP_LABEL)
    return same_group or other.plugin_id in _dependencies(one) or one.plugin_id in _dependencies(other)


def budgets(case: Case) -> Message | None:
    """Refuse an automatic change beyond 10 an hour in all, 2 of the plugin, a fifth of its group's plugins."""
    if not case.automatic:
        return None
    lately = [e.change.plugin_id for e in _automatic_lately(case)]
    if len(lately) >= FLEET_PER_HOUR:
        return Message("rail_fleet_budget", {"limit": FLEET_PER_HOUR})
    if lately.count(case.plugin.plugin_id) >= PLUGIN_PER_HOUR:
        return Message("rail_plugin_budget", {"limit": PLUGIN_PER_HOUR})
    return _group_budget(case, frozenset(lately))


def seen_lately(case: Case) -> Message | None:
    """Refuse automatic changes of a plugin that was not found at the last looks, or when the looks have ceased."""
    if not case.automatic:
        return None
    status, looked_at = case.past.statuses.get(case.plugin.plugin_id), case.past.looked_at
    if status is not None and status is not PluginStatus.ACTIVE:
        return Message("rail_not_seen", {"status": status.value})
    if looked_at is not None and case.now - looked_at > max(case.policy.stale_seconds, LEAST_STALE_SECONDS):
        return Message("rail_blind", {"age_seconds": case.now - looked_at})
    return None


def halted(case: Case) -> Message | None:
    """Refuse automatic changes when a third of the fleet is unwell, or three changes were undone within an hour."""
    if not case.automatic:
        return None
    unwell = sum(status is not PluginStatus.ACTIVE for status in case.past.statuses.values())
    if unwell * UNWELL_PARTS > len(case.past.statuses):
        return Message("rail_unwell", {"unwell": unwell, "plugins": len(case.past.statuses)})
    undone = sum(at > case.now - HOUR_SECONDS for at, _ in _undone(case.others()))
    return Message("rail_rollbacks", {"rollbacks": undone}) if undone >= ROLLBACKS_PER_HOUR else None


def not_undone_lately(case: Case) -> Message | None:
    """Refuse an automatic change that was undone within a day: what did not help is not tried again by itself."""
    if not case.automatic:
        return None
    same = [
        at
        for at, e in _undone(case.others())
        if (e.change.plugin_id, e.change.knob) == (case.plugin.plugin_id, case.change.knob)
        and e.change.direction == case.change.direction
    ]
    rest_seconds = max(same, default=0.0) + DAY_SECONDS - case.now
    return Message("rail_undone", {"rest_seconds": rest_seconds}) if same and rest_seconds > 0 else None


def steady(case: Case) -> Message | None:
    """Refuse a second automatic change of direction of the same knob within half an hour; going back counts as one."""
    if not case.automatic:
        return None
    moves = sorted(_moves(case))
    turns = [at for (_, old), (at, new) in pairwise(moves) if old != new]
    turns_now = bool(moves) and moves[-1][1] != case.change.direction
    lately = [at for at in turns if at > case.now - DIRECTION_SECONDS]
    if not (turns_now and lately):
        return None
    return Message("rail_direction", {"rest_seconds": max(lately) + DIRECTION_SECONDS - case.now})


def _automatic_lately(case: Case) -> Iterator[Execution]:
    for other in case.others():
        at = case.counted(other)
        if other.approved_by == AUTOMATIC and at is not None and at > case.now - HOUR_SECONDS:
            yield other


def _group_budget(case: Case, lately: frozenset[str]) -> Message | None:
    group = case.plugin.labels.get(GROUP_LABEL)
    if not group:
        return None
    members = {p.plugin_id for p in case.past.plugins.values() if p.labels.get(GROUP_LABEL) == group}
    limit = max(1, len(members) // GROUP_PARTS)
    if len((members & lately) | {case.plugin.plugin_id}) <= limit:
        return None
    return Message("rail_group_budget", {"group": group, "limit": limit})


def _moves(case: Case) -> Iterator[tuple[float, str]]:
    """Yield when we turned this knob, and which way: forward, and back."""
    of_knob = [
        e for e in case.others() if e.change.plugin_id == case.plugin.plugin_id and e.change.knob == case.change.knob
    ]
    yield from ((e.applied_at, e.change.direction) for e in of_knob if e.applied_at is not None)
    yield from ((at, e.change.inverse().direction) for at, e in _undone(of_knob))


def _undone(executions: Iterable[Execution]) -> Iterator[tuple[float, Execution]]:
    """Yield what had taken effect and went back, and when; what was stopped on its way is not meant."""
    for execution in executions:
        if execution.state is ExecutionState.ROLLED_BACK and execution.applied_at is not None:
            yield execution.finished_at or execution.updated_at, execution


def _dependencies(plugin: Plugin) -> frozenset[str]:
    return frozenset(name.strip() for name in plugin.labels.get(DEPENDS_LABEL, "").split(","))
