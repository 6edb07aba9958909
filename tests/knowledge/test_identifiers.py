"""Identifiers sort by time and are hard to guess."""

import re

from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.knowledge.identifiers import new_id

TIMES = st.floats(0, 4e9)


@given(TIMES, TIMES)
def test_the_later_sorts_last(one: float, other: float) -> None:
    """Of two identifiers, that of the later millisecond is the greater text."""
    if int(one * 1000) < int(other * 1000):
        assert new_id("sg", one) < new_id("sg", other)


def test_none_comes_twice() -> None:
    """Ten thousand of the same millisecond all differ."""
    assert len({new_id("ex", 1.0) for _ in range(10_000)}) == 10_000


@given(st.floats(-1e12, 1e20))
def test_the_form_is_the_same_for_any_time(at: float) -> None:
    """A prefix and 26 characters without I, L, O and U, even for a clock gone mad."""
    assert re.fullmatch(r"sg_[0-9A-HJKMNP-TV-Z]{26}", new_id("sg", at))
