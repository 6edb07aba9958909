"""Incidents are written as they begin, change and end, and taken up again by the next process."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plugin_optimizer.contracts import IncidentFilter, StateStore
from plugin_optimizer.domain import Finding, FindingKind, Metric, Plugin, SettingChange, Severity
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.monitor.incident_log import IncidentLog

AT = 1_700_000_000.0
SLOW = Finding("orders", Metric.RESPONSE_TIME_P95_SECONDS, FindingKind.THRESHOLD, Severity.WARNING, 0.8, AT, 2.0, 1.0)
PLUGINS = (Plugin("orders", "gunicorn", {}), Plugin("menu", "gunicorn", {}))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateStore]:
    store = open_state(tmp_path / "state.db")
    yield store
    store.close()


def test_it_is_on_record_from_its_onset_to_its_end(state: StateStore) -> None:
    """With what was turned in the plugin in the ten minutes before; not what was turned elsewhere, earlier or later."""
    for plugin_id, after in (("orders", -300.0), ("orders", -700.0), ("orders", 2.0), ("menu", -60.0)):
        state.record_setting_change(SettingChange(plugin_id, "workers", 4, 2, AT + after))
    log = IncidentLog(state)
    log.note([SLOW], PLUGINS, AT + 5)
    (standing,) = state.open_incidents()
    assert [change.at for change in standing.changes] == [AT - 300]
    log.note([replace(SLOW, severity=Severity.CRITICAL)], PLUGINS, AT + 10)
    log.note([], PLUGINS, AT + 200)
    (over,) = state.past_incidents(IncidentFilter())
    assert (over.id, over.ended_at, over.severity) == (standing.id, AT + 10, Severity.CRITICAL)


def test_the_next_process_goes_on_with_it(state: StateStore) -> None:
    """A restart in the middle: one incident, not two."""
    IncidentLog(state).note([SLOW], PLUGINS, AT + 5)
    second = IncidentLog(state)
    second.note([SLOW], PLUGINS, AT + 90)
    assert len(state.open_incidents()) == 1
    second.note([], PLUGINS, AT + 300)
    (over,) = state.past_incidents(IncidentFilter())
    assert (over.since, over.ended_at) == (AT, AT + 90)


def test_nothing_is_written_while_nothing_changes(state: StateStore) -> None:
    """Twelve turns within a minute are one write; a longer stretch is one a minute."""
    log = IncidentLog(state)
    log.note([SLOW], PLUGINS, AT)
    before = state.version()
    for turn in range(1, 12):
        log.note([SLOW], PLUGINS, AT + 5 * turn)
    assert state.version() == before
    log.note([SLOW], PLUGINS, AT + 61)
    assert state.open_incidents()[0].seen_at == AT + 61
