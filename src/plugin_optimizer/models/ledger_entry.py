"""A prediction beside what was observed: one line of the calibration ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..domain import Execution, Message, Metric, Prediction, Proposal, SuggestionType
from .calibration import Compared
from .late_look import LateFigure
from .prediction_scale import deviation, holds, misfit

NOTE = "calibration"  # where a proposal's details keep what the ledger did to its interval


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """`prediction` is what people saw when they approved, `by_model` what its model had computed.

    `observed` is the verdict's figure (or a later one, see `late_look`), None where there is none; `uncompared` why the two may not be compared,
    None where they may.
    """

    execution_id: str
    suggestion_id: str
    plugin_id: str
    type: SuggestionType
    at: float
    prediction: Prediction
    by_model: Prediction
    observed: float | None
    uncompared: Message | None

    @property
    def kind(self) -> "Kind":
        return kind_of(self.type, self.prediction)

    @property
    def compared(self) -> Compared | None:
        """Return the comparison; None where it would not be fair."""
        if self.uncompared is not None or self.observed is None:
            return None
        return Compared(
            held=holds(self.prediction, self.observed),
            held_by_model=holds(self.by_model, self.observed),
            misfit=misfit(self.by_model, self.observed),
            deviation=deviation(self.by_model, self.observed),
        )


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """Predictions that may be expected to err alike: the same sort of change, figure and model."""

    type: SuggestionType
    metric: Metric
    model: str


def kind_of(suggestion_type: SuggestionType, prediction: Prediction) -> Kind:
    return Kind(suggestion_type, prediction.metric, prediction.model)


def entry_of(
    execution: Execution, prediction: Prediction, proposal: Proposal, at: float, uncompared: Message | None
) -> LedgerEntry:
    """Return the entry of an execution that ended; `at` is when its figures were taken."""
    verdict = execution.verdict
    comparable = verdict is not None and verdict.metric is prediction.metric and verdict.after == verdict.after
    return LedgerEntry(
        execution_id=execution.id,
        suggestion_id=execution.suggestion_id,
        plugin_id=execution.change.plugin_id,
        type=execution.suggestion_type,
        at=at,
        prediction=prediction,
        by_model=as_computed(prediction, proposal.details),
        observed=verdict.after if verdict is not None and comparable else None,
        uncompared=uncompared,
    )


def compared_later(entry: LedgerEntry, late: LateFigure, uncompared: Message | None) -> LedgerEntry:
    """Return the entry with the figure that was taken once what was judged early had settled."""
    return replace(entry, at=late.at, observed=late.value, uncompared=uncompared)


def as_computed(prediction: Prediction, details: Mapping[str, object]) -> Prediction:
    """Return the prediction with the interval that its model gave, before the ledger widened it."""
    note = details.get(NOTE)
    if not isinstance(note, Mapping):
        return prediction
    low, high = note.get("model_low"), note.get("model_high")
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return prediction
    return replace(prediction, low=float(low), high=float(high))
