"""Windows and freezes on days on which clocks change, at the seconds that matter."""

import pytest

from tests.reliability.calendar_dst import CASES, DayCase, answers


def test_there_are_cases_enough() -> None:
    """Thirty at least, on two days at least."""
    assert len(CASES) >= 30
    assert len({case.middle for case in CASES}) >= 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.text} {case.middle[5:10]}")
def test_the_calendar_is_kept_to_the_second(case: DayCase) -> None:
    """The second before each boundary, the boundary, the one after it, and each quarter of an hour around the day."""
    asked = list(answers(case, around_seconds=1, grid_seconds=900))
    assert [at for at, right in asked if not right] == []
    assert len(asked) > 200
