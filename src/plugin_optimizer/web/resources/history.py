"""What was executed and how it went: the seed's history, searched, in pages and as files."""

from collections.abc import Iterable, Iterator

from flask import Response, stream_with_context

from ...domain import Prediction, Proposal
from ..encoding import encode
from ..history_csv import csv_rows
from ..history_query import HistorySearch, filter_of, found_executions, holds_words, proposals_of
from ..paging import Identifier, Limit, page
from ..route import Answer, Call, Role, Route
from ..views.execution import ExecutionView, view_execution

TOTAL = "Total-Count"


class HistoryQuery(HistorySearch, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    limit: Limit = 100
    after: Identifier | None = None


def list_history(call: Call, query: HistoryQuery) -> Answer:
    """List executions; without words to look for, how many fit stands in a header."""
    state, asked = call.system.state, filter_of(query)
    rows, headers = page(
        lambda limit, after: state.history(asked, limit, after),
        holds_words(query, call.lang),
        lambda execution: execution.id,
        query.limit,
        query.after,
    )
    proposals = proposals_of(state, rows)
    views = [view_execution(row, _prediction(proposals.get(row.suggestion_id)), call.lang) for row in rows]
    total = {} if query.q else {TOTAL: str(state.count_history(asked))}
    return Answer(views, headers={**headers, **total})


def export_history_csv(call: Call, query: HistorySearch) -> Response:
    """Send what fits as it is read: RFC 4180, with the mark by which spreadsheets know UTF-8."""
    return _file(csv_rows(_views(call, query)), "text/csv", "history.csv")


def export_history_json(call: Call, query: HistorySearch) -> Response:
    return _file(_array(_views(call, query)), "application/json", "history.json")


def _views(call: Call, query: HistorySearch) -> Iterator[ExecutionView]:
    filter_of(query)  # what does not fit is refused before the first byte is sent
    return _read(call, query)


def _read(call: Call, query: HistorySearch) -> Iterator[ExecutionView]:
    state = call.system.state
    for rows in found_executions(state, query, call.lang):
        proposals = proposals_of(state, rows)
        for row in rows:
            yield view_execution(row, _prediction(proposals.get(row.suggestion_id)), call.lang)


def _array(views: Iterable[ExecutionView]) -> Iterator[bytes]:
    separator = b"["
    for view in views:
        yield separator + encode(view)
        separator = b",\n"
    yield b"]\n" if separator != b"[" else b"[]\n"


def _prediction(proposal: Proposal | None) -> Prediction | None:
    return proposal.prediction if proposal else None


def _file(content: Iterable[bytes], media: str, name: str) -> Response:
    response = Response(stream_with_context(iter(content)), mimetype=media)  # links need the request
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


ROUTES = (
    Route("GET", "/history", Role.VIEWER, list_history, "Search what was executed", list[ExecutionView], HistoryQuery),
    Route(
        "GET", "/history.csv", Role.VIEWER, export_history_csv, "Export what was executed", str, HistorySearch,
        media="text/csv",
    ),
    Route(
        "GET", "/history.json", Role.VIEWER, export_history_json, "Export what was executed", list[ExecutionView],
        HistorySearch,
    ),
)  # fmt: skip
