"""What is wrong now, one incident for each cause: since when, what moved first, and what was changed just before."""

import msgspec

from ...models.incident_groups import IncidentGroup, hosts_of, incident_groups
from ..fleet_index import fleet_index
from ..marks import Mark, marks_between
from ..moment import iso
from ..route import Answer, Call, Role, Route
from ..views.incident import IncidentPart, view_parts

BEFORE_SECONDS = 600.0
POINTS = 120
MOST_INCIDENTS = 200


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
    plugins = (plugin for plugin, _, _ in fleet_index(call.system).rows)
    groups = incident_groups(cycle.findings if cycle else (), hosts_of(plugins))
    return Answer(tuple(_view(call, group) for group in groups[:MOST_INCIDENTS]))


def _view(call: Call, group: IncidentGroup) -> IncidentView:
    parts = view_parts(group.findings, call.lang)
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
        text=f"{group.first.plugin_id}: {parts[0].finding.text}",
        parts=parts,
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
