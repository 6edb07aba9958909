"""Windows and freezes in wall time: overnight, over the weekend, and on the days the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import ConfigError, InvalidValue
from plugin_optimizer.models.calendar import DAYS, parse_freeze, parse_holiday, parse_maintenance, parse_window

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC)  # both change at 01:00 UTC
MINUTES = st.integers(0, 24 * 60 - 1)
AROUND = st.builds(
    lambda day, seconds: day + timedelta(seconds=seconds),
    st.sampled_from([SPRING, AUTUMN]),
    st.integers(-2 * 86_400, 3 * 86_400),
)


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@given(AROUND, MINUTES, MINUTES, st.sampled_from(DAYS))
def test_a_window_is_what_the_clock_on_the_wall_says(at: datetime, begin: int, end: int, day: str) -> None:
    """For every second around both clock changes: inside exactly where the local clock reads so."""
    if begin == end:
        return
    local = at.astimezone(BERLIN)
    reading = local.hour * 60 + local.minute
    today, yesterday = local.weekday() == DAYS.index(day), (local.weekday() - 1) % 7 == DAYS.index(day)
    if begin < end:
        expected = today and begin <= reading < end
    else:
        expected = (today and reading >= begin) or (yesterday and reading < end)
    window = parse_window(f"{day} {clock(begin)}-{clock(end)} Europe/Berlin")
    assert window.holds(at.timestamp()) is expected


@pytest.mark.parametrize(
    ("day", "hours"),
    [(SPRING - timedelta(days=1), 7), (AUTUMN - timedelta(days=1), 9), (SPRING + timedelta(days=2), 8)],
)
def test_a_night_is_as_long_as_it_is(day: datetime, hours: int) -> None:
    """22:00 to 06:00 lasts 7 hours in the night of spring, 9 in that of autumn, 8 in any other."""
    window = parse_window(f"{DAYS[day.weekday()]} 22:00-06:00 Europe/Berlin")
    seconds = range(0, 2 * 86_400, 60)
    held = [at for at in seconds if window.holds((day + timedelta(seconds=at)).timestamp())]
    assert len(held) == hours * 60
    assert held[-1] - held[0] == (len(held) - 1) * 60  # in one piece


def test_an_overnight_window_begins_on_its_day() -> None:
    """Mon-Fri 22:00-06:00 holds on Saturday at 05:59, not on Monday at 05:59."""
    window = parse_window("Mon-Fri 22:00-06:00 Asia/Seoul")
    seoul = ZoneInfo("Asia/Seoul")
    assert window.holds(datetime(2026, 11, 28, 5, 59, 59, tzinfo=seoul).timestamp())
    assert not window.holds(datetime(2026, 11, 28, 6, 0, 0, tzinfo=seoul).timestamp())
    assert not window.holds(datetime(2026, 11, 23, 5, 59, tzinfo=seoul).timestamp())
    assert window.holds(datetime(2026, 11, 23, 22, 0, tzinfo=seoul).timestamp())


def test_an_end_is_not_inside() -> None:
    """A window and a freeze hold from their first second to the one before their last."""
    window, freeze = parse_window("Thu 09:00-17:00 UTC"), parse_freeze("2026-11-26T09:00/2026-11-26T17:00 UTC")
    begin, end = (datetime(2026, 11, 26, hour, tzinfo=UTC).timestamp() for hour in (9, 17))
    for held in (window, freeze):
        assert [held.holds(at) for at in (begin - 1, begin, end - 1, end)] == [False, True, True, False]


def test_days_are_named_alone_in_ranges_and_over_the_weekend() -> None:
    """Sat-Mon goes round, a comma adds."""
    assert parse_window("Sat-Mon 00:00-24:00 UTC").days == {5, 6, 0}
    assert parse_window("tue,Thu-fri 00:00-24:00 UTC").days == {1, 3, 4}
    assert parse_window("Mon-Sun 00:00-24:00 UTC").days == set(range(7))


@given(AROUND, st.integers(0, 4 * 24 * 4 - 1), st.integers(1, 96))
def test_a_freeze_is_kept_to_the_second(at: datetime, begin: int, length: int) -> None:
    """In UTC it is plain arithmetic; in a zone it never covers less than any reading of its wall times."""
    first = SPRING.replace(tzinfo=None) - timedelta(days=2) + timedelta(minutes=15 * begin)
    last = first + timedelta(minutes=15 * length)
    text = f"{first.isoformat(timespec='seconds')}/{last.isoformat(timespec='seconds')}"
    now = at.timestamp()
    expected = first.replace(tzinfo=UTC).timestamp() <= now < last.replace(tzinfo=UTC).timestamp()
    assert parse_freeze(f"{text} UTC").holds(now) is expected
    local = at.astimezone(BERLIN).replace(tzinfo=None)
    if first <= local < last:
        assert parse_freeze(f"{text} Europe/Berlin").holds(now)


def test_a_freeze_that_ends_in_the_hour_told_twice_ends_after_the_second_time() -> None:
    """02:30 comes twice on the last Sunday of October; nothing is changed before the second one."""
    freeze = parse_freeze("2027-10-30T00:00/2027-10-31T02:30 Europe/Berlin")
    assert freeze.end == datetime(2027, 10, 31, 1, 30, tzinfo=UTC).timestamp()
    assert freeze.begin == datetime(2027, 10, 29, 22, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "text",
    [
        "", "Mon-Fri", "Mon-Fri 22:00-06:00", "Moon 22:00-06:00 UTC", "Mon- 22:00-06:00 UTC", "Mon 25:00-06:00 UTC",
        "Mon 22:00-22:00 UTC", "Mon 22:00-06:00 Mars/Olympus", "Mon 22:00-06:00 ../etc", "Mon 24:00-06:00 UTC",
        "Mon,,Tue 22:00-06:00 UTC", "Mon 22:00-06:00 /etc/passwd",
    ],
)  # fmt: skip
def test_what_is_no_window_is_refused_where_it_is_written(text: str) -> None:
    """By the configuration, naming the key."""
    with pytest.raises(InvalidValue):
        parse_window(text)
    with pytest.raises(ConfigError, match=r"policy\.windows"):
        parse_config({"policy": {"windows": [text]}})


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-12-20/2027-01-02 UTC", "2027-01-02T00:00/2026-12-20T00:00 UTC", "2026-13-20T00:00/2027-01-02T00:00 UTC",
        "2026-12-20T00:00/2027-01-02T00:00", "2026-12-20T00:00/2026-12-20T00:00 UTC",
    ],
)  # fmt: skip
def test_what_is_no_freeze_is_refused_where_it_is_written(text: str) -> None:
    """By the configuration, naming the key."""
    with pytest.raises(InvalidValue):
        parse_freeze(text)
    with pytest.raises(ConfigError, match=r"policy\.freezes"):
        parse_config({"policy": {"freezes": [text]}})


@given(AROUND, MINUTES, MINUTES, st.sampled_from(DAYS))
def test_an_end_lies_ahead_and_the_window_holds_until_then(at: datetime, begin: int, end: int, day: str) -> None:
    """Apart from clock changes, which are found by asking again there: no minute before the end is outside."""
    window = None if begin == end else parse_window(f"{day} {clock(begin)}-{clock(end)} Asia/Seoul")
    now = at.timestamp()
    if window is None or not window.holds(now):
        return
    ends = window.end_after(now)
    assert now < ends <= now + 86_400
    assert window.holds(ends - 1)
    assert not window.holds(ends)


def test_a_holiday_is_as_long_as_its_days_are() -> None:
    """24 hours, 23 and 25 on the days on which clocks change, and several in a row."""
    hours = {
        text: (parse_holiday(text).end - parse_holiday(text).begin) / 3600
        for text in ("2026-12-25 Asia/Seoul", "2027-03-28 Europe/Berlin", "2027-10-31 Europe/Berlin",
                     "2026-12-24/2026-12-26 UTC")
    }  # fmt: skip
    assert list(hours.values()) == [24, 23, 25, 72]
    seoul = datetime(2026, 12, 25, tzinfo=ZoneInfo("Asia/Seoul")).timestamp()
    assert parse_holiday("2026-12-25 Asia/Seoul").holds(seoul)
    assert not parse_holiday("2026-12-25 Asia/Seoul").holds(seoul - 1)


def test_maintenance_is_written_as_a_window_or_as_a_freeze() -> None:
    """Each week, or once."""
    assert parse_maintenance("Sun 02:00-04:00 Asia/Seoul") == parse_window("Sun 02:00-04:00 Asia/Seoul")
    once = "2026-12-05T22:00/2026-12-06T02:00 Asia/Seoul"
    assert parse_maintenance(once) == parse_freeze(once)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("maintenance", "Sunday night"),
        ("maintenance", "2026-12-25 UTC"),
        ("holidays", "2026-12-25"),
        ("holidays", "2026-02-30 UTC"),
        ("holidays", "2026-12-26/2026-12-24 UTC"),
        ("holidays", "2026-12-25 Mars/Olympus"),
    ],
)
def test_what_is_no_time_apart_is_refused_where_it_is_written(field: str, text: str) -> None:
    """By the configuration, naming the key."""
    with pytest.raises(ConfigError, match=rf"policy\.{field}"):
        parse_config({"policy": {field: [text]}})
