"""Proposals and changes for tests of what is remembered."""

from plugin_optimizer.domain import (
    Change,
    Direction,
    Goal,
    Message,
    Metric,
    Prediction,
    Proposal,
    Purpose,
    Risk,
    SuggestionType,
    Value,
)

GOAL = Goal(Metric.RESPONSE_TIME_P95_SECONDS, Direction.DOWN, Purpose.IMPROVE)
NOW = 1_790_000_000.0
HOUR = 3600.0


def proposal(
    plugin_id: str = "orders",
    before: Value = 2,
    after: Value = 4,
    knob: str = "workers",
    expected: float = 0.3,
    risk: Risk = Risk.LOW,
) -> Proposal:
    """Return the proposal to turn one knob; `expected` is a mere figure."""
    prediction = Prediction(Metric.RESPONSE_TIME_P95_SECONDS, 2.3, expected, 0.25, float("nan"), "replay")
    change = Change(plugin_id, knob, before, after, GOAL)
    title = Message("turn_knob", {"before": before, "after": after})
    return Proposal(plugin_id, SuggestionType.UPDATE_CONFIG, title, change, prediction, risk, 0.9)


def advice(plugin_id: str = "orders") -> Proposal:
    """Return a proposal without a change."""
    return Proposal(plugin_id, SuggestionType.OPTIMIZE_RESPONSE_TIME, Message("look_here"), None, None, Risk.LOW, 0.5)
