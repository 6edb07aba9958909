"""The whole history as a file, for spreadsheets and scripts."""

import csv
import io
from collections.abc import Iterator

from flask import Response

from ...domain import Execution
from ..encoding import encode
from ..neutral import neutral
from ..route import Call, Role, Route
from ..views.execution import ExecutionView, view_execution
from .executions import prediction_of

COLUMNS = (
    "id", "suggestion_id", "plugin_id", "suggestion_type", "description", "created_at", "executed_at", "finished_at",
    "state", "result", "approved_by", "knob", "before", "after", "outcome", "metric", "metric_before", "metric_after",
    "effect", "reason",
)  # fmt: skip
PAGE = 500


def export_history_csv(call: Call) -> Response:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for execution in _all(call):
        writer.writerow([neutral(cell) for cell in _cells(call, execution)])
    return _file(text.getvalue().encode("utf-8-sig"), "text/csv", "history.csv")


def export_history_json(call: Call) -> Response:
    views = [view_execution(e, prediction_of(call, e), call.lang) for e in _all(call)]
    return _file(encode(views), "application/json", "history.json")


def _all(call: Call) -> Iterator[Execution]:
    cursor: str | None = None
    while rows := call.system.state.executions(limit=PAGE, after=cursor):
        yield from rows
        cursor = rows[-1].id
        if len(rows) < PAGE:
            return


def _cells(call: Call, execution: Execution) -> list[object]:
    view, change = view_execution(execution, None, call.lang), execution.change
    return [
        view.id, view.suggestion_id, view.plugin_id, view.suggestion_type, view.description, view.created_at,
        view.executed_at, view.finished_at, view.state, view.result, view.approved_by, change.knob,
        change.before, change.after, *_figures(execution), view.reason.text if view.reason else "",
    ]  # fmt: skip


def _figures(execution: Execution) -> list[object]:
    verdict = execution.verdict
    if verdict is None:
        return [""] * 5
    return [verdict.outcome.value, verdict.metric.value, verdict.before, verdict.after, verdict.effect]


def _file(content: bytes, media: str, name: str) -> Response:
    response = Response(content, mimetype=media)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


ROUTES = (
    Route("GET", "/export/history.csv", Role.VIEWER, export_history_csv, "Export the history", str, media="text/csv"),
    Route("GET", "/export/history.json", Role.VIEWER, export_history_json, "Export the history", list[ExecutionView]),
)
