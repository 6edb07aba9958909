"""An execution in JSON: the seed's five fields of history, the verdict in figures and words, and its course."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ...domain import (
    FINAL,
    TRANSITIONS,
    Arm,
    Execution,
    ExecutionState,
    Message,
    Metric,
    Prediction,
    Proposal,
    SuggestionType,
    Value,
    unit_named,
)
from ...wording import render, state_name
from ..moment import iso
from .change import ChangeView, PredictionView, view_change, view_prediction
from .closing import ClosingView, advice, can_close, view_closing
from .link import link
from .message import MessageView, view_optional
from .result import result_of
from .verdict import VerdictView, view_verdict

# What the changed setting counts; kept here because the plugin may be gone when its history is read.
UNITS = {
    SuggestionType.INCREASE_WORKERS: "workers",
    SuggestionType.DECREASE_WORKERS: "workers",
    SuggestionType.ADJUST_CACHE: "entries",
    SuggestionType.RECYCLE_WORKERS: "requests",
}
THREADS = "threads"  # turned where more of them do what more workers would
RESPONSE_TIMES = frozenset(metric for metric in Metric if metric.startswith("response_time"))


class ExecutionLinks(msgspec.Struct, frozen=True, kw_only=True):
    self: str
    rollback: str
    close: str
    suggestion: str


class ExecutionView(msgspec.Struct, frozen=True, kw_only=True):
    """`executed_at` is when the change was applied; until then, when it was ordered.

    `present_value` is what runs now: read for a single execution and for those that need a person, null in other lists
    and where it cannot be read.
    """

    id: str
    suggestion_id: str
    plugin_id: str
    suggestion_type: str
    description: str
    executed_at: str | None
    result: str | None
    state: str
    state_text: str
    approved_by: str
    change: ChangeView
    verdict: VerdictView | None
    prediction: PredictionView | None
    reason: MessageView | None
    persisted: bool
    can_roll_back: bool
    can_close: bool
    closing: ClosingView | None
    advice: MessageView | None
    present_value: Value | None
    created_at: str | None
    finished_at: str | None
    links: ExecutionLinks


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    state: str
    at: str | None
    actor: str
    text: str


class WindowView(msgspec.Struct, frozen=True, kw_only=True):
    """What a stretch of time showed, what was predicted for it, and what it would have been without the change."""

    at: str | None
    observed_seconds: float | None
    predicted_seconds: float | None
    without_seconds: float | None


class ComparisonView(msgspec.Struct, frozen=True, kw_only=True):
    """Both values in turn: the blocks that are over, and the value whose block comes next or is under way (null: none)."""

    planned_blocks: int
    blocks: int
    block_seconds: float
    value: Value | None


class Live(msgspec.Struct, frozen=True, kw_only=True):
    windows: tuple[WindowView, ...]
    comparison: ComparisonView | None
    deadline_at: str | None


class ExecutionDetail(ExecutionView, frozen=True, kw_only=True):
    steps: tuple[StepView, ...]
    live: Live


def can_roll_back(execution: Execution) -> bool:
    """Tell whether a person may still undo it; a restart that has happened cannot be."""
    if execution.state in FINAL and execution.change.ends_life:
        return False
    return execution.state is ExecutionState.QUEUED or ExecutionState.RB_INTENT in TRANSITIONS[execution.state]


def view_execution(
    execution: Execution, prediction: Prediction | None, lang: str, value: Value | None = None
) -> ExecutionView:
    """`value` is what runs now, where that was read."""
    return ExecutionView(**_fields(execution, prediction, lang, value))


def view_execution_detail(
    execution: Execution,
    proposal: Proposal | None,
    steps: Sequence[tuple[str, float, str, Message | None]],
    windows: Sequence[Mapping[str, float | None]],
    lang: str,
    value: Value | None,
) -> ExecutionDetail:
    predicted = _expected_seconds(execution, proposal) if proposal else None
    return ExecutionDetail(
        **_fields(execution, proposal.prediction if proposal else None, lang, value),
        steps=tuple(_step(step, lang) for step in steps),
        live=Live(
            windows=tuple(_window(w, predicted) for w in windows),
            comparison=_comparison(execution),
            deadline_at=iso(execution.deadman_at),
        ),
    )


def _comparison(execution: Execution) -> ComparisonView | None:
    found, change = execution.comparison, execution.change
    if found is None:
        return None
    values = {Arm.BEFORE: change.before, Arm.AFTER: change.after, None: None}
    return ComparisonView(
        planned_blocks=2 * found.pairs,
        blocks=len(found.blocks),
        block_seconds=found.block_seconds,
        value=values[found.next_arm],
    )


def _expected_seconds(execution: Execution, proposal: Proposal) -> float | None:
    """Return what was predicted of the figure that the windows show: the mean where a model gives it.

    None where the change was not about a response time, or only another figure of it was predicted.
    """
    judged, mean, prediction = execution.change.goal.metric, proposal.details.get("mean_seconds"), proposal.prediction
    if judged is Metric.RESPONSE_TIME_SECONDS and isinstance(mean, int | float):
        return float(mean)
    same = prediction is not None and prediction.metric is judged and judged in RESPONSE_TIMES
    return prediction.expected if prediction is not None and same else None


def _fields(execution: Execution, prediction: Prediction | None, lang: str, value: Value | None) -> dict[str, Any]:
    return {
        "id": execution.id,
        "suggestion_id": execution.suggestion_id,
        "plugin_id": execution.change.plugin_id,
        "suggestion_type": execution.suggestion_type,
        "description": render(execution.description, lang),
        "executed_at": iso(execution.applied_at or execution.created_at),
        "result": result_of(execution),
        "state": execution.state,
        "state_text": state_name(execution.state, lang),
        "approved_by": execution.approved_by,
        "change": view_change(execution.change, unit=_unit(execution)),
        "verdict": view_verdict(execution.verdict, lang) if execution.verdict else None,
        "prediction": view_prediction(prediction) if prediction else None,
        "reason": view_optional(execution.reason, lang),
        "persisted": execution.persisted,
        "can_roll_back": can_roll_back(execution),
        "can_close": can_close(execution),
        "closing": view_closing(execution, lang),
        "advice": advice(execution, value, lang),
        "present_value": value,
        "created_at": iso(execution.created_at),
        "finished_at": iso(execution.finished_at),
        "links": ExecutionLinks(
            self=link("read_execution", execution_id=execution.id),
            rollback=link("roll_back_execution", execution_id=execution.id),
            close=link("close_execution", execution_id=execution.id),
            suggestion=link("read_suggestion", suggestion_id=execution.suggestion_id),
        ),
    }


def _unit(execution: Execution) -> str | None:
    knob = execution.change.knob
    return unit_named(knob) or (THREADS if knob == THREADS else UNITS.get(execution.suggestion_type))


def _step(step: tuple[str, float, str, Message | None], lang: str) -> StepView:
    state, at, actor, reason = step
    text = render(reason, lang) if reason else state_name(state, lang)
    return StepView(state=state, at=iso(at), actor=actor, text=text)


def _window(window: Mapping[str, float | None], predicted: float | None) -> WindowView:
    return WindowView(
        at=iso(window.get("at")),
        observed_seconds=window.get("observed_seconds"),
        predicted_seconds=predicted,
        without_seconds=window.get("without_seconds"),
    )
