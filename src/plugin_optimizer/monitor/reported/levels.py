"""What all processes of a plugin come to together: each counts with its latest report, as long as that is fresh."""

from collections.abc import Iterable
from dataclasses import dataclass, field

FRESH_SECONDS, FRESH_INTERVALS = 60.0, 3.0  # for so long a report stands for its process
TOLD = 2  # reports of a process after which we know that all the others have reported, too
HOLD_SECONDS = 75.0  # a gauge stands for the time since the report before, if that is not longer ago


@dataclass(slots=True)
class Told:
    """The latest report of one process on one name: the values of its series, `seconds` after the one before."""

    at: float
    seconds: float
    values: dict[str, float] = field(default_factory=dict)  # by series
    reports: int = 1

    def is_fresh(self, now: float) -> bool:
        return self.at >= now - max(FRESH_SECONDS, FRESH_INTERVALS * self.seconds)


@dataclass(frozen=True, slots=True)
class Level:
    """The values of all series of a name, as of the newest report; `seconds` is how often it comes."""

    at: float
    seconds: float
    values: tuple[float, ...]


@dataclass(slots=True)
class Levels:
    """The latest report of each process, by name. A process that is silent for long is left out, as if it had ended."""

    told: dict[str, dict[str, Told]] = field(default_factory=dict)

    def note(
        self, name: str, instance: str, series: str, at: float, value: float, seconds: float | None = None
    ) -> None:
        """Take one series' value, measured over `seconds`; those of one time belong to one report."""
        processes = self.told.setdefault(name, {})
        known = processes.get(instance)
        if known is None or at > known.at:
            between = held_seconds(at, known.at if known else at) if seconds is None else seconds
            processes[instance] = Told(at, between, {series: value}, known.reports + 1 if known else 1)
        elif at == known.at:
            known.values[series] = value

    def begin(self, name: str, instance: str, at: float) -> None:
        """Take the first report of a process that counts (anew): what it comes to in a time shows with its next."""
        known = self.told.setdefault(name, {}).get(instance)
        if known is None or at > known.at:
            self.told[name][instance] = Told(at, 0.0)

    def of(self, name: str, now: float, least_reports: int = TOLD) -> Level | None:
        """Return what they come to; None where nobody reported lately, or somebody so new that others may still follow.

        Half of the processes would look like a fall, and the rest like a rise after it.
        """
        processes = self.told.get(name, {})
        for instance in [instance for instance, told in processes.items() if not told.is_fresh(now)]:
            del processes[instance]
        if not processes or min(told.reports for told in processes.values()) < least_reports:
            return None
        newest = max(processes.values(), key=lambda told: told.at)
        return Level(
            newest.at, newest.seconds, tuple(value for told in processes.values() for value in told.values.values())
        )

    def first(self, names: Iterable[str], now: float, least_reports: int = TOLD) -> Level | None:
        """Return the level of the first of these names that has one."""
        return next((level for name in names if (level := self.of(name, now, least_reports))), None)


def held_seconds(at: float, before: float) -> float:
    """Return how long before `at` a figure held that was read then, and at `before` the time before."""
    return at - before if at - before <= HOLD_SECONDS else 0.0
