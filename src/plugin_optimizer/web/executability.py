"""Whether a suggestion can be executed now, and if not, why: asked by the list, the button and the endpoint."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ..domain import (
    FINAL,
    Change,
    Execution,
    Knob,
    Message,
    Mode,
    Plugin,
    Policies,
    Pool,
    Suggestion,
    SuggestionState,
)
from ..execute.rails import answers
from ..execute.rails_case import Case, Past
from ..execute.rails_past import past_of
from ..knowledge.audit_watch import audit_trouble
from ..knowledge.emergency_stop import EmergencyStop
from .observed_knobs import OBSERVED, OBSERVED_POOLS
from .problem import Problem
from .system import SystemLike

CLOSED = {
    SuggestionState.CLAIMED: "already_claimed",
    SuggestionState.EXECUTED: "already_executed",
    SuggestionState.DISMISSED: "dismissed",
    SuggestionState.SNOOZED: "snoozed",
    SuggestionState.SUPERSEDED: "superseded",
    SuggestionState.EXPIRED: "expired",
    SuggestionState.QUARANTINED: "quarantined",
}


def _no_knobs(_: str) -> Sequence[Knob]:
    return ()


def _no_pool(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What besides the suggestion decides: policies, the open execution of each plugin, the emergency stop, the past.

    `knobs_of` and `pool_of` look at a plugin: only for a change that nothing else forbids.
    """

    policies: Policies
    in_flight: Mapping[str, Execution]
    now: float
    stopped: bool = False
    trouble: Message | None = None  # what the anchors of the audit say against it
    past: Past = field(default_factory=Past)
    knobs_of: Callable[[str], Sequence[Knob]] = _no_knobs
    pool_of: Callable[[str], Pool | None] = _no_pool


def circumstances_at(system: SystemLike, now: float) -> Circumstances:
    """Look up what decides at `now`."""
    policies = system.policies()
    past = past_of(system.state, policies, now)
    stopped = EmergencyStop.of(system.config.state_dir).is_set()
    return Circumstances(
        policies,
        in_flight_by_plugin(past.executions),
        now,
        stopped,
        audit_trouble(system.state, system.config.state_dir),
        past,
        partial(OBSERVED.of, system),
        partial(OBSERVED_POOLS.of, system),
    )


def in_flight_by_plugin(executions: Iterable[Execution]) -> Mapping[str, Execution]:
    """Return the executions that are under way, by plugin."""
    return {e.change.plugin_id: e for e in executions if e.state not in FINAL}


def hindrance(suggestion: Suggestion, circumstances: Circumstances, knob: Knob | None = None) -> Message | None:
    """Return why this suggestion cannot be executed now by a person, None if it can. `knob` as observed, if it is."""
    return next((found for _, found in obstacles(suggestion, circumstances, knob) if found is not None), None)


def obstacles(
    suggestion: Suggestion, circumstances: Circumstances, knob: Knob | None = None
) -> Iterator[tuple[str, Message | None]]:
    """Yield everything that is asked before a click executes, in order, by name, with what stands in the way (None: nothing).

    As far as it is asked: whoever needs one reason stops at the first.
    """
    yield "suggestion", _over(suggestion, circumstances.now)
    change = suggestion.proposal.change
    if change is None:
        yield "change", Message("advice_only", {})
        return
    yield "audit", Message("read_only", {}) if circumstances.trouble is not None else None
    yield "stop", Message("emergency_stop", {}) if circumstances.stopped else None
    mode = circumstances.policies.of(change.plugin_id).mode
    yield "mode", Message("mode_forbids", {"mode": mode.value}) if mode in {Mode.OBSERVE, Mode.ADVISE} else None
    other = circumstances.in_flight.get(change.plugin_id)
    yield "alone", Message("in_flight", {"execution_id": other.id}) if other is not None else None
    yield from answers(_case(change, circumstances, knob))


def _over(suggestion: Suggestion, now: float) -> Message | None:
    if suggestion.state is not SuggestionState.OPEN:
        return Message(CLOSED[suggestion.state], {})
    return Message("expired", {}) if now >= suggestion.expires_at else None


def _case(change: Change, circumstances: Circumstances, knob: Knob | None) -> Case:
    """Return what the rails look at for a person; the same are asked again when the change is claimed."""
    past, policy = circumstances.past, circumstances.policies.of(change.plugin_id)
    plugin = past.plugins.get(change.plugin_id, Plugin(change.plugin_id, ""))
    if knob is None:
        knob = next((k for k in circumstances.knobs_of(change.plugin_id) if k.name == change.knob), None)
    pool = circumstances.pool_of(change.plugin_id)
    return Case(plugin, change, policy, past, circumstances.now, automatic=False, knob=knob, pool=pool)


def refuse(hindered_by: Message, text: str) -> Problem:
    """Return the problem that answers an attempt to execute what cannot be executed."""
    status = 410 if hindered_by.code == "expired" else 409
    return Problem(status, hindered_by.code, text)
