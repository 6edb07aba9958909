"""Whether a suggestion can be executed now, and if not, why: asked by the list, the button and the endpoint."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..domain import (
    FINAL,
    Execution,
    Message,
    Mode,
    Policies,
    Suggestion,
    SuggestionState,
)
from .problem import Problem

CLOSED = {
    SuggestionState.CLAIMED: "already_claimed",
    SuggestionState.EXECUTED: "already_executed",
    SuggestionState.DISMISSED: "dismissed",
    SuggestionState.SUPERSEDED: "superseded",
    SuggestionState.EXPIRED: "expired",
    SuggestionState.QUARANTINED: "quarantined",
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What besides the suggestion decides: policies, and the open execution of each plugin."""

    policies: Policies
    in_flight: Mapping[str, Execution]
    now: float


def in_flight_by_plugin(executions: Iterable[Execution]) -> Mapping[str, Execution]:
    """Return the executions that are under way, by plugin."""
    return {e.change.plugin_id: e for e in executions if e.state not in FINAL}


def hindrance(suggestion: Suggestion, circumstances: Circumstances) -> Message | None:
    """Return why this suggestion cannot be executed now, None if it can."""
    if suggestion.state is not SuggestionState.OPEN:
        return Message(CLOSED[suggestion.state], {})
    if circumstances.now >= suggestion.expires_at:
        return Message("expired", {})
    proposal = suggestion.proposal
    if proposal.change is None:
        return Message("advice_only", {})
    mode = circumstances.policies.of(proposal.plugin_id).mode
    if mode in {Mode.OBSERVE, Mode.ADVISE}:
        return Message("mode_forbids", {"mode": mode.value})
    other = circumstances.in_flight.get(proposal.plugin_id)
    return Message("in_flight", {"execution_id": other.id}) if other else None


def refuse(hindered_by: Message, text: str) -> Problem:
    """Return the problem that answers an attempt to execute what cannot be executed."""
    status = 410 if hindered_by.code == "expired" else 409
    return Problem(status, hindered_by.code, text)
