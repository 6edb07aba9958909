"""When the engine shows again what somebody snoozed."""

from dataclasses import replace
from pathlib import Path

import pytest

from plugin_optimizer.domain import Finding, FindingKind, Metric, Proposal, SeenFigure, Severity, SuggestionState
from plugin_optimizer.domain.snooze import worsening
from plugin_optimizer.execute.offers import REVISE_TURNS, Offers
from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests.knowledge.proposals import HOUR, NOW, proposal

S = SuggestionState
TURN = 5.0


def slow(seconds: float, severity: Severity = Severity.WARNING) -> Proposal:
    found = Finding("orders", Metric.QUEUE_WAIT_SECONDS, FindingKind.SATURATION, severity, 0.9, NOW - 60, seconds, 0.3)
    return replace(proposal(), findings=(found,), prediction=None)


@pytest.fixture
def state(tmp_path: Path) -> SqlStateStore:
    return open_state(tmp_path / "state.db")


def snoozed(state: SqlStateStore, hours: float = 24.0, worse_by: float = 0.25) -> tuple[Offers, str]:
    offers = Offers(state, 24 * HOUR)
    (opened,) = offers.reconcile([slow(1.0)], ["orders"], NOW)
    state.snooze(opened.id, NOW + hours * HOUR, worse_by, "", "ann", NOW)
    return offers, opened.id


def turns(
    offers: Offers, seconds: float, number: int, start: float = NOW, severity: Severity = Severity.WARNING
) -> None:
    for turn in range(number):
        offers.reconcile([slow(seconds, severity)], ["orders"], start + TURN * (turn + 1))


def test_it_stays_away_while_it_is_as_bad_as_it_was(state: SqlStateStore) -> None:
    """A figure that is a fifth higher is not the quarter that was asked for."""
    offers, suggestion_id = snoozed(state)
    turns(offers, 1.2, 50)
    assert state.suggestion(suggestion_id).state is S.SNOOZED


def test_it_comes_back_when_it_was_worse_several_turns_in_a_row(state: SqlStateStore) -> None:
    """One bad moment does not wake it; the same suggestion is shown, with the present figures."""
    offers, suggestion_id = snoozed(state)
    for start in range(3):
        turns(offers, 1.3, REVISE_TURNS - 1, NOW + 100 * start)
        turns(offers, 1.0, 1, NOW + 100 * start + 50)
    assert state.suggestion(suggestion_id).state is S.SNOOZED
    turns(offers, 1.3, REVISE_TURNS, NOW + 400)
    woken = state.suggestion(suggestion_id)
    assert (woken.state, woken.snooze, woken.proposal.findings[0].value) == (S.OPEN, None, 1.3)
    assert state.audit(limit=1, action="suggestion.open")[0].actor == "engine"


def test_a_higher_severity_wakes_it_whatever_the_figure(state: SqlStateStore) -> None:
    """What turned critical is not what was set aside."""
    offers, suggestion_id = snoozed(state)
    turns(offers, 1.0, REVISE_TURNS, severity=Severity.CRITICAL)
    assert state.suggestion(suggestion_id).state is S.OPEN


def test_it_comes_back_when_its_time_is_over(state: SqlStateStore) -> None:
    """At once, with what is proposed then."""
    offers, suggestion_id = snoozed(state, hours=1.0)
    turns(offers, 0.9, 1, NOW + HOUR - 2 * TURN)
    assert state.suggestion(suggestion_id).state is S.SNOOZED
    turns(offers, 0.9, 1, NOW + HOUR)
    assert state.suggestion(suggestion_id).state is S.OPEN


def test_silence_in_between_does_not_make_it_new(state: SqlStateStore) -> None:
    """What goes away for an hour and comes back no worse is still what somebody did not want to see."""
    offers, suggestion_id = snoozed(state)
    for minute in range(60):
        offers.reconcile([], ["orders"], NOW + 60.0 * minute)
    turns(offers, 1.0, 3, NOW + HOUR)
    assert state.suggestion(suggestion_id).state is S.SNOOZED
    assert len(state.suggestions()) == 1


def test_after_its_time_what_nobody_proposes_is_withdrawn(state: SqlStateStore) -> None:
    """As with an open one: after a minute of silence about a plugin that is watched."""
    offers, suggestion_id = snoozed(state, hours=1.0)
    for second in range(0, 90, 30):
        offers.reconcile([], ["orders"], NOW + HOUR + second)
    assert state.suggestion(suggestion_id).state is S.SUPERSEDED


def test_another_engine_after_a_restart_goes_on_waiting(state: SqlStateStore) -> None:
    """Nothing of the wait lives in the process."""
    _, suggestion_id = snoozed(state)
    turns(Offers(state, 24 * HOUR), 1.1, 10)
    assert state.suggestion(suggestion_id).state is S.SNOOZED
    turns(Offers(state, 24 * HOUR), 2.0, REVISE_TURNS, NOW + 100)
    assert state.suggestion(suggestion_id).state is S.OPEN


@pytest.mark.parametrize(
    ("seen", "now", "rises", "share"),
    [(2.0, 2.5, True, 0.25), (0.5, 0.4, False, 0.25), (0.0, 0.1, True, float("inf")), (0.0, 0.0, True, 0.0), (2.0, 1.0, True, -0.5)],
)  # fmt: skip
def test_worse_is_a_share_in_the_direction_that_hurts(seen: float, now: float, rises: bool, share: float) -> None:
    """The table of `worsening`, by hand."""
    assert worsening(SeenFigure("x", Metric.CACHE_HIT_RATIO, seen, rises), now) == pytest.approx(share)
