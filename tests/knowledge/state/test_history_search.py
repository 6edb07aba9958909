"""Looking through what was executed."""

import json

from sqlalchemy import text

from plugin_optimizer.contracts import HistoryFilter
from plugin_optimizer.domain import FINAL, ExecutionState, SuggestionType
from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.knowledge.state.migrations import keep_what_history_is_asked_for
from tests.knowledge.lives import TO_SUCCEEDED, claimed, queued, rolled_back, walk
from tests.knowledge.proposals import NOW, proposal

KEPT = frozenset({ExecutionState.SUCCEEDED})


def test_filters_add_up(state: SqlStateStore) -> None:
    """Plugin, type, states, person and a stretch of time, newest first, counted without paging."""
    kept = walk(state, claimed(state, proposal("orders"), NOW), *TO_SUCCEEDED, at=NOW)
    undone = rolled_back(state, proposal("search"), NOW + 10)
    waiting = queued(state, proposal("mail"), NOW + 20)
    found = {
        HistoryFilter(): [waiting, undone, kept],
        HistoryFilter(plugin_id="search"): [undone],
        HistoryFilter(suggestion_type=SuggestionType.UPDATE_CONFIG): [waiting, undone, kept],
        HistoryFilter(suggestion_type=SuggestionType.ADJUST_CACHE): [],
        HistoryFilter(states=KEPT): [kept],
        HistoryFilter(states=FINAL): [undone, kept],
        HistoryFilter(states=frozenset()): [],
        HistoryFilter(approved_by="ann"): [waiting, undone, kept],
        HistoryFilter(approved_by="bob"): [],
        HistoryFilter(since=NOW + 10): [waiting, undone],
        HistoryFilter(until=NOW + 10): [kept],
        HistoryFilter(since=NOW + 5, until=NOW + 15, states=FINAL): [undone],
    }
    for asked, expected in found.items():
        assert [e.id for e in state.history(asked)] == [e.id for e in expected], asked
        assert state.count_history(asked) == len(expected)


def test_pages_of_a_search_cover_it_once(state: SqlStateStore) -> None:
    """By the id of the last one, also of one moment."""
    made = {walk(state, claimed(state, proposal(f"p{n}"), NOW), *TO_SUCCEEDED).id for n in range(7)}
    rolled_back(state, proposal("other"), NOW)
    seen: list[str] = []
    while page := state.history(HistoryFilter(states=KEPT), 3, seen[-1] if seen else None):
        seen += [execution.id for execution in page]
    assert sorted(seen) == sorted(made)


def test_proposals_are_found_together(state: SqlStateStore) -> None:
    """By the id of their suggestion; an unknown one is left out."""
    execution = queued(state)
    assert state.proposals([execution.suggestion_id, "sg_x"]).keys() == {execution.suggestion_id}
    assert state.proposals([]) == {}


def test_what_older_versions_wrote_is_found(state: SqlStateStore) -> None:
    """Type and person are taken from the records of before."""
    execution = queued(state)
    with state._database.writing() as write:
        for column in ("suggestion_type", "approved_by"):
            write.connection.execute(text(f"ALTER TABLE executions DROP COLUMN {column}"))
        keep_what_history_is_asked_for(write.connection)
        body = json.loads(write.connection.execute(text("SELECT body FROM executions")).scalar_one())
    assert body["approved_by"] == "ann"
    asked = HistoryFilter(suggestion_type=SuggestionType.UPDATE_CONFIG, approved_by="ann")
    assert [e.id for e in state.history(asked)] == [execution.id]
