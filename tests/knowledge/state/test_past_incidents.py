"""What was wrong is kept from its onset to its end, found again, and forgotten in time."""

from dataclasses import replace

import pytest

from plugin_optimizer.contracts import IncidentFilter, StateStore
from plugin_optimizer.domain import Finding, FindingKind, Metric, NotFound, RecordedIncident, SettingChange, Severity
from plugin_optimizer.knowledge.state.history import HISTORY_SECONDS

AT = 1_700_000_000.0
SLOW = Finding("orders", Metric.RESPONSE_TIME_P95_SECONDS, FindingKind.THRESHOLD, Severity.WARNING, 0.8, AT, 2.0, 1.0)
TURNED = SettingChange("orders", "workers", 4, 2, AT - 30)


def begun(state: StateStore, since: float = AT, **changes: object) -> RecordedIncident:
    finding = replace(SLOW, since=since, **changes)  # type: ignore[arg-type]
    return state.keep_incident(RecordedIncident("", (finding,), (TURNED,), since + 10))


def ended(state: StateStore, since: float = AT, **changes: object) -> RecordedIncident:
    incident = begun(state, since, **changes)
    return state.keep_incident(replace(incident, seen_at=since + 60, ended_at=since + 60))


def test_an_open_one_is_found_after_a_restart_and_becomes_past(state: StateStore) -> None:
    """Onset, end, parts and what was turned before come back as they were written."""
    incident = begun(state)
    assert state.open_incidents() == [incident]
    assert state.past_incidents(IncidentFilter()) == []
    over = state.keep_incident(replace(incident, ended_at=AT + 60))
    assert state.open_incidents() == []
    assert state.past_incidents(IncidentFilter()) == [over]
    assert state.past_incident(over.id) == over


def test_they_are_found_by_plugin_severity_and_time_in_pages(state: StateStore) -> None:
    """The latest onset first; an incident is found by each plugin it struck, also one that it struck later."""
    first, second = ended(state), ended(state, AT + 3600, severity=Severity.CRITICAL)
    joined = replace(SLOW, plugin_id="menu", since=AT + 3620)
    second = state.keep_incident(replace(second, findings=(*second.findings, joined)))
    assert state.past_incidents(IncidentFilter()) == [second, first]
    assert state.past_incidents(IncidentFilter(), limit=1) == [second]
    assert state.past_incidents(IncidentFilter(), after=second.id) == [first]
    assert state.past_incidents(IncidentFilter(plugin_id="menu")) == [second]
    assert state.past_incidents(IncidentFilter(plugin_id="orders", severity=Severity.CRITICAL)) == [second]
    assert state.past_incidents(IncidentFilter(since=AT, until=AT + 1)) == [first]
    assert state.count_past_incidents(IncidentFilter(severity=Severity.INFO)) == 2


def test_they_are_forgotten_with_the_rest_of_history(state: StateStore) -> None:
    """After 400 days, and not what is still on."""
    old, still_on = ended(state), begun(state)
    assert state.trim(AT + HISTORY_SECONDS) == 0
    assert state.trim(AT + HISTORY_SECONDS + 100) == 1
    with pytest.raises(NotFound):
        state.past_incident(old.id)
    assert state.open_incidents() == [still_on]
