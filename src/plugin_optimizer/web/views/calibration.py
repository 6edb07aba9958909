"""The calibration ledger in JSON: what was predicted beside what was observed, and what that says of each kind."""

from math import exp

import msgspec

from ...models.calibration import Calibration
from ...models.ledger_entry import Kind, LedgerEntry
from ...models.prediction_scale import is_share
from ...wording import type_name
from ..moment import iso
from .link import link
from .message import MessageView, view_optional


class KindView(msgspec.Struct, frozen=True, kw_only=True):
    """Predictions of one kind; `plugin_id` is null for those of all plugins together.

    `held` of `predictions` intervals held, as people saw them: `rate`, within `[low, high]` with 95 % confidence;
    `held_by_model` before any widening. `bias_ratio` is the median of observed / expected, for shares `bias_points`
    that of the difference. The next intervals are `widening` times as wide and the confidence is multiplied by
    `confidence_factor`. `not_compared` outcomes would not have been fair to compare.
    """

    suggestion_type: str
    suggestion_type_text: str
    metric: str
    model: str
    plugin_id: str | None
    predictions: int
    held: int
    held_by_model: int
    rate: float | None
    low: float
    high: float
    bias_ratio: float | None
    bias_points: float | None
    widening: float
    confidence_factor: float
    not_compared: int


class LedgerLinks(msgspec.Struct, frozen=True, kw_only=True):
    execution: str
    suggestion: str


class LedgerEntryView(msgspec.Struct, frozen=True, kw_only=True):
    """`[low, high]` is the interval that was shown, `[model_low, model_high]` the model's own; `held` is null where it
    would not be fair to compare, and `not_compared` says why.
    """

    execution_id: str
    suggestion_id: str
    plugin_id: str
    suggestion_type: str
    at: str | None
    metric: str
    model: str
    before: float | None
    expected: float | None
    low: float | None
    high: float | None
    model_low: float | None
    model_high: float | None
    observed: float | None
    held: bool | None
    not_compared: MessageView | None
    links: LedgerLinks


class CalibrationView(msgspec.Struct, frozen=True, kw_only=True):
    kinds: tuple[KindView, ...]
    entries: tuple[LedgerEntryView, ...]


def view_kind(kind: Kind, plugin_id: str | None, found: Calibration, not_compared: int, lang: str) -> KindView:
    share = is_share(kind.metric)
    return KindView(
        suggestion_type=kind.type,
        suggestion_type_text=type_name(kind.type, lang),
        metric=kind.metric,
        model=kind.model,
        plugin_id=plugin_id,
        predictions=found.count,
        held=found.held,
        held_by_model=found.held_by_model,
        rate=found.held / found.count if found.count else None,
        low=found.low,
        high=found.high,
        bias_ratio=None if share or found.bias is None else exp(found.bias),
        bias_points=found.bias if share else None,
        widening=found.widening,
        confidence_factor=found.trust,
        not_compared=not_compared,
    )


def view_entry(entry: LedgerEntry, lang: str) -> LedgerEntryView:
    prediction, compared = entry.prediction, entry.compared
    return LedgerEntryView(
        execution_id=entry.execution_id,
        suggestion_id=entry.suggestion_id,
        plugin_id=entry.plugin_id,
        suggestion_type=entry.type,
        at=iso(entry.at),
        metric=prediction.metric,
        model=prediction.model,
        before=prediction.before,
        expected=prediction.expected,
        low=prediction.low,
        high=prediction.high,
        model_low=entry.by_model.low,
        model_high=entry.by_model.high,
        observed=entry.observed,
        held=compared.held if compared else None,
        not_compared=view_optional(entry.uncompared, lang),
        links=LedgerLinks(
            execution=link("read_execution", execution_id=entry.execution_id),
            suggestion=link("read_suggestion", suggestion_id=entry.suggestion_id),
        ),
    )
