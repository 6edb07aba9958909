"""When changes may be made, and which times are apart: weekly windows, freezes and days, in the wall time of the zone they name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..domain import InvalidValue

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WINDOW = re.compile(r"(?P<days>[A-Za-z,-]+) (?P<begin>\d\d:\d\d)-(?P<end>\d\d:\d\d) (?P<zone>[\w/+-]+)")
FREEZE = re.compile(r"(?P<begin>\d{4}-\d\d-\d\dT[\d:]{5,8})/(?P<end>\d{4}-\d\d-\d\dT[\d:]{5,8}) (?P<zone>[\w/+-]+)")
DAY = re.compile(r"(?P<first>\d{4}-\d\d-\d\d)(/(?P<last>\d{4}-\d\d-\d\d))? (?P<zone>[\w/+-]+)")
MIDNIGHT_AFTER = "24:00"


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """Holds while the wall clock of `zone` reads `begin` or later and earlier than `end`.

    `days` (0 = Monday) are those on which it begins; one that ends no later than it begins ends the next day
    (`end` None: at midnight). A wall time that a clock change repeats is inside both times, one that it skips never.
    """

    days: frozenset[int]
    begin: time
    end: time | None
    zone: ZoneInfo

    def holds(self, now: float) -> bool:
        """Tell whether `now` (Unix seconds) lies within."""
        local = datetime.fromtimestamp(now, self.zone)
        reading, today = local.time(), local.weekday()
        if self.end is None or self.begin < self.end:
            return today in self.days and self.begin <= reading and (self.end is None or reading < self.end)
        return (today in self.days and reading >= self.begin) or ((today - 1) % 7 in self.days and reading < self.end)

    def end_after(self, now: float) -> float:
        """Return when the reading that holds at `now` ceases to, as long as no clock change is in between."""
        local = datetime.fromtimestamp(now, self.zone)
        overnight = self.end is None or (self.end <= self.begin and local.time() >= self.begin)
        day = local.date() + timedelta(days=1) if overnight else local.date()
        wall = datetime.combine(day, self.end or time(), tzinfo=self.zone)
        return next((at for fold in (0, 1) if (at := wall.replace(fold=fold).timestamp()) > now), now + 60.0)


@dataclass(frozen=True, slots=True)
class Freeze:
    """From `begin` until before `end`, Unix seconds."""

    begin: float
    end: float

    def holds(self, now: float) -> bool:
        """Tell whether `now` lies within."""
        return self.begin <= now < self.end

    def end_after(self, now: float) -> float:  # noqa: ARG002 - as of a weekly window
        """Return when it ends."""
        return self.end


@lru_cache(maxsize=1024)
def parse_window(text: str) -> WeeklyWindow:
    """Read `Mon-Fri 22:00-06:00 Asia/Seoul` (days: names, ranges, or several by comma). Raises InvalidValue."""
    found = WINDOW.fullmatch(text)
    if found is None:
        raise InvalidValue(f"{text[:80]!r} is no window; expected for example 'Mon-Fri 22:00-06:00 Asia/Seoul'")
    begin, end = _time(found["begin"]), None if found["end"] == MIDNIGHT_AFTER else _time(found["end"])
    if begin == end:
        raise InvalidValue(f"{text!r} begins when it ends; the whole day is 00:00-{MIDNIGHT_AFTER}")
    return WeeklyWindow(frozenset(_days(found["days"])), begin, end, _zone(found["zone"]))


@lru_cache(maxsize=1024)
def parse_freeze(text: str) -> Freeze:
    """Read `2026-12-20T00:00/2027-01-02T00:00 Europe/Berlin`. Raises InvalidValue.

    Where a clock change makes an end of it ambiguous, the longer freeze is meant.
    """
    found = FREEZE.fullmatch(text)
    if found is None:
        example = "2026-12-20T00:00/2027-01-02T00:00 Europe/Berlin"
        raise InvalidValue(f"{text[:80]!r} is no freeze; expected for example {example!r}")
    zone = _zone(found["zone"])
    freeze = Freeze(min(_instants(found["begin"], zone)), max(_instants(found["end"], zone)))
    if freeze.begin >= freeze.end:
        raise InvalidValue(f"{text!r} ends before it begins")
    return freeze


@lru_cache(maxsize=1024)
def parse_maintenance(text: str) -> WeeklyWindow | Freeze:
    """Read a window, or from when to when as a freeze is written. Raises InvalidValue."""
    if FREEZE.fullmatch(text):
        return parse_freeze(text)
    if WINDOW.fullmatch(text):
        return parse_window(text)
    raise InvalidValue(
        f"{text[:80]!r} is no maintenance; expected for example 'Sun 02:00-04:00 Asia/Seoul', or "
        "'2026-12-05T22:00/2026-12-06T02:00 Asia/Seoul'"
    )


@lru_cache(maxsize=1024)
def parse_holiday(text: str) -> Freeze:
    """Read `2026-12-25 Asia/Seoul` or `2026-12-24/2026-12-26 Europe/Berlin`: from the first midnight to the last. Raises InvalidValue."""
    found = DAY.fullmatch(text)
    if found is None:
        raise InvalidValue(
            f"{text[:80]!r} is no day; expected for example '2026-12-25 Asia/Seoul' or '2026-12-24/2026-12-26 Asia/Seoul'"
        )
    zone = _zone(found["zone"])
    first, last = _date(found["first"]), _date(found["last"] or found["first"])
    if last < first:
        raise InvalidValue(f"{text!r} ends before it begins")
    begin, end = (datetime.combine(day, time(), tzinfo=zone) for day in (first, last + timedelta(days=1)))
    return Freeze(begin.timestamp(), end.replace(fold=1).timestamp())


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidValue(f"{text!r} is no date; expected for example 2026-12-25") from error


def _instants(text: str, zone: ZoneInfo) -> tuple[float, float]:
    """Return the two moments a wall time can mean (the same one twice on all but two days of the year)."""
    try:
        wall = datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError as error:
        raise InvalidValue(f"{text!r} is no date and time; expected for example 2026-12-20T00:00") from error
    return wall.replace(fold=0).timestamp(), wall.replace(fold=1).timestamp()


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise InvalidValue(f"{text!r} is no time of day; expected 00:00 to 23:59") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidValue(f"{name!r} is no time zone; expected for example Asia/Seoul, Europe/Berlin, UTC") from error


def _days(text: str) -> Iterator[int]:
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        ends = (first, last or first)
        if not set(ends) <= set(DAYS) or part.endswith("-"):
            raise InvalidValue(f"{part!r} are no days; expected for example Mon, Mon-Fri or Sat,Sun")
        begin, end = (DAYS.index(day) for day in ends)
        yield from ((begin + i) % 7 for i in range((end - begin) % 7 + 1))
