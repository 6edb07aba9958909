"""Setting a suggestion aside and taking that back: dismissed for good, or snoozed until it is worse or a time has passed."""

from typing import Annotated

import msgspec

from ..route import Answer, Call, Role, Route, Strict
from ..views.suggestion import SuggestionView
from .suggestions import single

HOUR_SECONDS = 3600.0
WEEK_HOURS = 168.0
Reason = Annotated[str, msgspec.Meta(max_length=500)]


class DismissBody(Strict, frozen=True, kw_only=True):
    reason: Reason = ""


class SnoozeBody(Strict, frozen=True, kw_only=True):
    """Shown again after `hours` (a week), or once it is worse by the share `worse_by` (0.25: a quarter)."""

    hours: Annotated[float, msgspec.Meta(gt=0, le=2160)] = WEEK_HOURS
    worse_by: Annotated[float, msgspec.Meta(ge=0.05, le=10)] = 0.25
    reason: Reason = ""


def dismiss_suggestion(call: Call, body: DismissBody, suggestion_id: str) -> Answer:
    return single(call, call.system.state.dismiss(suggestion_id, body.reason, call.actor, call.now))


def undo_dismiss_suggestion(call: Call, suggestion_id: str) -> Answer:
    return single(call, call.system.state.undo_dismiss(suggestion_id, call.actor, call.now))


def snooze_suggestion(call: Call, body: SnoozeBody, suggestion_id: str) -> Answer:
    until = call.now + body.hours * HOUR_SECONDS
    state, reason = call.system.state, body.reason.strip()
    return single(call, state.snooze(suggestion_id, until, body.worse_by, reason, call.actor, call.now))


def wake_suggestion(call: Call, suggestion_id: str) -> Answer:
    return single(call, call.system.state.wake(suggestion_id, call.actor, call.now))


ROUTES = (
    Route(
        "POST", "/suggestions/<suggestion_id>/dismiss", Role.OPERATOR, dismiss_suggestion, "Dismiss a suggestion",
        SuggestionView, body=DismissBody,
    ),
    Route(
        "POST", "/suggestions/<suggestion_id>/undo-dismiss", Role.OPERATOR, undo_dismiss_suggestion,
        "Take a dismissal back", SuggestionView,
    ),
    Route(
        "POST", "/suggestions/<suggestion_id>/snooze", Role.OPERATOR, snooze_suggestion,
        "Let a suggestion wait until it is worse", SuggestionView, body=SnoozeBody,
    ),
    Route(
        "POST", "/suggestions/<suggestion_id>/wake", Role.OPERATOR, wake_suggestion, "Show a snoozed suggestion again",
        SuggestionView,
    ),
)  # fmt: skip
