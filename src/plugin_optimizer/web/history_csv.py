"""The history as comma-separated values: one row for each execution."""

from collections.abc import Iterable, Iterator, Sequence

from .csv_lines import csv_lines
from .views.execution import ExecutionView

COLUMNS = (
    "id", "suggestion_id", "plugin_id", "suggestion_type", "description", "created_at", "executed_at", "finished_at",
    "state", "result", "approved_by", "knob", "before", "after", "predicted_metric", "predicted", "predicted_low",
    "predicted_high", "outcome", "metric", "metric_before", "metric_after", "effect", "effect_low", "effect_high",
    "windows", "requests", "method", "verdict", "reason", "closed_by", "note",
)  # fmt: skip


def csv_rows(views: Iterable[ExecutionView]) -> Iterator[bytes]:
    """Yield the file line by line."""
    return csv_lines(COLUMNS, map(_cells, views))


def _cells(view: ExecutionView) -> Iterator[object]:
    change, closing = view.change, view.closing
    yield from (view.id, view.suggestion_id, view.plugin_id, view.suggestion_type, view.description)
    yield from (view.created_at, view.executed_at, view.finished_at, view.state, view.result, view.approved_by)
    yield from (change.knob, change.before, change.after)
    yield from _predicted(view)
    yield from _measured(view)
    yield view.reason.text if view.reason else ""
    yield from (closing.by, closing.note) if closing else ("", "")


def _predicted(view: ExecutionView) -> Sequence[object]:
    found = view.prediction
    return ("", "", "", "") if found is None else (found.metric, found.expected, found.low, found.high)


def _measured(view: ExecutionView) -> Sequence[object]:
    found = view.verdict
    if found is None:
        return [""] * 11
    figures = (found.before, found.after, found.effect, found.low, found.high)
    return (found.outcome, found.metric, *figures, found.windows, found.requests, found.method, found.text)
