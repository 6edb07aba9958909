"""Incidents that are over, as comma-separated values: one row for each."""

from collections.abc import Iterable, Iterator

from .csv_lines import csv_lines
from .views.incident import PastIncidentView

COLUMNS = (
    "id", "since", "until", "duration_seconds", "severity", "plugin_ids", "cause", "kind", "metric", "parts",
    "changed_before", "executions", "results",
)  # fmt: skip


def csv_rows(views: Iterable[PastIncidentView]) -> Iterator[bytes]:
    """Yield the file line by line."""
    return csv_lines(COLUMNS, map(_cells, views))


def _cells(view: PastIncidentView) -> Iterator[object]:
    first = view.parts[0].finding
    yield from (view.id, view.since, view.until, round(view.duration_seconds), view.severity)
    yield from (" ".join(view.plugin_ids), view.text, first.kind, first.metric)
    yield "; ".join(f"{part.plugin_id}: {part.finding.text}" for part in view.parts)
    yield "; ".join(f"{turned.plugin_id} {turned.knob}: {turned.before} → {turned.after}" for turned in view.changes)
    yield " ".join(done.id for done in view.executions)
    yield " ".join(done.result or done.state for done in view.executions)
