"""What was executed and how it went: the seed's history, searched, in pages and as files."""

from collections.abc import Iterator

from flask import Response

from ...domain import Prediction, Proposal
from ..array_file import array, as_file
from ..history_csv import csv_rows
from ..history_query import HistorySearch, filter_of, found_executions, holds_words, proposals_of
from ..paging import TOTAL, Identifier, Limit, page
from ..route import Answer, Call, Role, Route
from ..views.execution import ExecutionView, view_execution


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
    return as_file(csv_rows(_views(call, query)), "text/csv", "history.csv")


def export_history_json(call: Call, query: HistorySearch) -> Response:
    return as_file(array(_views(call, query)), "application/json", "history.json")


def _views(call: Call, query: HistorySearch) -> Iterator[ExecutionView]:
    filter_of(query)  # what does not fit is refused before the first byte is sent
    return _read(call, query)


def _read(call: Call, query: HistorySearch) -> Iterator[ExecutionView]:
    state = call.system.state
    for rows in found_executions(state, query, call.lang):
        proposals = proposals_of(state, rows)
        for row in rows:
            yield view_execution(row, _prediction(proposals.get(row.suggestion_id)), call.lang)


def _prediction(proposal: Proposal | None) -> Prediction | None:
    return proposal.prediction if proposal else None


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
