"""How often one may experiment, and what of the past still counts."""

from dataclasses import replace
from math import isnan, log

import pytest
from hypothesis import given
from hypothesis import strategies as st
from models.experiment_cases import NOW, trial

from plugin_optimizer.domain import Message, Metric, Trial
from plugin_optimizer.models.experiment_pace import DAY_SECONDS, Pace, remembered

PACE = Pace(rest_seconds=600.0, steady_seconds=180.0)
LATENCY = Metric.RESPONSE_TIME_SECONDS


def undone(seconds_ago: float) -> Trial:
    return trial(8, 16, 1.0, seconds_ago / 3600.0)


def remaining(trials: list[Trial]) -> float:
    found = PACE.reason_to_rest(trials, {"batch"}, 6, NOW)
    return float(str(found.params["remaining_seconds"])) if found is not None else 0.0


@pytest.mark.parametrize(
    ("ago", "rest"),
    [
        ([], 0.0),
        ([100.0], 500.0),
        ([700.0], 0.0),
        ([1300.0, 100.0], 1100.0),  # the second in a row rests twice as long
        ([5000.0, 1300.0, 100.0], 2300.0),
    ],
)
def test_the_rest_doubles_with_each_undone_experiment_in_a_row(ago: list[float], rest: float) -> None:
    """10, 20, 40 minutes."""
    assert remaining([undone(seconds) for seconds in ago]) == pytest.approx(rest)


def test_a_kept_one_ends_the_row() -> None:
    """Undone, kept, undone: ten minutes again."""
    kept = trial(8, 4, 0.8, 1000.0 / 3600.0)
    assert remaining([undone(2000.0), kept, undone(100.0)]) == pytest.approx(500.0)


def test_changes_of_other_knobs_make_the_past_unsteady_but_are_no_experiments() -> None:
    """Workers changed a minute ago: two more minutes; they spend no budget and rest nothing."""
    workers = replace(undone(60.0), knob="workers")
    assert remaining([workers]) == pytest.approx(120.0)
    many = [replace(undone(4000.0 + i), knob="workers") for i in range(20)]
    assert PACE.reason_to_rest(many, {"batch"}, 6, NOW) is None


@given(st.lists(st.floats(0.0, 2 * DAY_SECONDS), max_size=12), st.integers(1, 8))
def test_no_day_sees_more_experiments_than_its_budget(ago: list[float], budget: int) -> None:
    """Whatever the past: where as many as the budget ended within a day, another one has to wait until one is older."""
    trials = [undone(seconds) for seconds in sorted(ago, reverse=True)]
    found = PACE.reason_to_rest(trials, {"batch"}, budget, NOW)
    lately = sum(t.ended_at > NOW - DAY_SECONDS for t in trials)
    if lately >= budget:
        assert isinstance(found, Message)
        assert found.code == "experiments_spent"
        assert 0 < float(str(found.params["remaining_seconds"])) <= DAY_SECONDS
    else:
        assert found is None or found.code == "experiment_resting"


def test_what_counts_is_of_the_same_knob_and_not_too_long_ago() -> None:
    """Another knob's, and last month's, are left out."""
    past = [replace(trial(8, 16, 0.8), knob="other"), trial(8, 16, 0.8, 24 * 31.0), trial(8, 16, 0.8)]
    assert remembered(past, "batch", LATENCY, NOW) == [past[2]]


def test_an_effect_on_errors_says_nothing_about_latency_but_harm_stays_harm() -> None:
    """Tried for errors and worse: no figure for the response time, and still fenced."""
    (found,) = remembered([trial(8, 16, 2.0, metric=Metric.ERROR_RATIO)], "batch", LATENCY, NOW)
    assert isnan(found.effect)
    assert found.harmful


def test_what_else_was_kept_since_makes_an_effect_less_sure() -> None:
    """A change of another knob after it, not before: the interval is wider, the effect the same."""
    own = trial(8, 16, 0.8, 3.0)
    before, after = (replace(trial(2, 4, 0.8, hours), knob="other") for hours in (4.0, 2.0))
    assert remembered([before, own], "batch", LATENCY, NOW) == [own]
    (wider,) = remembered([own, after], "batch", LATENCY, NOW)
    assert wider.effect == own.effect
    assert log(wider.high / wider.low) == pytest.approx(log(own.high / own.low) + 0.3)
