"""History is kept for 400 days, the audit for good."""

import pytest

from plugin_optimizer.domain import NotFound, SuggestionState
from plugin_optimizer.knowledge import SqlStateStore
from tests.knowledge.lives import TO_APPLYING, TO_SUCCEEDED, claimed, walk
from tests.knowledge.proposals import HOUR, NOW, proposal

DAY = 24 * HOUR


def test_what_ended_long_ago_is_forgotten(state: SqlStateStore) -> None:
    """An execution goes with its steps, windows and suggestion; what is not over, or of late, stays."""
    old = walk(state, claimed(state, proposal("a")), *TO_SUCCEEDED)
    state.record_windows(old.id, [{"at": NOW}])
    unfinished = walk(state, claimed(state, proposal("b")), *TO_APPLYING)
    late = walk(state, claimed(state, proposal("c"), NOW + DAY), *TO_SUCCEEDED, at=NOW + DAY)
    dismissed = state.dismiss(state.offer(proposal("d"), NOW, NOW + HOUR).id, "never", "ann", NOW)
    entries = state.verify_audit()
    assert state.trim(NOW + 400 * DAY) == 0
    assert state.trim(NOW + 400.5 * DAY) == 2
    assert {e.id for e in state.executions()} == {unfinished.id, late.id}
    assert state.suggestion(dismissed.id).state is SuggestionState.DISMISSED
    for call in (state.execution, state.steps, state.windows):
        with pytest.raises(NotFound):
            call(old.id)
    assert state.verify_audit() == entries + 1


def test_forgetting_nothing_writes_nothing(state: SqlStateStore) -> None:
    """It may be called each turn."""
    version = state.version()
    assert state.trim(NOW) == 0
    assert state.version() == version
