"""P18: windows and freezes are kept to the second on days on which clocks change. The times in UTC were worked out by hand."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from plugin_optimizer.domain import Change, Direction, Goal, Metric, Plugin, Policy, Purpose
from plugin_optimizer.execute.rails import refusal
from plugin_optimizer.execute.rails_case import Case, Past

from .promise import Measured

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
AROUND_SECONDS = {False: 30, True: 3600}  # each second that near to a boundary is asked about, elsewhere each minute
HALF_SPAN_SECONDS = 36 * 3600


@dataclass(frozen=True, slots=True)
class DayCase:
    """`held` are the stretches (begin, end), `dd HH:MM[:SS]` in UTC, in which it holds within 36 h of `middle`."""

    text: str
    middle: str
    held: tuple[tuple[str, str], ...]

    @property
    def middle_at(self) -> float:
        return datetime.fromisoformat(self.middle).replace(tzinfo=UTC).timestamp()

    def stretches(self) -> list[tuple[float, float]]:
        return [(self._at(begin), self._at(end)) for begin, end in self.held]

    def _at(self, text: str) -> float:
        day, _, clock = text.partition(" ")
        middle = datetime.fromisoformat(self.middle)
        month = middle.month + (1 if int(day) < middle.day - 15 else 0)
        return datetime.fromisoformat(f"{middle.year}-{month:02}-{day}T{clock}").replace(tzinfo=UTC).timestamp()


SPRING, AUTUMN = "2027-03-28T01:00", "2027-10-31T01:00"  # Europe: 02:00 becomes 03:00, 03:00 becomes 02:00
CASES = (
    # Windows in the night in which 02:00-03:00 does not come
    DayCase("Sun 00:00-24:00 Europe/Berlin", SPRING, (("27 23:00", "28 22:00"),)),
    DayCase("Sun 01:00-02:00 Europe/Berlin", SPRING, (("28 00:00", "28 01:00"),)),
    DayCase("Sun 02:00-03:00 Europe/Berlin", SPRING, ()),
    DayCase("Sun 02:30-03:30 Europe/Berlin", SPRING, (("28 01:00", "28 01:30"),)),
    DayCase("Sun 01:30-02:30 Europe/Berlin", SPRING, (("28 00:30", "28 01:00"),)),
    DayCase("Sun 03:00-04:00 Europe/Berlin", SPRING, (("28 01:00", "28 02:00"),)),
    DayCase("Sat 22:00-06:00 Europe/Berlin", SPRING, (("27 21:00", "28 04:00"),)),
    DayCase("Sat 23:00-03:00 Europe/Berlin", SPRING, (("27 22:00", "28 01:00"),)),
    DayCase("Sat 23:00-02:30 Europe/Berlin", SPRING, (("27 22:00", "28 01:00"),)),
    DayCase("Sun 22:00-06:00 Europe/Berlin", SPRING, (("28 20:00", "29 04:00"),)),
    # Windows in the night in which 02:00-03:00 comes twice
    DayCase("Sun 00:00-24:00 Europe/Berlin", AUTUMN, (("30 22:00", "31 23:00"),)),
    DayCase("Sun 02:00-03:00 Europe/Berlin", AUTUMN, (("31 00:00", "31 02:00"),)),
    DayCase("Sun 02:30-03:30 Europe/Berlin", AUTUMN, (("31 00:30", "31 01:00"), ("31 01:30", "31 02:30"))),
    DayCase("Sun 01:30-02:30 Europe/Berlin", AUTUMN, (("30 23:30", "31 00:30"), ("31 01:00", "31 01:30"))),
    DayCase("Sun 03:00-04:00 Europe/Berlin", AUTUMN, (("31 02:00", "31 03:00"),)),
    DayCase("Sat 22:00-06:00 Europe/Berlin", AUTUMN, (("30 20:00", "31 05:00"),)),
    DayCase("Sat 23:00-02:30 Europe/Berlin", AUTUMN, (("30 21:00", "31 00:30"), ("31 01:00", "31 01:30"))),
    DayCase("Sat 23:00-03:00 Europe/Berlin", AUTUMN, (("30 21:00", "31 02:00"),)),
    DayCase("Sun 22:00-06:00 Europe/Berlin", AUTUMN, (("31 21:00", "01 05:00"),)),
    DayCase("Sun 02:59-03:01 Europe/Berlin", AUTUMN, (("31 00:59", "31 01:00"), ("31 01:59", "31 02:01"))),
    # The same nights where no clock changes
    DayCase("Sun 02:00-03:00 Asia/Seoul", SPRING, (("27 17:00", "27 18:00"),)),
    DayCase("Sun 02:00-03:00 Asia/Seoul", AUTUMN, (("30 17:00", "30 18:00"),)),
    DayCase("Sun 00:30-01:30 UTC", SPRING, (("28 00:30", "28 01:30"),)),
    DayCase("Sun 00:30-01:30 UTC", AUTUMN, (("31 00:30", "31 01:30"),)),
    # Other changes: at other hours, and by half an hour
    DayCase("Sun 01:30-03:30 America/New_York", "2027-03-14T07:00", (("14 06:30", "14 07:30"),)),
    DayCase(
        "Sun 01:30-03:30 America/New_York", "2027-11-07T06:00", (("07 05:30", "07 06:00"), ("07 06:30", "07 08:30"))
    ),
    DayCase("Sun 01:30-02:00 Australia/Lord_Howe", "2027-04-03T15:00", (("03 14:30", "03 15:30"),)),
    # Freezes: where a wall time means two moments or none, the longer freeze
    DayCase("2027-03-28T00:00/2027-03-29T00:00 Europe/Berlin", SPRING, (("27 23:00", "28 22:00"),)),
    DayCase("2027-03-28T02:30/2027-03-28T03:30 Europe/Berlin", SPRING, (("28 00:30", "28 01:30"),)),
    DayCase("2027-03-28T01:00/2027-03-28T02:30 Europe/Berlin", SPRING, (("28 00:00", "28 01:30"),)),
    DayCase("2027-03-28T09:00/2027-03-28T10:00 Asia/Seoul", SPRING, (("28 00:00", "28 01:00"),)),
    DayCase("2027-10-31T00:00/2027-11-01T00:00 Europe/Berlin", AUTUMN, (("30 22:00", "31 23:00"),)),
    DayCase("2027-10-31T02:30/2027-10-31T02:45 Europe/Berlin", AUTUMN, (("31 00:30", "31 01:45"),)),
    DayCase("2027-10-31T01:00/2027-10-31T02:30 Europe/Berlin", AUTUMN, (("30 23:00", "31 01:30"),)),
    DayCase("2027-10-31T02:30/2027-10-31T04:00 Europe/Berlin", AUTUMN, (("31 00:30", "31 03:00"),)),
    DayCase("2027-10-31T02:59:59/2027-10-31T03:00:01 Europe/Berlin", AUTUMN, (("31 00:59:59", "31 02:00:01"),)),
)


def measure(deep: bool) -> list[Measured]:
    """Ask the rails at each second near a boundary (deep: an hour around it) for people and for the engine."""
    wrong, asked = 0, 0
    for case in CASES:
        mistakes = [at for at, right in answers(case, around_seconds=AROUND_SECONDS[deep]) if not right]
        asked += len(seconds_of(case, around_seconds=AROUND_SECONDS[deep]))
        wrong += len(mistakes)
        if mistakes:
            sys.stdout.write(f"{case.text}: wrong at {datetime.fromtimestamp(mistakes[0], UTC).isoformat()}\n")
    what = (
        f"{len(CASES)} windows and freezes on {len({c.middle for c in CASES})} days of clock changes, {asked} seconds"
    )
    return [
        Measured("P18 the calendar is kept to the second", what, f"{wrong} wrong", "0 wrong", asked > 0 and not wrong)
    ]


def answers(case: DayCase, *, around_seconds: int, grid_seconds: int = 60) -> Iterator[tuple[float, bool]]:
    """Yield each moment asked about, and whether the rails answered as they must, to both who may ask."""
    stretches, is_freeze = case.stretches(), "/20" in case.text
    policy = Policy(freezes=(case.text,)) if is_freeze else Policy(windows=(case.text,))
    for at in seconds_of(case, around_seconds=around_seconds, grid_seconds=grid_seconds):
        inside = any(begin <= at < end for begin, end in stretches)
        expected = ("rail_freeze" if inside else None) if is_freeze else (None if inside else "rail_window")
        yield at, all(_said(policy, at, automatic) == expected for automatic in (False, True))


def seconds_of(case: DayCase, *, around_seconds: int, grid_seconds: int = 60) -> list[int]:
    middle = int(case.middle_at)
    near = {middle, *(int(end) for stretch in case.stretches() for end in stretch)}
    grid = range(middle - HALF_SPAN_SECONDS, middle + HALF_SPAN_SECONDS, grid_seconds)
    return sorted({*grid, *(at + off for at in near for off in range(-around_seconds, around_seconds + 1))})


def _said(policy: Policy, at: float, automatic: bool) -> str | None:
    change = Change("orders", "workers", 4, 5, GOAL)
    plugin = Plugin("orders", "simulated")
    found = refusal(Case(plugin, change, policy, Past(), float(at), automatic))
    return found.code if found else None
