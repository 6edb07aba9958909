"""Judges by windows of samples, where no replay can say what would have been: before against after."""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..contracts import Observation
from ..domain import Goal, Message, Metric, Outcome, Verdict
from ..models.confidence import UNKNOWN, SequentialTest, memory_factor, widened
from .controls import POINTS, Surroundings, surroundings
from .judgement import Decided, Figures, Floor, Look, about, as_share, first_decision, objected, verdict_of
from .load import Load, load_explains
from .reported import reported_metric
from .slo_margin import margin_of_samples
from .window_series import LATENCIES, WindowSeries, gather, steps_per_window

F64 = NDArray[np.float64]

METHOD = "windows"
LEAST_REQUESTS_PER_WINDOW = 50
LEAST_SHARE_OF_LEVEL = 0.01  # a value of zero counts as this share of the level before, so that it has a logarithm
SURE = 2.0  # standard errors


@dataclass(frozen=True, slots=True)
class WindowJudge:
    """`least_band` is the smallest share to claim; for a ratio the goal says how many points."""

    test: SequentialTest
    floor: Floor
    least_band: float
    window_seconds: float

    def judge(self, goal: Goal, plugin_id: str, before: Observation, after: Observation) -> Verdict:
        """Return the verdict over the goal's metric, beside what other plugins did; what load explains is not credited."""
        old, new = paired_series(goal.metric, plugin_id, before, after, self.window_seconds)
        band = goal.least_effect if goal.metric in POINTS else math.log1p(max(self.least_band, goal.least_effect))
        steps = _steps(goal.metric, plugin_id, before, self.window_seconds)
        margin = margin_of_samples(goal, plugin_id, before, after, steps)
        case = _Case(goal, plugin_id, before, after, old, new, steps, band, self.test)
        reference = self._reference(goal.metric, old)

        def look_at(looked: int) -> Look:
            if not (math.isfinite(reference) and self.floor.reached(case.values[:looked], case.counts(looked))):
                return Look(UNKNOWN, band)
            bounds = widened(self.test.bounds(case.values[:looked], reference), case.dependence(looked))
            bounds = case.around(looked).beside(bounds)
            return Look(bounds, band, margin.tolerance(looked, self.test))

        decided = first_decision(look_at, len(case.values), goal, case.against)
        reasons = (*about(decided, goal, self.floor, case.values, case.counts(len(case.values))), *case.told(decided))
        if not math.isfinite(reference):
            return objected(case.verdict(decided, reasons), Message("no_before", {"windows": len(old.present)}))
        return case.verdict(decided, reasons)

    def _reference(self, metric: Metric, old: WindowSeries) -> float:
        """Return the radius of the level before; inf where too little was seen of it."""
        if len(old.present) < self.test.least_windows:
            return math.inf
        return self.test.reference_radius(_compared(metric, old, old))


@dataclass(frozen=True)
class _Case:
    """One question, and what was seen that bears on it."""

    goal: Goal
    plugin_id: str
    before: Observation
    after: Observation
    old: WindowSeries
    new: WindowSeries
    steps: int
    band: float
    test: SequentialTest

    @cached_property
    def values(self) -> F64:
        return _compared(self.goal.metric, self.old, self.new)

    def counts(self, looked: int) -> F64 | None:
        """Return the requests of the first windows; None where the metric is not about requests."""
        requests = self.new.requests if self.goal.metric in LATENCIES else None
        return None if requests is None else requests[:looked]

    def dependence(self, looked: int) -> float:
        """Return by how much the memory of response times widens their interval: queues, loads and days go on for minutes."""
        if self.goal.metric not in LATENCIES:
            return 1.0
        return memory_factor(_compared(self.goal.metric, self.old, self.old), self.values[:looked])

    def around(self, looked: int) -> Surroundings:
        """Return what other plugins did until the end of that look."""
        metric, windows = self.goal.metric, (self.before.window, self.after.window)
        columns = looked * self.steps
        return surroundings(metric, self.plugin_id, *windows, self.band, self.test.least_windows, columns)

    def against(self, decided: Decided) -> tuple[Message, ...]:
        """Return what speaks against an outcome."""
        return (
            *load_explains(self._load(decided), decided, self.goal),
            *_still_warming(self.goal, decided, self.new, self.band),
        )

    def _load(self, decided: Decided) -> Load | None:
        if self.goal.metric not in LATENCIES:
            return None
        return Load.of(self.plugin_id, (self.before, self.after), (self.old, self.new), decided.looked)

    def told(self, decided: Decided) -> tuple[Message, ...]:
        """Say that others moved as well, and whether the verdict stands beside that or is open because of it."""
        found, filling = self.around(decided.looked), _still_filling(self.goal, decided, self.new, self.band)
        if not found.moved or not decided.bounds.windows:
            return filling
        code = "environment_changed" if decided.outcome is Outcome.INCONCLUSIVE else "environment_adjusted"
        return (found.told(code, self.goal.metric), *filling)

    def verdict(self, decided: Decided, reasons: tuple[Message, ...]) -> Verdict:
        requests = 0 if self.new.requests is None else int(self.new.requests[: decided.looked].sum())
        judged = (self.old, self.new)
        reported, told = _reported(self.goal, self.plugin_id, self.before, self.after, judged)
        verdict = verdict_of(reported, METHOD, decided, Figures(*told, len(self.new.present), requests), reasons)
        return as_share(verdict, decided.bounds, self.old.mean) if self.goal.metric in POINTS else verdict


def paired_series(
    metric: Metric, plugin_id: str, before: Observation, after: Observation, seconds: float
) -> tuple[WindowSeries, WindowSeries]:
    """Return the metric before and after, both in windows of the length that the time before asks for."""
    steps = _steps(metric, plugin_id, before, seconds)
    return gather(before.window, plugin_id, metric, steps), gather(after.window, plugin_id, metric, steps)


def _steps(metric: Metric, plugin_id: str, before: Observation, seconds: float) -> int:
    return steps_per_window(before.window, plugin_id, metric, seconds, LEAST_REQUESTS_PER_WINDOW)


def _compared(metric: Metric, old: WindowSeries, new: WindowSeries) -> F64:
    """Return per window of `new` its distance to the level of `old`, in points or as a log ratio."""
    level = old.mean
    if metric in POINTS:
        return np.subtract(new.values, level)
    if math.isnan(level) or level <= 0:
        return np.full(len(new.values), np.nan)
    floor = LEAST_SHARE_OF_LEVEL * level
    usual = float(np.log(np.maximum(old.present, floor)).mean())
    return np.log(np.maximum(new.values, floor)) - usual


def _still_warming(goal: Goal, decided: Decided, new: WindowSeries, band: float) -> tuple[Message, ...]:
    """Object to blaming a cache whose hit ratio is still climbing."""
    if goal.metric is not Metric.CACHE_HIT_RATIO or decided.outcome not in {Outcome.WORSE, Outcome.SAME}:
        return ()
    rise, _ = _rise(new.values[: decided.looked])
    return (Message("still_warming", {"rise_ratio": round(rise, 4)}),) if rise > band / 2 else ()


def _still_filling(goal: Goal, decided: Decided, new: WindowSeries, band: float) -> tuple[Message, ...]:
    """Say of a cache that already helps that it surely climbs on: the figure after is not yet what it will come to."""
    if goal.metric is not Metric.CACHE_HIT_RATIO or decided.outcome is not Outcome.BETTER:
        return ()
    rise, error = _rise(new.values[: decided.looked])
    return (Message("still_warming", {"rise_ratio": round(rise, 4)}),) if rise > max(band, SURE * error) else ()


def _rise(values: F64) -> tuple[float, float]:
    """Return by how much the second half lies above the first, and the standard error of that; NaN is missing."""
    first, last = np.array_split(values[~np.isnan(values)], 2)
    if len(first) < 2 or len(last) < 2:
        return (float(last.mean() - first.mean()) if len(last) else 0.0), math.inf
    error = math.sqrt(sum(float(half.var(ddof=1)) / len(half) for half in (first, last)))
    return float(last.mean() - first.mean()), error


def _reported(
    goal: Goal, plugin_id: str, before: Observation, after: Observation, judged: tuple[WindowSeries, WindowSeries]
) -> tuple[Goal, tuple[float, float]]:
    """Return the goal with the metric people are told about, and that before and after; what was judged
    where the other was not measured.
    """
    metric = reported_metric(goal.metric)
    told = tuple(gather(side.window, plugin_id, metric, 1).mean for side in (before, after))
    if metric is goal.metric or any(map(math.isnan, told)):
        return goal, (judged[0].mean, judged[1].mean)
    return replace(goal, metric=metric), (told[0], told[1])
