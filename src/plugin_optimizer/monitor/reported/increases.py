"""From what processes count to what came in since their report before; resets, repeats and floods of series are handled here."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...models.histogram import Histogram
from .limits import MetricsIn
from .points import Kind, Point

FORGET_SECONDS = 3_600.0  # a series that was silent for so long begins anew
FORGET_EVERY_SECONDS = 60.0
GAP_SECONDS = 300.0  # what was counted over a longer time says nothing of any moment within it
SERIES_LIMIT, DUPLICATE, BACK_DATED, RESET = "series_limit", "duplicate", "back_dated", "reset"


@dataclass(frozen=True, slots=True)
class Increase:
    """What one series counted in the `seconds` before `point.at` (0: not known how long): a number, or durations."""

    point: Point
    seconds: float
    number: float
    durations: Histogram | None = None


@dataclass(slots=True)
class Budget:
    """How many series of all plugins together are remembered."""

    most: int
    held: int = 0


@dataclass(slots=True)
class Increases:
    """Remembers the last report of every series of one plugin.

    A process that counts anew (one of its counters went back, or says that it began later) gives no figures for the time across
    that: what it had counted before it ended is not known. A series that appears in a family of metrics that its process
    reported before has counted from zero since that report: the first error of all is not lost.
    """

    limits: MetricsIn
    budget: Budget
    last: dict[tuple[str, str], Point] = field(default_factory=dict)
    reported: dict[tuple[str, str], float] = field(default_factory=dict)  # when a process last reported a family
    of_name: Counter[str] = field(default_factory=Counter)
    forgot_at: float = float("-inf")

    def take(self, points: Iterable[Point], refused: Counter[tuple[str, str]]) -> list[Increase | Point]:
        """Return what these reports, in any order, add, and the points from which counting begins, in the order of time;
        count in `refused`, by meaning and reason, what is of no use.
        """
        reports: dict[tuple[float, str], list[Point]] = defaultdict(list)
        for point in points:
            reports[point.at, point.instance].append(point)
        return [increase for at in sorted(reports) for increase in self._report(reports[at], refused)]

    def news(self, points: Iterable[Point], refused: Counter[tuple[str, str]]) -> list[Point]:
        """Return the gauges among these reports that are news, in the order of time; count the others in `refused`."""
        fresh: list[Point] = []
        for point in sorted(points, key=lambda point: point.at):
            for news in self._fresh((point,), refused):
                self._remember(news)
                fresh.append(news)
        return fresh

    def forget(self, now: float) -> None:
        """Drop the series that have long been silent; looked for once a minute."""
        if 0 <= now - self.forgot_at < FORGET_EVERY_SECONDS:
            return
        self.forgot_at = now
        for key in [key for key, point in self.last.items() if point.at < now - FORGET_SECONDS]:
            del self.last[key]
            self.of_name[key[0]] -= 1
            self.budget.held -= 1
        self.reported = {key: at for key, at in self.reported.items() if at >= now - FORGET_SECONDS}

    def close(self) -> None:
        """Give back what counts against all plugins."""
        self.budget.held -= len(self.last)
        self.last.clear()

    def _report(self, points: Sequence[Point], refused: Counter[tuple[str, str]]) -> list[Increase | Point]:
        """Take what one process reported at one time."""
        fresh = self._fresh(points, refused)
        resets = [point for point in fresh if self._went_back(point)]
        refused.update((point.meaning, RESET) for point in resets)
        found = [
            (self._increase(point) if not resets or point.kind is Kind.DELTA else None) or point for point in fresh
        ]
        for point in fresh:
            self._remember(point)
        return found

    def _fresh(self, points: Iterable[Point], refused: Counter[tuple[str, str]]) -> list[Point]:
        """Return the points that are news of series that may be remembered."""
        news: dict[tuple[str, str], Point] = {}
        for point in points:
            key = (point.name, point.series)
            last = news.get(key) or self.last.get(key)
            if last is None:
                reason = None if self._admit(point.name) else SERIES_LIMIT
            else:
                reason = None if point.at > last.at else DUPLICATE if point.at == last.at else BACK_DATED
            if reason is None:
                news[key] = point
            else:
                refused[point.meaning, reason] += 1
        return list(news.values())

    def _admit(self, name: str) -> bool:
        full = self.of_name[name] >= self.limits.series_of_metric or self.budget.held >= self.budget.most
        if full or self.of_name.total() >= self.limits.series_of_plugin:
            return False
        self.of_name[name] += 1
        self.budget.held += 1
        return True

    def _went_back(self, point: Point) -> bool:
        last = self.last.get((point.name, point.series))
        if last is None or point.kind is not Kind.CUMULATIVE:
            return False
        if point.start > last.at or (point.counts and _durations(point).since(_durations(last)) is None):
            return True
        return not point.counts and point.value < last.value

    def _increase(self, point: Point) -> Increase | None:
        last = self.last.get((point.name, point.series))
        if point.kind is Kind.DELTA:
            since = point.start or (last.at if last else point.at)
            return _counted(point, since, None)
        if last is not None:
            return _counted(point, last.at, last)
        since = self.reported.get((point.name, point.instance), point.at)
        return _counted(point, since, None) if since < point.at else None

    def _remember(self, point: Point) -> None:
        self.last[point.name, point.series] = point
        family = (point.name, point.instance)
        self.reported[family] = max(point.at, self.reported.get(family, 0.0))


def _durations(point: Point) -> Histogram:
    return Histogram(point.bounds, point.counts, point.value)


def _counted(point: Point, since: float, before: Point | None) -> Increase | None:
    seconds = max(0.0, point.at - since)
    if seconds > GAP_SECONDS:
        return None
    if not point.counts:
        return Increase(point, seconds, point.value - (before.value if before else 0.0))
    grown = _durations(point) if before is None else _durations(point).since(_durations(before))
    return None if grown is None else Increase(point, seconds, grown.count, grown)
