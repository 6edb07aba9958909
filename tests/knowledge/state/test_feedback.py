"""What people said of the unusual is kept with who and when, can be taken back, and is on the audit."""

from dataclasses import replace

import pytest

from plugin_optimizer.contracts import StateStore
from plugin_optimizer.domain import Feedback, Metric, NotFound, Unusualness

AT = 1_700_000_000.0
WORD = Feedback("", "orders", Metric.CPU_RATIO, Unusualness.DEVIATION, 2.0, AT - 600, AT, "kim", "the monthly report")


def test_a_word_is_kept_and_taken_back(state: StateStore) -> None:
    """Listed with who and when; taken back it no longer stands, and stays on the list."""
    said = state.say_no_problem(WORD)
    assert state.standing_feedback() == [said]
    assert (said.by, said.at, said.reason) == ("kim", AT, "the monthly report")
    undone = state.undo_feedback(said.id, "lee", AT + 5)
    assert (undone.undone_by, undone.undone_at) == ("lee", AT + 5)
    assert state.undo_feedback(said.id, "kim", AT + 9) == undone
    assert state.standing_feedback() == []
    assert state.feedback("orders") == [undone]
    assert state.feedback("menu") == []
    actions = [(entry.action, entry.actor) for entry in state.audit(2)]
    assert actions == [("anomaly.no_problem_undone", "lee"), ("anomaly.no_problem", "kim")]


def test_of_one_episode_the_first_word_stands(state: StateStore) -> None:
    """Two people, or two clicks: the bar rises once; a later episode is another matter."""
    said = state.say_no_problem(WORD)
    assert state.say_no_problem(replace(WORD, at=AT + 60, by="lee")) == said
    assert state.say_no_problem(replace(WORD, since=AT - 30, at=AT + 60, by="lee")) == said
    later = state.say_no_problem(replace(WORD, since=AT + 3600, at=AT + 4000))
    assert [word.id for word in state.feedback()] == [later.id, said.id]


def test_what_was_never_said_cannot_be_taken_back(state: StateStore) -> None:
    """NotFound, as everywhere."""
    with pytest.raises(NotFound):
        state.undo_feedback("fb_x", "kim", AT)
