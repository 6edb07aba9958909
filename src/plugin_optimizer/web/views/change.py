"""A change and its predictions in JSON."""

import msgspec

from ...domain import Change, Knob, Prediction, Value


class ChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """`unit`, `disruption` and `reversibility` are null where the knob cannot be read now."""

    knob: str
    before: Value
    after: Value
    unit: str | None = None
    disruption: str | None = None
    reversibility: str | None = None


class PredictionView(msgspec.Struct, frozen=True, kw_only=True):
    """`[low, high]` holds the outcome with probability 0.8; figures are in the metric's unit."""

    metric: str
    before: float | None
    expected: float | None
    low: float | None
    high: float | None
    model: str


def view_change(change: Change, knob: Knob | None = None, unit: str | None = None) -> ChangeView:
    """`unit` is what the setting counts where the knob is not at hand."""
    return ChangeView(
        knob=change.knob,
        before=change.before,
        after=change.after,
        unit=knob.unit if knob else unit,
        disruption=knob.disruption if knob else None,
        reversibility=knob.reversibility_to(change.after) if knob else None,
    )


def view_prediction(prediction: Prediction) -> PredictionView:
    return PredictionView(
        metric=prediction.metric,
        before=prediction.before,
        expected=prediction.expected,
        low=prediction.low,
        high=prediction.high,
        model=prediction.model,
    )
