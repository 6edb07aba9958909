"""Times that are unlike others: maintenance and holidays, of which nothing is learnt and by which nothing is foretold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Message, PluginView, Policy, Silence
from .calendar import Freeze, WeeklyWindow, parse_holiday, parse_maintenance

F64 = NDArray[np.float64]
Past = Sequence[tuple[float, float]]

HOUR_SECONDS, YEAR_SECONDS = 3_600.0, 366 * 86_400.0
STEP_SECONDS = 900.0  # in which the next hour is looked at


@dataclass(frozen=True, slots=True)
class TimesApart:
    """The entries of a policy, as people wrote them; all can be read. False where there are none."""

    maintenance: tuple[str, ...] = ()
    holidays: tuple[str, ...] = ()

    @classmethod
    def of(cls, policy: Policy) -> "TimesApart":
        return cls(policy.maintenance, policy.holidays)

    def __bool__(self) -> bool:
        return bool(self.maintenance or self.holidays)

    def maintenance_at(self, at: float) -> str | None:
        """Return the maintenance that is on, None where none is."""
        return next((text for text in self.maintenance if parse_maintenance(text).holds(at)), None)

    def holiday_at(self, at: float) -> str | None:
        """Return the holiday, None on other days."""
        return next((text for text in self.holidays if parse_holiday(text).holds(at)), None)

    def holds(self, at: float) -> bool:
        """Tell whether a moment lies apart."""
        return self.maintenance_at(at) is not None or self.holiday_at(at) is not None

    def mask(self, times: F64) -> NDArray[np.bool_]:
        """Tell which moments lie apart. Shapes: [T] each."""
        return _mask((*map(parse_maintenance, self.maintenance), *map(parse_holiday, self.holidays)), times)

    def maintenance_mask(self, times: F64) -> NDArray[np.bool_]:
        """Tell which moments lie within maintenance. Shapes: [T] each."""
        return _mask(tuple(map(parse_maintenance, self.maintenance)), times)

    def maintenance_until(self, now: float) -> float | None:
        """Return when the maintenance that is on ends, with what follows it without a gap; None where none is on.

        A year ahead at most: what goes on all week never ends.
        """
        entries = [parse_maintenance(text) for text in self.maintenance]
        at = now
        while at < now + YEAR_SECONDS and (on := [entry for entry in entries if entry.holds(at)]):
            at = max(entry.end_after(at) for entry in on)
        return at if at > now else None

    def comparable(self, past: Past, now: float) -> Past:
        """Return what of the past tells something about the next hour: nothing that lies apart.

        Where the next hour itself does, days before it tell nothing either: only the last hour is left.
        """
        if not self or not past:
            return past
        ahead = np.arange(now, now + HOUR_SECONDS + 1.0, STEP_SECONDS)
        if self.mask(ahead).any():
            return tuple(pair for pair in past if pair[0] > now - HOUR_SECONDS)
        apart = self.mask(np.array([at for at, _ in past]))
        return tuple(pair for pair, away in zip(past, apart.tolist(), strict=True) if not away)


def times_apart(views: Mapping[str, PluginView]) -> Mapping[str, TimesApart]:
    """Return those of each plugin that has any."""
    found = {name: TimesApart.of(view.policy) for name, view in views.items()}
    return {name: times for name, times in found.items() if times}


def silences(apart: Mapping[str, TimesApart], now: float) -> Iterator[Silence]:
    """Yield for each plugin in maintenance until when it is, and for each on a holiday that it is."""
    for name, times in apart.items():
        until = times.maintenance_until(now)
        if until is not None:
            yield Silence(name, CALENDAR, Message("in_maintenance", {"until_at_seconds": until}))
        elif (day := times.holiday_at(now)) is not None:
            yield Silence(name, CALENDAR, Message("on_holiday", {"day": day}))


CALENDAR = "calendar"  # in the place of a planner's name


def _mask(entries: Iterable[WeeklyWindow | Freeze], times: F64) -> NDArray[np.bool_]:
    inside = np.zeros(len(times), np.bool_)
    for entry in entries:
        if isinstance(entry, Freeze):
            inside |= (times >= entry.begin) & (times < entry.end)
        else:
            inside |= np.fromiter(map(entry.holds, times.tolist()), np.bool_, len(times))
    return inside
