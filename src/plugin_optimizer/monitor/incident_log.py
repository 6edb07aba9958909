"""Keeps incidents from their onset to their end, so that they can be looked back on."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..contracts import StateStore
from ..domain import Finding, Plugin, RecordedIncident
from ..models.incident_course import follow
from ..models.incident_groups import hosts_of, incident_groups

BEFORE_SECONDS = 600.0
WRITE_SECONDS = 60.0  # while nothing but the time changes


@dataclass(slots=True)
class IncidentLog:
    """What is open is read from the store once, and written when it changes; a crash loses a minute of its length."""

    state: StateStore
    open: dict[str, RecordedIncident] | None = None
    written: dict[str, RecordedIncident] = field(default_factory=dict)

    def note(self, findings: Iterable[Finding], plugins: Iterable[Plugin], now: float) -> None:
        """Take in what is wrong in this turn."""
        if self.open is None:
            self.open = {incident.id: incident for incident in self.state.open_incidents()}
            self.written = dict(self.open)
        course = follow(tuple(self.open.values()), incident_groups(findings, hosts_of(plugins)), now)
        for incident in course.over:
            self.state.keep_incident(incident)
            self.written.pop(incident.id, None)
        going = [*course.going, *(self._begun(incident) for incident in course.begun)]
        self.open = {incident.id: self._written(incident) for incident in going}

    def _begun(self, incident: RecordedIncident) -> RecordedIncident:
        begin = incident.since - BEFORE_SECONDS
        before = [c for c in self.state.setting_changes(begin) if c.at <= incident.since]
        own = tuple(change for change in before if change.plugin_id in incident.plugin_ids)
        kept = self.state.keep_incident(replace(incident, changes=own))
        self.written[kept.id] = kept
        return kept

    def _written(self, incident: RecordedIncident) -> RecordedIncident:
        before = self.written.get(incident.id)
        fresh = before is not None and incident.seen_at - before.seen_at < WRITE_SECONDS
        if before is None or before.findings != incident.findings or not fresh:
            self.written[incident.id] = self.state.keep_incident(incident)
        return incident
