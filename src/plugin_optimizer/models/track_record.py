"""What the ledger knows of each kind of prediction, and what a new one of that kind is worth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..domain import Message, Prediction, Proposal, Purpose, Risk
from .calibration import Calibration, Compared, calibration_of
from .ledger_entry import NOTE, Kind, LedgerEntry, kind_of
from .prediction_scale import widened

LATEST_OUTCOMES = 100  # of a kind: models and services change, and what held two years ago says little
LEAST_OF_PLUGIN = 10  # comparisons, from which on a plugin is judged by its own


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """Calibrations by kind, over all plugins and for each plugin by itself."""

    kinds: Mapping[Kind, Calibration] = field(default_factory=dict)
    plugins: Mapping[tuple[Kind, str], Calibration] = field(default_factory=dict)

    def of(self, kind: Kind, plugin_id: str) -> Calibration | None:
        """Return what a prediction of this plugin is judged by: its own record if long enough, else the kind's."""
        own = self.plugins.get((kind, plugin_id))
        return own if own is not None and own.count >= LEAST_OF_PLUGIN else self.kinds.get(kind)


def track_record(entries: Iterable[LedgerEntry]) -> TrackRecord:
    """Return the record over the latest 100 fair comparisons of each kind; `entries` in any order."""
    by_kind: dict[Kind, list[LedgerEntry]] = {}
    for entry in sorted(entries, key=lambda e: (e.at, e.execution_id), reverse=True):
        latest = by_kind.setdefault(entry.kind, [])
        if entry.compared is not None and len(latest) < LATEST_OUTCOMES:
            latest.append(entry)
    plugins = {(kind, plugin_id): list(own) for kind, all_ in by_kind.items() for plugin_id, own in _by_plugin(all_)}
    return TrackRecord(
        {kind: calibration_of(_comparisons(all_)) for kind, all_ in by_kind.items()},
        {key: calibration_of(_comparisons(own)) for key, own in plugins.items()},
    )


def calibrated(proposal: Proposal, record: TrackRecord) -> Proposal:
    """Return the proposal as its kind's record lets it stand: its interval widened, its confidence lowered.

    The planner's own interval is kept in `details`, so that the model goes on being measured by what it said. A
    saving whose interval now reaches beyond the objective is no longer of low risk. Without outcomes nothing changes.
    """
    prediction = proposal.prediction
    if prediction is None or proposal.change is None:
        return proposal
    standing = record.of(kind_of(proposal.type, prediction), proposal.plugin_id)
    if standing is None or standing.count == 0:
        return proposal
    wider = widened(prediction, standing.widening)
    return replace(
        proposal,
        prediction=wider,
        confidence=proposal.confidence * standing.trust,
        risk=_risk(proposal, prediction, wider),
        evidence=(*proposal.evidence, _told(standing)),
        details={**proposal.details, NOTE: _note(prediction, standing)},
    )


def _told(standing: Calibration) -> Message:
    counted: dict[str, int | float] = {"held": standing.held_by_model, "predictions": standing.count}
    if standing.widening > 1:
        return Message("predictions_widened", {**counted, "factor": round(standing.widening, 2)})
    return Message("predictions_held", counted)


def _note(prediction: Prediction, standing: Calibration) -> dict[str, object]:
    return {
        "model_low": prediction.low,
        "model_high": prediction.high,
        "predictions": standing.count,
        "held": standing.held_by_model,
        "widening": standing.widening,
    }


def _risk(proposal: Proposal, computed: Prediction, wider: Prediction) -> Risk:
    goal = proposal.change.goal if proposal.change else None
    if goal is None or goal.purpose is not Purpose.SAVE or goal.slo is None or proposal.risk is not Risk.LOW:
        return proposal.risk
    return Risk.MEDIUM if computed.high <= goal.slo < wider.high else Risk.LOW


def _by_plugin(entries: Sequence[LedgerEntry]) -> Iterable[tuple[str, list[LedgerEntry]]]:
    own: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        own.setdefault(entry.plugin_id, []).append(entry)
    return own.items()


def _comparisons(entries: Iterable[LedgerEntry]) -> list[Compared]:
    return [compared for entry in entries if (compared := entry.compared) is not None]
