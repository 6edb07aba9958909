"""Answers the three questions people ask when nothing seems to happen, from the stores alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..agent.fence_holders import fence_holders
from ..domain import (
    FINAL,
    Execution,
    ExecutionState,
    Message,
    Mode,
    PluginStatus,
    SuggestionState,
)
from ..knowledge.audit_watch import audit_trouble
from ..reach import agent_client, agent_trouble
from .dashboard import STATIC, Export
from .executability import hindrance
from .fleet import gather
from .fleet_index import fleet_index
from .fleet_selection import worst_first
from .liveness import liveness
from .metrics_in_troubles import metrics_in_troubles
from .resources.suggestions import circumstances_of
from .route import Call
from .views.plugin import PluginFacts

FAILED = FINAL - {ExecutionState.SUCCEEDED}
SHOWN = 5
EXAMINED = 100  # plugins, where nobody is named


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its answers, the weightiest first; the help to an answer has its code + `_help`."""

    name: str
    answers: Sequence[Message]


def examine(call: Call, plugin_id: str | None = None, static: Path = STATIC) -> Sequence[Question]:
    """Return the answers, about one plugin or all. An unknown plugin is an answer, too."""
    return (
        Question("no_suggestions", tuple(why_no_suggestions(call, plugin_id))),
        Question("execution_failed", tuple(why_execution_failed(call, plugin_id))),
        Question("dashboard_empty", tuple(why_dashboard_empty(call, static))),
    )


def why_no_suggestions(call: Call, plugin_id: str | None) -> Iterator[Message]:
    yield from engine_troubles(call)
    yield from metrics_in_troubles(call)
    fleet = gather(call, [plugin_id] if plugin_id else _worst(call))
    if not fleet:
        yield Message("plugin_never_seen", {"plugin_id": plugin_id}) if plugin_id else Message("no_plugins_found", {})
    policies = call.system.policies()
    for facts in fleet:
        yield from _about(facts, policies.of(facts.plugin.plugin_id).mode)


def why_execution_failed(call: Call, plugin_id: str | None) -> Iterator[Message]:
    state = call.system.state
    failed = [e for e in state.executions(plugin_id) if e.state in FAILED][:SHOWN]
    yield from (_failure(execution) for execution in failed)
    circumstances = circumstances_of(call)
    for suggestion in state.suggestions(plugin_id, SuggestionState.OPEN):
        hindered_by = hindrance(suggestion, circumstances)
        if hindered_by is not None:
            subject = {"suggestion_id": suggestion.id, "plugin_id": suggestion.proposal.plugin_id}
            yield Message(hindered_by.code, {**hindered_by.params, **subject})
    if not failed:
        yield Message("no_failed_execution", {})


def why_dashboard_empty(call: Call, static: Path) -> Iterator[Message]:
    if Export(static).index is None:
        yield Message("dashboard_not_built", {})
    yield from engine_troubles(call)
    if not len(fleet_index(call.system)):
        yield Message("no_plugins_found", {})
    yield Message("api_answers", {})
    yield Message("login_needed" if call.system.config.server.login else "login_off", {})


def engine_troubles(call: Call) -> Iterator[Message]:
    """Yield what is wrong with the loop itself."""
    trouble = audit_trouble(call.system.state, call.system.config.state_dir)
    if trouble is not None:
        yield trouble
    agent = agent_trouble(call.system.config)
    if agent is not None:
        yield Message("agent_unreachable", {"detail": agent})
    yield from held_fences(call)
    alive = liveness(call.system, call.now)
    if alive.cycle is None:
        yield Message("engine_starting" if alive.active else "engine_never_ran", {})
        return
    if not alive.active:
        yield Message("engine_stopped", {"age_seconds": alive.age_seconds})
    for fault in alive.cycle.faults[:SHOWN]:
        yield Message("part_failed", {"part": fault.part, "error": fault.error[:200]})


def held_fences(call: Call) -> Iterator[Message]:
    """Yield which plugins nobody can change, because a process is or was stopped in the middle of an effect."""
    config = call.system.config
    agent = agent_client(config) if config.agent.separate else None
    for holder in fence_holders(agent, config.fences_dir, call.now):
        subject = {"plugin_id": holder.plugin_id, "pid": str(holder.pid)}
        yield Message("fence_held", {**subject, "held_seconds": call.now - holder.since, "detail": str(holder)})


def _worst(call: Call) -> Sequence[str]:
    """Return whom to look at where nobody is named: the worst of a large fleet, all of a small one."""
    index = fleet_index(call.system)
    places = worst_first(index, np.arange(len(index)), index.ranks(call.now))[:EXAMINED]
    return [index.names[place] for place in np.sort(places).tolist()]


def _about(facts: PluginFacts, mode: Mode) -> Iterator[Message]:
    subject = {"plugin_id": facts.plugin.plugin_id}
    if facts.open_suggestions:
        yield Message("has_suggestions", {**subject, "suggestions": facts.open_suggestions})
        return
    if facts.execution_id:
        yield Message("being_changed", {**subject, "execution_id": facts.execution_id})
    if mode is Mode.OBSERVE:
        yield Message("mode_observes_only", subject)
    if facts.status is PluginStatus.INACTIVE:
        yield Message("plugin_inactive", subject)
    elif facts.measured_at is None:
        yield Message("never_measured", subject)
    elif facts.stale:
        yield Message("data_stale", {**subject, "age_seconds": facts.now - facts.measured_at})
    reasons = {repr(silence.reason): silence for silence in facts.silences}  # several planners may say the same
    for silence in reasons.values():
        yield Message(silence.reason.code, {**silence.reason.params, **subject, "planner": silence.planner})
    if not facts.silences and facts.measured_at is not None and not facts.stale:
        yield Message("nothing_to_suggest", subject)


def _failure(execution: Execution) -> Message:
    subject = {"execution_id": execution.id, "plugin_id": execution.change.plugin_id}
    if execution.reason is None:
        return Message("ended_without_reason", {**subject, "state": execution.state.value})
    return Message(execution.reason.code, {**execution.reason.params, **subject})
