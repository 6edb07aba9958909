"""Incidents in JSON: what is wrong now, and what was."""

from collections.abc import Sequence

import msgspec

from ...domain import Execution, Finding, RecordedIncident, SettingChange, Value
from ...wording import render, state_name
from ..moment import iso
from .finding import FindingView, view_finding
from .result import result_of


class IncidentPart(msgspec.Struct, frozen=True, kw_only=True):
    """`after_seconds`: how long after the first one it began."""

    plugin_id: str
    after_seconds: float
    finding: FindingView


class TurnedView(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that was turned in the ten minutes before; `by` is `outside` or the id of an execution."""

    at: str | None
    plugin_id: str
    knob: str
    before: Value
    after: Value
    by: str


class DoneView(msgspec.Struct, frozen=True, kw_only=True):
    """An execution that was ordered meanwhile, or within ten minutes of the end."""

    id: str
    plugin_id: str
    suggestion_type: str
    text: str
    at: str | None
    state: str
    state_text: str
    result: str | None
    approved_by: str


class PastIncidentView(msgspec.Struct, frozen=True, kw_only=True):
    """`parts` by the time they began, each as bad as it ever was: the first moved first, and `text` tells it."""

    id: str
    severity: str
    since: str | None
    until: str | None
    duration_seconds: float
    plugin_ids: tuple[str, ...]
    text: str
    parts: tuple[IncidentPart, ...]
    changes: tuple[TurnedView, ...]
    executions: tuple[DoneView, ...]


def view_parts(findings: Sequence[Finding], lang: str) -> tuple[IncidentPart, ...]:
    """Return them in the order given; the first says since when."""
    since = findings[0].since
    return tuple(
        IncidentPart(plugin_id=f.plugin_id, after_seconds=max(0.0, f.since - since), finding=view_finding(f, lang))
        for f in findings
    )


def view_past(incident: RecordedIncident, done: Sequence[Execution], lang: str) -> PastIncidentView:
    parts = view_parts(incident.findings, lang)
    until = incident.ended_at if incident.ended_at is not None else incident.seen_at
    return PastIncidentView(
        id=incident.id,
        severity=incident.severity,
        since=iso(incident.since),
        until=iso(incident.ended_at),
        duration_seconds=max(0.0, until - incident.since),
        plugin_ids=incident.plugin_ids,
        text=f"{incident.first.plugin_id}: {parts[0].finding.text}",
        parts=parts,
        changes=tuple(_turned(change) for change in incident.changes),
        executions=tuple(_done(execution, lang) for execution in done),
    )


def _turned(change: SettingChange) -> TurnedView:
    return TurnedView(
        at=iso(change.at),
        plugin_id=change.plugin_id,
        knob=change.knob,
        before=change.before,
        after=change.after,
        by=change.by,
    )


def _done(execution: Execution, lang: str) -> DoneView:
    return DoneView(
        id=execution.id,
        plugin_id=execution.change.plugin_id,
        suggestion_type=execution.suggestion_type,
        text=render(execution.description, lang),
        at=iso(execution.applied_at if execution.applied_at is not None else execution.created_at),
        state=execution.state,
        state_text=state_name(execution.state, lang),
        result=result_of(execution),
        approved_by=execution.approved_by,
    )
