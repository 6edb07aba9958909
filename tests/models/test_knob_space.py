"""The range of a knob: what may be tried from where it stands."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import Change, Direction, Disruption, Goal, Knob, Metric, Plugin, Policy, Purpose
from plugin_optimizer.execute.rails_case import Case, Past
from plugin_optimizer.execute.rails_value import bounds, worth_it
from plugin_optimizer.models.knob_space import KnobSpace

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)


@st.composite
def knobs(draw: st.DrawFn) -> Knob:
    """Whole numbers and fractions, from narrow to very wide ranges, with coarse and fine steps."""
    low = draw(st.integers(-1000, 1000))
    high = low + draw(st.integers(1, 100_000))
    if draw(st.booleans()):
        return Knob("k", draw(st.integers(low, high)), low, high, step=draw(st.integers(1, 50)), kind="performance")
    value = draw(st.floats(low, high, allow_nan=False))
    return Knob("k", value, low, high, step=draw(st.floats(0.01, 10.0)), kind="performance")


@given(knobs())
def test_every_candidate_can_be_turned_and_passes_the_rails(knob: Knob) -> None:
    """Within bounds, on a whole step, not the present value, and far enough away to be worth it."""
    for value in KnobSpace(knob).candidates():
        assert value != knob.value
        assert type(value) is type(knob.value)
        case = Case(
            Plugin("p", "gunicorn"), Change("p", "k", knob.value, value, GOAL), Policy(), Past(), 0.0, False, knob
        )
        assert bounds(case) is None
        assert worth_it(case) is None


@given(knobs())
def test_places_keep_the_order_of_values(knob: Knob) -> None:
    """All in 0…1, and a larger value lies further."""
    space = KnobSpace(knob)
    places = [space.place(value) for value in space.candidates()]
    known = [place for place in places if place is not None]
    assert len(known) == len(places)
    assert known == sorted(known)
    assert all(-1e-9 <= place <= 1 + 1e-9 for place in known)


def test_a_wide_range_is_seen_by_factors_and_a_narrow_one_by_distance() -> None:
    """1…128: from 8 at most to 4 and 16. 10…50: at most 8 away."""
    wide = [int(v) for v in KnobSpace(Knob("k", 8, 1, 128)).candidates()]
    assert (min(wide), max(wide)) == (4, 16)
    narrow = [int(v) for v in KnobSpace(Knob("k", 30, 10, 50)).candidates()]
    assert (min(narrow), max(narrow)) == (22, 38)


def test_a_coarse_step_is_taken_once() -> None:
    """Steps of 100 from 100: 200 is the nearest there is, and it is one."""
    assert [int(v) for v in KnobSpace(Knob("k", 100, 100, 1000, step=100)).candidates()] == [200]
    assert [int(v) for v in KnobSpace(Knob("k", 0, 0, 1000, step=500)).candidates()] == [500]


def test_one_may_go_on_from_what_was_harmless() -> None:
    """16 was tried and did no harm: from 8, 32 may be tried."""
    assert max(int(v) for v in KnobSpace(Knob("k", 8, 1, 128)).candidates([16])) == 32


@pytest.mark.parametrize(
    ("knob", "usable"),
    [
        (Knob("k", 8, 1, 128), True),
        (Knob("k", 8, None, 128), False),
        (Knob("k", 8, 1, None), False),
        (Knob("k", 200, 1, 128), False),  # stands outside of its own bounds
        (Knob("k", 8, 8, 8), False),
        (Knob("k", True), False),
        (Knob("k", "a", choices=("a", "b")), True),
        (Knob("k", "a", choices=("a",)), False),
        (Knob("k", "x"), False),
    ],
)
def test_a_range_has_to_be_known(knob: Knob, usable: bool) -> None:
    """Two bounds around the present value, or two words at least."""
    assert KnobSpace(knob).usable is usable


def test_words_are_all_equally_far() -> None:
    """Every other word is a candidate; an unknown one has no place."""
    space = KnobSpace(Knob("k", "a", choices=("a", "b", "c")))
    assert list(space.candidates()) == ["b", "c"]
    assert space.place("d") is None
    assert KnobSpace(replace(space.knob, value="c")).candidates() == ["a", "b"]


def test_the_dead_band_is_the_one_of_the_rails() -> None:
    """From 1000, the nearest candidates are a tenth away."""
    values = [int(v) for v in KnobSpace(Knob("k", 1000, 100, 10_000)).candidates()]
    assert max(v for v in values if v < 1000) <= 900
    assert min(v for v in values if v > 1000) >= 1100


@pytest.mark.parametrize(
    ("disruption", "gentle"), [(Disruption.LIVE, True), (Disruption.RELOAD, True), (Disruption.RESTART, False)]
)
def test_a_reload_is_gentle_and_a_restart_is_not(disruption: Disruption, gentle: bool) -> None:
    """What fails no request may be tried."""
    assert KnobSpace(Knob("threads", 4, 2, 64, disruption=disruption)).gentle == gentle
