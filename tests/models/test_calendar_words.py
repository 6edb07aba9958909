"""What a window or freeze that cannot be read is answered: what was written, and what would have been right."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from plugin_optimizer.domain import InvalidValue
from plugin_optimizer.models.calendar import Freeze, WeeklyWindow, parse_freeze, parse_window

NO_WINDOW = "{!r} is no window; expected for example 'Mon-Fri 22:00-06:00 Asia/Seoul'"
NO_FREEZE = "{!r} is no freeze; expected for example '2026-12-20T00:00/2027-01-02T00:00 Europe/Berlin'"
NO_DAYS = "{!r} are no days; expected for example Mon, Mon-Fri or Sat,Sun"
NO_ZONE = "{!r} is no time zone; expected for example Asia/Seoul, Europe/Berlin, UTC"
NO_TIME = "{!r} is no time of day; expected 00:00 to 23:59"
LONG = "x" * 100


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Mon-Fri", NO_WINDOW.format("Mon-Fri")),
        (LONG, NO_WINDOW.format(LONG[:80])),
        ("Mon 25:00-06:00 UTC", NO_TIME.format("25:00")),
        ("Mon 22:00-24:01 UTC", NO_TIME.format("24:01")),
        ("Mon 22:00-22:00 UTC", "'Mon 22:00-22:00 UTC' begins when it ends; the whole day is 00:00-24:00"),
        ("Mon,Moon 22:00-06:00 UTC", NO_DAYS.format("moon")),
        ("Mon-Moon 22:00-06:00 UTC", NO_DAYS.format("mon-moon")),
        ("Mon- 22:00-06:00 UTC", NO_DAYS.format("mon-")),
        ("Mon 22:00-06:00 Mars/Olympus", NO_ZONE.format("Mars/Olympus")),
    ],
)
def test_a_window_that_cannot_be_read_is_answered_with_one_that_can(text: str, answer: str) -> None:
    """The part that is wrong, and the form it should have."""
    with pytest.raises(InvalidValue) as refused:
        parse_window(text)
    assert str(refused.value) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("2026-12-20/2027-01-02 UTC", NO_FREEZE.format("2026-12-20/2027-01-02 UTC")),
        (LONG, NO_FREEZE.format(LONG[:80])),
        (
            "2026-13-20T00:00/2027-01-02T00:00 UTC",
            "'2026-13-20T00:00' is no date and time; expected for example 2026-12-20T00:00",
        ),
        (
            "2026-12-20T00:00/2026-12-20T00:00 UTC",
            "'2026-12-20T00:00/2026-12-20T00:00 UTC' ends before it begins",
        ),
        ("2026-12-20T00:00/2027-01-02T00:00 Mars/Olympus", NO_ZONE.format("Mars/Olympus")),
    ],
)
def test_a_freeze_that_cannot_be_read_is_answered_with_one_that_can(text: str, answer: str) -> None:
    """The part that is wrong, and the form it should have."""
    with pytest.raises(InvalidValue) as refused:
        parse_freeze(text)
    assert str(refused.value) == answer


def test_what_was_written_is_what_is_meant() -> None:
    """Every part of a window and of a freeze; midnight after the day is no time of it."""
    assert parse_window("Sat-Mon 22:00-06:00 Asia/Seoul") == WeeklyWindow(
        frozenset({5, 6, 0}), time(22), time(6), ZoneInfo("Asia/Seoul")
    )
    assert parse_window("Sun 09:30-24:00 UTC") == WeeklyWindow(frozenset({6}), time(9, 30), None, ZoneInfo("UTC"))
    begin, end = datetime(2026, 12, 20, tzinfo=UTC), datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert parse_freeze("2026-12-20T00:00/2027-01-02T03:04:05 UTC") == Freeze(begin.timestamp(), end.timestamp())


def test_a_night_that_begins_on_sunday_ends_on_monday() -> None:
    """The day before Monday is Sunday; a window until midnight ends with its day."""
    night, evening = parse_window("Sun 22:00-06:00 UTC"), parse_window("Sun 22:00-24:00 UTC")
    sunday = datetime(2026, 11, 29, tzinfo=UTC).timestamp()  # a Sunday
    hours = [hour for hour in range(48) if night.holds(sunday + 3600.0 * hour)]
    assert hours == list(range(22, 30))
    assert [hour for hour in range(48) if evening.holds(sunday + 3600.0 * hour)] == [22, 23]
