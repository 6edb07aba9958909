"""What the engine approves by itself, in automatic mode, and why it held back where it did."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence

from ..contracts import StateStore
from ..domain import (
    Disruption,
    Fleet,
    Knob,
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
from .low_time import too_busy
from .rails import refusal
from .rails_case import AUTOMATIC, Case
from .rails_past import past_of

log = logging.getLogger(__name__)
Throughput = Callable[[str], Sequence[tuple[float, float]]]  # of a plugin, over the last day
LEAST_CONFIDENCE = 0.7  # below it, automatic mode leaves the decision to a person


def _never_seen(_: str) -> Sequence[tuple[float, float]]:
    return ()


def approve_automatic(
    state: StateStore,
    suggestions: Iterable[Suggestion],
    fleet: Fleet,
    window: Window,
    policies: Policies,
    stopped: bool,
    throughput: Throughput = _never_seen,
) -> Iterator[Silence]:
    """Approve what the policy leaves to the engine: low risk, exactly reversible, confident, known well enough, on a plugin
    that waits for nobody, and let pass by every rail.

    Yields why a suggestion that would have been approved was not. The past is read anew for each, so that what was
    approved a moment ago counts.
    """
    for suggestion in suggestions:
        view = fleet.views.get(suggestion.proposal.plugin_id)
        if view is None or not _entrusted(suggestion, view):
            continue
        held = Message("emergency_stop", {}) if stopped else _unknown(suggestion, view, window, fleet.now)
        held = held or _awaited(state, view.plugin.plugin_id)
        held = held or _refusal(state, suggestion, view, policies, fleet.now)
        held = held or _interrupts(suggestion, view, throughput, fleet.now)
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
    knob = _knob_of(view, proposal.change.knob)
    reversible = knob is not None and knob.reversibility_to(proposal.change.after) is Reversibility.REVERSIBLE
    return reversible and proposal.risk is Risk.LOW and proposal.confidence >= LEAST_CONFIDENCE


def _unknown(suggestion: Suggestion, view: PluginView, window: Window, now: float) -> Message | None:
    change = suggestion.proposal.change
    assert change is not None, "only changes are entrusted"
    return thin(window, change.plugin_id, change.goal.metric, view.policy, now)


def _awaited(state: StateStore, plugin_id: str) -> Message | None:
    """Return why nothing is built on a plugin that an execution left for a person to look at."""
    waiting = state.needing_person(plugin_id, limit=1)
    return Message("awaits_person", {"execution_id": waiting[0].id}) if waiting else None


def _interrupts(suggestion: Suggestion, view: PluginView, throughput: Throughput, now: float) -> Message | None:
    """Return why a change that interrupts requests has to wait; the policy's windows are a rail of their own."""
    change = suggestion.proposal.change
    assert change is not None, "only changes are entrusted"
    knob = _knob_of(view, change.knob)
    if view.policy.windows or knob is None or knob.disruption is not Disruption.RESTART:
        return None
    return too_busy(throughput(change.plugin_id), now)


def _knob_of(view: PluginView, name: str) -> Knob | None:
    return next((knob for knob in view.knobs if knob.name == name), None)


def _refusal(
    state: StateStore, suggestion: Suggestion, view: PluginView, policies: Policies, now: float
) -> Message | None:
    change = suggestion.proposal.change
    assert change is not None, "only changes are entrusted"
    knob = _knob_of(view, change.knob)
    past = past_of(state, policies, now, change.plugin_id)
    return refusal(Case(view.plugin, change, view.policy, past, now, True, knob, view.pool))
