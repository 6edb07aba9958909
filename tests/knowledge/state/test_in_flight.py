"""What is under way is found by an index of its own, however much history there is."""

import re
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event

from plugin_optimizer.domain import FINAL
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.knowledge.state.schema import IN_FLIGHT
from tests.knowledge.lives import queued, rolled_back
from tests.knowledge.proposals import proposal

Asked = list[tuple[str, tuple[object, ...]]]


def test_in_flight_is_what_is_not_final() -> None:
    """The condition of the index stands as text; it must say what the domain says."""
    assert set(re.findall(r"'(\w+)'", str(IN_FLIGHT))) == {state.value for state in FINAL}


@pytest.mark.parametrize("plugin_id", [None, "orders"])
def test_to_ask_what_is_under_way_does_not_read_the_history(state_path: Path, plugin_id: str | None) -> None:
    """Every turn asks: it must not get slower from month to month."""
    state = open_state(state_path)
    asked = _listened(state)
    assert state.executions(plugin_id, open_only=True) == []
    state.close()
    with sqlite3.connect(state_path) as connection:
        plans = [_plan(connection, *question) for question in asked if "FROM executions" in question[0]]
    connection.close()
    assert len(plans) == 1
    assert "executions_one_in_flight" in plans[0]
    assert not re.search(r"SCAN executions(?! USING INDEX executions_one_in_flight)", plans[0]), plans[0]


def test_what_is_under_way_is_told_newest_first_and_page_by_page(state: SqlStateStore) -> None:
    """Of all plugins or of one; what ended is left out."""
    rolled_back(state, proposal("a"))
    first, second = queued(state, proposal("b")), queued(state, proposal("c"))
    newest, older = state.executions(open_only=True)
    assert {newest.id, older.id} == {first.id, second.id}
    assert (newest.created_at, newest.id) > (older.created_at, older.id)
    assert state.executions(open_only=True, limit=1) == [newest]
    assert state.executions(open_only=True, after=newest.id) == [older]
    assert state.executions("b", open_only=True) == [first]
    assert state.executions("a", open_only=True) == []


def _listened(state: SqlStateStore) -> Asked:
    """Return a list that gets every statement the store sends from now on."""
    asked: Asked = []

    def note(_connection: object, _cursor: object, text: str, parameters: tuple[object, ...], *_others: object) -> None:
        asked.append((text, parameters))

    event.listen(state._database._reading, "before_cursor_execute", note)
    return asked


def _plan(connection: sqlite3.Connection, text: str, parameters: tuple[object, ...]) -> str:
    steps = connection.execute(f"EXPLAIN QUERY PLAN {text}", parameters).fetchall()
    return "; ".join(step[3] for step in steps)
