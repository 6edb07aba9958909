"""What was wrong: from its onset to its end, with its cause and what was done about it; in pages and as files."""

from collections.abc import Iterable, Iterator

from flask import Response

from ...contracts import HistoryFilter, IncidentFilter
from ...domain import Execution, RecordedIncident, Severity
from ..array_file import array, as_file
from ..incidents_csv import csv_rows
from ..moment import unix
from ..paging import TOTAL, Identifier, Limit, page
from ..route import Answer, Call, Role, Route, Strict
from ..span import Moment
from ..views.incident import PastIncidentView, view_past

AFTER_SECONDS = 600.0
MOST_DONE = 50
PAGE = 500


class PastIncidentsSearch(Strict, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    """`from` ≤ onset < `to`; `severity` or worse."""

    plugin_id: Identifier | None = None
    severity: Severity | None = None
    begin: Moment | None = None
    end: Moment | None = None


class PastIncidentsQuery(PastIncidentsSearch, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    limit: Limit = 100
    after: Identifier | None = None


def list_past_incidents(call: Call, query: PastIncidentsQuery) -> Answer:
    """List incidents that are over; how many fit stands in a header."""
    state, asked = call.system.state, _filter(query)
    rows, headers = page(
        lambda limit, after: state.past_incidents(asked, limit, after),
        lambda _: True,
        lambda incident: incident.id,
        query.limit,
        query.after,
    )
    total = {TOTAL: str(state.count_past_incidents(asked))}
    return Answer([_view(call, row) for row in rows], headers={**headers, **total})


def read_past_incident(call: Call, incident_id: str) -> Answer:
    return Answer(_view(call, call.system.state.past_incident(incident_id)))


def export_incidents_csv(call: Call, query: PastIncidentsSearch) -> Response:
    """Send what fits as it is read: RFC 4180, with the mark by which spreadsheets know UTF-8."""
    return as_file(csv_rows(_views(call, query)), "text/csv", "incidents.csv")


def export_incidents_json(call: Call, query: PastIncidentsSearch) -> Response:
    return as_file(array(_views(call, query)), "application/json", "incidents.json")


def _filter(query: PastIncidentsSearch) -> IncidentFilter:
    return IncidentFilter(
        plugin_id=query.plugin_id,
        severity=query.severity,
        since=unix(query.begin, "from") if query.begin else None,
        until=unix(query.end, "to") if query.end else None,
    )


def _views(call: Call, query: PastIncidentsSearch) -> Iterator[PastIncidentView]:
    asked = _filter(query)  # what does not fit is refused before the first byte is sent
    return (_view(call, incident) for incident in _all(call, asked))


def _all(call: Call, asked: IncidentFilter) -> Iterable[RecordedIncident]:
    after = None
    while rows := call.system.state.past_incidents(asked, PAGE, after):
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1].id


def _view(call: Call, incident: RecordedIncident) -> PastIncidentView:
    return view_past(incident, _done(call, incident), call.lang)


def _done(call: Call, incident: RecordedIncident) -> list[Execution]:
    """Return what was ordered for its plugins from its onset until ten minutes after its end, the earliest first."""
    until = (incident.ended_at if incident.ended_at is not None else incident.seen_at) + AFTER_SECONDS
    found: list[Execution] = []
    for plugin_id in incident.plugin_ids:
        asked = HistoryFilter(plugin_id=plugin_id, since=incident.since, until=until)
        found.extend(call.system.state.history(asked, MOST_DONE))
    return sorted(found, key=lambda execution: execution.created_at)


ROUTES = (
    Route(
        "GET", "/incidents/past", Role.VIEWER, list_past_incidents, "Search what was wrong",
        list[PastIncidentView], PastIncidentsQuery,
    ),
    Route(
        "GET", "/incidents/past.csv", Role.VIEWER, export_incidents_csv, "Export what was wrong", str,
        PastIncidentsSearch, media="text/csv",
    ),
    Route(
        "GET", "/incidents/past.json", Role.VIEWER, export_incidents_json, "Export what was wrong",
        list[PastIncidentView], PastIncidentsSearch,
    ),
    Route(
        "GET", "/incidents/past/<incident_id>", Role.VIEWER, read_past_incident, "Read one thing that was wrong",
        PastIncidentView,
    ),
)  # fmt: skip
