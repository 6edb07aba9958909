"""What was wrong, kept from its onset to its end; and what people said of it, kept so that it is learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..domain import Feedback, RecordedIncident, Severity


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which incidents are asked for; None asks for all. `severity` or worse; `since` ≤ onset < `until`, Unix seconds."""

    plugin_id: str | None = None
    severity: Severity | None = None
    since: float | None = None
    until: float | None = None


class LookingBack(Protocol):
    """Incidents, and words about what was found. Missing rows raise NotFound."""

    def keep_incident(self, incident: RecordedIncident) -> RecordedIncident:
        """Write an incident as it stands; one without an id gets one."""
        ...

    def open_incidents(self) -> Sequence[RecordedIncident]:
        """Return those that are not over, the oldest first."""
        ...

    def past_incident(self, incident_id: str) -> RecordedIncident: ...
    def past_incidents(
        self, asked: IncidentFilter, limit: int = 500, after: str | None = None
    ) -> Sequence[RecordedIncident]:
        """Return those that are over and fit, the latest onset first."""
        ...

    def count_past_incidents(self, asked: IncidentFilter) -> int: ...

    def say_no_problem(self, said: Feedback) -> Feedback:
        """Keep that something unusual was no problem; its id is given here.

        Said again of what began between the onset of what it was said of and then, the first word stands.
        """
        ...

    def undo_feedback(self, feedback_id: str, actor: str, at: float) -> Feedback:
        """Take a word back; taken back again, nothing changes."""
        ...

    def feedback(self, plugin_id: str | None = None, limit: int = 500, after: str | None = None) -> Sequence[Feedback]:
        """Return what was said, also what was taken back, newest first. `after` is the id of the last one of the previous page."""
        ...

    def standing_feedback(self) -> Sequence[Feedback]:
        """Return every word that was not taken back, the oldest first."""
        ...
