"""From what was reported of one plugin to the samples that we keep of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...domain import Metric, Refusal, Sample
from .increases import Increase, Increases
from .levels import TOLD, Levels, held_seconds
from .meaning import Mapped, Meaning
from .points import SUMMARY_QUANTILES, Kind, Point, quantile_name
from .requests_of import Counted, counted
from .timeline import Timeline

COUNTS = frozenset({Metric.REQUESTS, Metric.RESTARTS, Metric.OOM_KILLS})  # of a turn: they are not spread over several
SUMMED = frozenset(
    {
        Metric.CPU_CORES,
        Metric.MEMORY_BYTES,
        Metric.THROUGHPUT_PER_SECOND,
        Metric.WORKERS,
        Metric.REQUESTS,
        Metric.RESTARTS,
        Metric.THROTTLED_CORES,
        Metric.OOM_KILLS,
    }
)
AVERAGED = frozenset(
    {
        Metric.CPU_RATIO, Metric.ERROR_RATIO, Metric.RESPONSE_TIME_SECONDS, Metric.QUEUE_WAIT_SECONDS,
        Metric.SERVICE_TIME_SECONDS, Metric.BUSY_RATIO, Metric.CACHE_HIT_RATIO, Metric.THROTTLED_RATIO,
    }
)  # fmt: skip
OF_REQUESTS = frozenset({Meaning.REQUEST_DURATION, Meaning.REQUEST_COUNT, Meaning.ERROR_COUNT})
WAITING_AT_MOST = 20_000  # increases that no report of a later time has told yet
SHORTEST_SECONDS = 0.5  # what came in less, as the last report of a process that ends, is no rate
ALIVE_SECONDS, ALIVE_INTERVALS, ALIVE_AT_MOST_SECONDS = 30.0, 2.5, 150.0  # a report shows for so long that it lives


@dataclass(slots=True)
class Translation:
    """Turns the reports of one plugin into samples, look by look; remembers what counters stood at."""

    timeline: Timeline
    increases: Increases
    mapped: Mapping[str, Mapped]
    levels: Levels = field(default_factory=Levels)
    waiting: list[Increase] = field(default_factory=list)
    named: Mapping[str, tuple[str, ...]] = field(init=False)
    heard_at: float = float("-inf")  # when something was reported last, by our clock
    heard_every: float = 0.0

    def __post_init__(self) -> None:
        ranked = sorted((mapped.rank, name) for name, mapped in self.mapped.items())
        named: dict[str, tuple[str, ...]] = {}
        for _, name in ranked:
            meaning = self.mapped[name].meaning
            named[meaning] = (*named.get(meaning, ()), name)
            for share, metric in SUMMARY_QUANTILES.items() if meaning == Meaning.REQUEST_DURATION else ():
                named[metric] = (*named.get(metric, ()), quantile_name(name, share))
        self.named = named

    def samples(
        self, points: Sequence[Point], now: float, slots: int | None, cpu_limit_cores: float | None
    ) -> tuple[list[Sample], list[Refusal]]:
        """Return what `points`, reported since the look before, say; and what of them could not be used."""
        refused: Counter[tuple[str, str]] = Counter()
        if points:
            self.hear(now)
        found = list(self._given(points))
        found += self._of_counters([p for p in points if p.kind is not Kind.GAUGE], now, slots, refused)
        found += self._of_gauges([p for p in points if p.kind is Kind.GAUGE and not _is_ours(p)], now, refused)
        found += self._alive(now)
        found += [s for cores in found if (s := _ratio(cores, cpu_limit_cores)) is not None]
        self.increases.forget(now)
        plugin_id = self.timeline.plugin_id
        return found, [Refusal(plugin_id, *key, count) for key, count in sorted(refused.items())]

    def hear(self, now: float) -> None:
        """Note that it reports."""
        between = now - self.heard_at
        self.heard_every = between if between <= ALIVE_AT_MOST_SECONDS else 0.0
        self.heard_at = now

    def down(self, now: float) -> list[Sample]:
        """Return that it was looked for and is not there."""
        self.heard_at = float("-inf")
        return self.timeline.over(Metric.UP, now, 0.0, 0.0)

    def _alive(self, now: float) -> list[Sample]:
        """Return whether it is up: as `up` says, else while reports come. When they stop, nothing is known."""
        told = self.levels.first(self._names(Metric.UP), now, 1)
        if told is not None:
            return self.timeline.over(Metric.UP, now, 0.0, min(1.0, max(told.values)))
        alive = min(max(ALIVE_SECONDS, ALIVE_INTERVALS * self.heard_every), ALIVE_AT_MOST_SECONDS)
        return self.timeline.over(Metric.UP, now, 0.0, 1.0) if now - self.heard_at <= alive else []

    def _given(self, points: Iterable[Point]) -> Iterator[Sample]:
        """Yield what was sent as a figure of ours, at the time it was sent for; repeated only over its own interval."""
        for point in sorted(points, key=lambda point: point.at):
            if _is_ours(point):
                metric = Metric(point.meaning)
                before = self.timeline.until.get(metric, point.at)
                every = 0.0 if metric in COUNTS else held_seconds(point.at, before)
                yield from self.timeline.over(metric, point.at, every, point.value) or [
                    Sample(self.timeline.plugin_id, metric, point.at, point.value)
                ]  # where it comes too late, the gate says so

    def _of_gauges(self, points: Iterable[Point], now: float, refused: Counter[tuple[str, str]]) -> Iterator[Sample]:
        news: set[Metric] = set()
        for point in self.increases.news(points, refused):
            self.levels.note(point.name, point.instance, point.series, point.at, point.value)
            news.add(Metric(point.meaning))
        for metric in sorted(news - {Metric.UP}):
            level = self.levels.first(self._names(metric), now, TOLD if metric in SUMMED else 1)
            if level is not None:
                yield from self.timeline.over(metric, level.at, level.seconds, _together(metric, level.values))

    def _of_counters(
        self, points: Sequence[Point], now: float, slots: int | None, refused: Counter[tuple[str, str]]
    ) -> Iterator[Sample]:
        news: dict[tuple[str, str], list[Increase]] = {}
        for each in self.increases.take(points, refused):
            if isinstance(each, Point):
                self.levels.begin(each.name, each.instance, each.at)
                news.pop((each.name, each.instance), None)
                continue
            news.setdefault((each.point.name, each.point.instance), []).append(each)
            if each.point.meaning in OF_REQUESTS:
                self.waiting.append(each)
        del self.waiting[:-WAITING_AT_MOST]
        for (name, instance), increases in news.items():
            self._note_rates(name, instance, increases)
        yield from self._cores(now)
        yield from self._cache(now)
        found = self._requests(now)
        if found is not None and self.timeline.is_ahead(Metric.REQUESTS, found.at):
            self.waiting.clear()
            yield from self._served(found, now, slots)

    def _note_rates(self, name: str, instance: str, increases: Sequence[Increase]) -> None:
        """Note what each series of a process counted a second over all reports since the look before."""
        at = max(each.point.at for each in increases)
        seconds = at - min(each.point.at - each.seconds for each in increases)
        if seconds < SHORTEST_SECONDS:
            return
        numbers: dict[str, float] = {}
        for each in increases:
            numbers[each.point.series] = numbers.get(each.point.series, 0.0) + each.number
        for series, number in numbers.items():
            self.levels.note(name, instance, series, at, number / seconds, seconds)

    def _requests(self, now: float) -> Counted | None:
        """Return what waits to be told; what is older than what was told last waits for the next report."""
        durations, counts = (
            next((name for name in self._names(meaning) if self.levels.of(name, now, 1)), None)
            for meaning in (Meaning.REQUEST_DURATION, Meaning.REQUEST_COUNT)
        )
        return counted(self.waiting, durations, counts)

    def _served(self, found: Counted, now: float, slots: int | None) -> Iterator[Sample]:
        seconds = found.seconds
        yield from self.timeline.shared(Metric.REQUESTS, found.at, seconds, found.count)
        figures = dict(found.figures())
        names = (*self._names(Meaning.REQUEST_DURATION), *self._names(Meaning.REQUEST_COUNT))
        rate = self.levels.first(names, now)
        if rate is not None:
            throughput = figures[Metric.THROUGHPUT_PER_SECOND] = sum(rate.values)
            service = figures.get(Metric.SERVICE_TIME_SECONDS)
            if slots and service is not None:
                figures[Metric.BUSY_RATIO] = min(1.0, throughput * service / slots)
        for metric, value in figures.items():
            yield from self.timeline.over(metric, found.at, seconds, value)

    def _cores(self, now: float) -> Iterator[Sample]:
        level = self.levels.first(self._names(Meaning.CPU_TIME), now)
        if level is not None:
            yield from self.timeline.over(Metric.CPU_CORES, level.at, level.seconds, sum(level.values))

    def _cache(self, now: float) -> Iterator[Sample]:
        hits, misses = (
            self.levels.first(self._names(meaning), now)
            for meaning in (Meaning.CACHE_HIT_COUNT, Meaning.CACHE_MISS_COUNT)
        )
        if hits is not None and misses is not None and (asked := sum((*hits.values, *misses.values))) > 0:
            at, seconds = max(hits.at, misses.at), max(hits.seconds, misses.seconds)
            yield from self.timeline.over(Metric.CACHE_HIT_RATIO, at, seconds, sum(hits.values) / asked)

    def _names(self, meaning: str) -> tuple[str, ...]:
        """Return the names that have this meaning, the most believed first."""
        return self.named.get(meaning, ())


def _is_ours(point: Point) -> bool:
    """Tell whether it was sent as a figure of ours, under our own name. Whether it is up, we conclude ourselves."""
    return point.name == point.meaning and point.meaning != Metric.UP


def _together(metric: Metric, values: Sequence[float]) -> float:
    """Return what the gauges of several series come to."""
    if metric in SUMMED:
        return sum(values)
    return sum(values) / len(values) if metric in AVERAGED else max(values)


def _ratio(sample: Sample, cpu_limit_cores: float | None) -> Sample | None:
    if cpu_limit_cores is None or sample.metric is not Metric.CPU_CORES:
        return None
    return Sample(sample.plugin_id, Metric.CPU_RATIO, sample.at, sample.value / cpu_limit_cores)
