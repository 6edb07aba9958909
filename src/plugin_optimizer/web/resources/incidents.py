"""What is wrong now, one incident for each cause: since when, what moved first, and what was changed just before."""

from collections.abc import Mapping

import msgspec

from ...models.incident_groups import IncidentGroup, incident_groups
from ..fleet_index import fleet_index
from ..marks import Mark, marks_between
from ..moment import iso
from ..route import Answer, Call, Role, Route
from ..views.finding import FindingView, view_finding

BEFORE_SECONDS = 600.0
POINTS = 120
MOST_INCIDENTS = 200


class IncidentPart(msgspec.Struct, frozen=True, kw_only=True):
    """`after_seconds`: how long after the first one it began."""

    plugin_id: str
    after_seconds: float
    finding: FindingView


class IncidentView(msgspec.Struct, frozen=True, kw_only=True):
    """`parts` by the time they began: the first moved first. `changes`: what was turned in the ten minutes before."""

    id: str
    severity: str
    since: str | None
    plugin_ids: tuple[str, ...]
    text: str
    parts: tuple[IncidentPart, ...]
    changes: tuple[Mark, ...]


def read_incidents(call: Call) -> Answer:
    cycle = call.system.state.latest_cycle()
    groups = incident_groups(cycle.findings if cycle else (), _hosts(call))
    return Answer(tuple(_view(call, group) for group in groups[:MOST_INCIDENTS]))


def _hosts(call: Call) -> Mapping[str, str]:
    """Return where each plugin runs: its label `host`, else this very host."""
    index = fleet_index(call.system)
    return {plugin.plugin_id: plugin.labels.get("host", "here") for plugin, _, _ in index.rows}


def _view(call: Call, group: IncidentGroup) -> IncidentView:
    seen = [view_finding(finding, call.lang) for finding in group.findings]
    changes = [
        mark
        for plugin_id in group.plugin_ids
        for mark in marks_between(call, plugin_id, group.since - BEFORE_SECONDS, group.since, POINTS)
    ]
    return IncidentView(
        id=group.name,
        severity=group.severity,
        since=iso(group.since),
        plugin_ids=group.plugin_ids,
        text=f"{group.first.plugin_id}: {seen[0].text}",
        parts=tuple(
            IncidentPart(plugin_id=f.plugin_id, after_seconds=max(0.0, f.since - group.since), finding=view)
            for f, view in zip(group.findings, seen, strict=True)
        ),
        changes=tuple(sorted(changes, key=lambda mark: mark.at or "")),
    )


ROUTES = (
    Route(
        "GET",
        "/incidents",
        Role.VIEWER,
        read_incidents,
        "Read what is wrong now, one incident for each cause",
        tuple[IncidentView, ...],
    ),
)
