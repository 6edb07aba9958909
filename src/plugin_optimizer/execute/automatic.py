"""What the engine approves by itself, in automatic mode, and why it held back where it did."""

import logging
from collections.abc import Iterable, Iterator

from ..contracts import StateStore
from ..domain import (
    Fleet,
    Message,
    Mode,
    OptimizerError,
    PluginView,
    Policies,
    Reversibility,
    Risk,
    Silence,
    Suggestion,
    Window,
)
from .coverage import thin
from .rails import refusal
from .rails_case import AUTOMATIC, Case
from .rails_past import past_of

log = logging.getLogger(__name__)
LEAST_CONFIDENCE = 0.7  # below it, automatic mode leaves the decision to a person


def approve_automatic(
    state: StateStore,
    suggestions: Iterable[Suggestion],
    fleet: Fleet,
    window: Window,
    policies: Policies,
    stopped: bool,
) -> Iterator[Silence]:
    """Approve what the policy leaves to the engine: low risk, exactly reversible, confident, known well enough, and let
    pass by every rail.

    Yields why a suggestion that would have been approved was not. The past is read anew for each, so that what was
    approved a moment ago counts.
    """
    for suggestion in suggestions:
        view = fleet.views.get(suggestion.proposal.plugin_id)
        if view is None or not _entrusted(suggestion, view):
            continue
        held = Message("emergency_stop", {}) if stopped else _unknown(suggestion, view, window, fleet.now)
        held = held or _refusal(state, suggestion, view, policies, fleet.now)
        if held is not None:
            yield Silence(suggestion.proposal.plugin_id, "automatic", held)
            continue
        try:
            state.approve(suggestion.id, suggestion.revision, AUTOMATIC, None, fleet.now)
        except OptimizerError as error:
            log.info("automatic approval of %s: %s", suggestion.id, error)


def _entrusted(suggestion: Suggestion, view: PluginView) -> bool:
    proposal = suggestion.proposal
    if view.policy.mode is not Mode.AUTOMATIC or proposal.change is None:
        return False
    knob = next((k for k in view.knobs if k.name == proposal.change.knob), None)
    reversible = knob is not None and knob.reversibility is Reversibility.REVERSIBLE
    return reversible and proposal.risk is Risk.LOW and proposal.confidence >= LEAST_CONFIDENCE


def _unknown(suggestion: Suggestion, view: PluginView, window: Window, now: float) -> Message | None:
    change = suggestion.proposal.change
    assert change is not None, "only changes are entrusted"
    return thin(window, change.plugin_id, change.goal.metric, view.policy, now)


def _refusal(
    state: StateStore, suggestion: Suggestion, view: PluginView, policies: Policies, now: float
) -> Message | None:
    change = suggestion.proposal.change
    assert change is not None, "only changes are entrusted"
    knob = next((k for k in view.knobs if k.name == change.knob), None)
    past = past_of(state, policies, now, change.plugin_id)
    return refusal(Case(view.plugin, change, view.policy, past, now, True, knob, view.pool))
