"""Gathering what the rails look at: the recent past from the state, the knob and the pool from the touchpoint."""

from collections.abc import Iterable

from ..contracts import MOST_OPEN_EXECUTIONS, StateStore, Touchpoint
from ..domain import Execution, Message, OptimizerError, Plugin, Policies
from .rails import refusal
from .rails_case import AUTOMATIC, Case, Past

PAGE = 200
LEAST_BACK_SECONDS = 2 * 3600.0
OWN_EXECUTIONS = 100  # of the plugin itself, however long ago


def past_of(state: StateStore, policies: Policies, now: float, plugin_id: str | None = None) -> Past:
    """Return everything a rail may count; of one plugin also what lies longer ago."""
    found = [
        *state.executions(open_only=True, limit=MOST_OPEN_EXECUTIONS),
        *_since(state, now - _back_seconds(policies)),
    ]
    if plugin_id is not None:
        found.extend(state.executions(plugin_id=plugin_id, limit=OWN_EXECUTIONS))
    known, cycle = state.plugins(), state.latest_cycle()
    return Past(
        executions=tuple({e.id: e for e in found}.values()),
        plugins={plugin.plugin_id: plugin for plugin, _, _ in known},
        statuses={plugin.plugin_id: status for plugin, status, _ in known},
        looked_at=cycle.at if cycle is not None else None,
    )


def barred(
    state: StateStore, touchpoint: Touchpoint, plugin: Plugin, execution: Execution, policies: Policies, now: float
) -> Message | None:
    """Return why the change of an execution may not be made (further) now, None if it may."""
    change = execution.change
    try:
        knob = next((k for k in touchpoint.knobs(plugin) if k.name == change.knob), None)
        pool = touchpoint.pool(plugin)
    except OptimizerError as error:
        return Message("plugin_unreadable", {"detail": str(error)})
    if knob is None:
        return Message("knob_missing", {"knob": change.knob})
    policy, past = policies.of(plugin.plugin_id), past_of(state, policies, now, plugin.plugin_id)
    automatic = execution.approved_by == AUTOMATIC
    return refusal(Case(plugin, change, policy, past, now, automatic, knob, pool, execution))


def _since(state: StateStore, begin: float) -> Iterable[Execution]:
    """Yield the executions approved at `begin` or later, newest first."""
    after = None
    while True:
        page = state.executions(limit=PAGE, after=after)
        yield from (e for e in page if e.created_at >= begin)
        if len(page) < PAGE or page[-1].created_at < begin:
            return
        after = page[-1].id


def _back_seconds(policies: Policies) -> float:
    """Return how long ago a change may have been approved whose end still counts."""
    every = (policies.default, *policies.by_plugin.values())
    longest = max(p.settle_seconds + p.verify_seconds + p.switchback_seconds + p.cooldown_seconds for p in every)
    return LEAST_BACK_SECONDS + longest
