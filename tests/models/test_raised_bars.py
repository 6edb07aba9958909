"""How a bar rises where people said that something was no problem."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import Feedback, Metric, Unusualness
from plugin_optimizer.models.raised_bars import HALF_LIFE_SECONDS, MOST_BAR, raised_bars

NOW = 1_700_000_000.0
WORD = Feedback("fb_1", "orders", Metric.CPU_RATIO, Unusualness.DEVIATION, 2.0, NOW - 60, NOW, "kim")


@pytest.mark.parametrize(
    ("words", "bar"),
    [
        ([WORD], 2.5),
        ([replace(WORD, at=NOW - HALF_LIFE_SECONDS)], 2.5**0.5),
        ([replace(WORD, score=4.0)] * 2, 10.0),
        ([replace(WORD, undone_at=NOW, undone_by="lee")], 1.0),
        ([replace(WORD, score=1.0)], 1.5),
        ([replace(WORD, score=50.0)], 4.0),
        ([replace(WORD, at=NOW + 1)], 1.0),
    ],
)
def test_the_table_of_bars(words: list[Feedback], bar: float) -> None:
    """As the docstring has it; what was not said yet counts for nothing."""
    assert raised_bars(words, NOW).get(WORD.place, 1.0) == pytest.approx(bar)


@given(st.lists(st.tuples(st.floats(1.0, 100.0), st.floats(0.0, 4e7)), min_size=1, max_size=20), st.floats(0.0, 1e9))
def test_a_bar_is_bounded_and_falls_back(said: list[tuple[float, float]], later: float) -> None:
    """Never below 1 or above ten, and never higher later than sooner."""
    words = [replace(WORD, score=score, at=NOW - age) for score, age in said]
    bar, then = (raised_bars(words, at).get(WORD.place, 1.0) for at in (NOW, NOW + later))
    assert 1.0 <= then <= bar + 1e-9 <= MOST_BAR + 2e-9


def test_places_do_not_learn_from_each_other() -> None:
    """Another metric, another kind, another plugin: their bars stay."""
    assert set(raised_bars([WORD], NOW)) == {WORD.place}
