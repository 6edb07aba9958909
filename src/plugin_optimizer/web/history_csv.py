"""The history as comma-separated values (RFC 4180): one row for each execution, quoted, lines ended by CR LF.

It begins with the byte order mark of UTF-8: without it spreadsheets take Korean for another encoding.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from .neutral import neutral
from .views.execution import ExecutionView

COLUMNS = (
    "id", "suggestion_id", "plugin_id", "suggestion_type", "description", "created_at", "executed_at", "finished_at",
    "state", "result", "approved_by", "knob", "before", "after", "predicted_metric", "predicted", "predicted_low",
    "predicted_high", "outcome", "metric", "metric_before", "metric_after", "effect", "effect_low", "effect_high",
    "windows", "requests", "method", "verdict", "reason", "closed_by", "note",
)  # fmt: skip


def csv_rows(views: Iterable[ExecutionView]) -> Iterator[bytes]:
    """Yield the file line by line; no cell is taken for a formula."""
    yield codecs.BOM_UTF8 + _line(COLUMNS)
    for view in views:
        yield _line([neutral(cell) for cell in _cells(view)])


def _line(cells: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


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
