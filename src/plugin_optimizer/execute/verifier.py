"""The judge of changes: chooses the comparison that fits the change, and says what it saw.

A change of the worker count is judged by paired replay; errors by counting; memory that grows by its
growth; a queue of tasks beside the one that the old processes would have left; everything else, and what cannot be
replayed, by windows. Nothing is claimed inside a guard band.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..contracts import Observation
from ..domain import Direction, Goal, Message, Metric, Pool, Purpose, Verdict
from ..models.confidence import SequentialTest
from .controls import surroundings
from .error_judge import ErrorJudge
from .error_margin import unless_errors_rose
from .growth_judge import GrowthJudge, grows
from .guards import guard
from .judgement import Floor
from .paired_replay import PairedReplay, unusable
from .presence_judge import PRESENCE, judge_presence
from .queue_judge import QueueJudge
from .replay_judge import ReplayJudge
from .slo_margin import margin_of_requests
from .window_judge import WindowJudge, paired_series
from .window_series import LATENCIES

__all__ = ["ChangeVerifier", "guard", "live_windows"]

GOAL_SHARE = 0.8  # of alpha; the rest belongs to the guards
GROWTH_STOPS = (
    Purpose.IMPROVE,
    Purpose.REPAIR,
)  # what memory that grows is judged by; a saving and a fresh start have its level


@dataclass(frozen=True, slots=True)
class ChangeVerifier:
    """Implements `Verifier`. `least_band` is the smallest relative effect ever claimed, `alpha` the chance of a
    wrong claim over the whole time a change is judged; `rho` tunes when the intervals are tightest.
    """

    window_seconds: float = 5.0
    alpha: float = 0.05
    rho: float = 0.8
    least_windows: int = 6
    least_windows_for_same: int = 24
    least_requests: int = 500
    least_requests_per_window: int = 50
    least_band: float = 0.05

    def verify(
        self,
        change_goal: Goal,
        plugin_id: str,
        before: Observation,
        after: Observation,
        pools: tuple[Pool, Pool] | None,
    ) -> Verdict:
        """Return what is known by now; `after` holds only what lies after the change has settled."""
        if change_goal.metric in PRESENCE:
            return judge_presence(change_goal, plugin_id, before, after)
        replayed = pools is not None and not unusable(before, after, pools)
        verdict = (
            self._by_replay(change_goal, plugin_id, before, after, pools)
            if replayed and pools is not None
            else self._by_samples(change_goal, plugin_id, before, after)
        )
        return unless_errors_rose(verdict, change_goal, plugin_id, before, after, self.window_seconds)

    def shadow(self, goal: Goal, plugin_id: str, before: Observation, after: Observation, pool: Pool) -> Verdict:
        """Judge a time in which nothing was changed: anything but "same" and "inconclusive" is a false alarm."""
        return self._by_replay(goal, plugin_id, before, after, (pool, pool))

    def _by_replay(
        self, goal: Goal, plugin_id: str, before: Observation, after: Observation, pools: tuple[Pool, Pool]
    ) -> Verdict:
        asked, goal = goal, _as_latency(goal, self.least_band)
        pair = PairedReplay.of(before, after, pools, self.window_seconds, self.least_requests_per_window)
        check = pair.self_check
        if not check.valid:
            failed = Message("self_check_failed", {"error_ratio": round(check.error, 4), "windows": check.windows})
            verdict = self._by_samples(goal, plugin_id, before, after)
            return replace(verdict, reasons=(*verdict.reasons, failed))
        band, windows = math.log1p(self.least_band), (before.window, after.window)
        around = surroundings(
            Metric.SERVICE_TIME_SECONDS, plugin_id, *windows, band, self.least_windows, len(after.window.times)
        )
        least_band = max(self.least_band, goal.least_effect)
        margin = margin_of_requests(asked, plugin_id, before, after, pair)
        return ReplayJudge(self._test, self._floor, least_band, around, margin).judge(goal, pair, check)

    def _by_samples(self, goal: Goal, plugin_id: str, before: Observation, after: Observation) -> Verdict:
        floor, band, seconds = self._floor, self.least_band, self.window_seconds
        if goal.metric is Metric.ERROR_RATIO:
            judge = ErrorJudge(self._test.alpha, floor, band, self.least_windows_for_same, seconds)
            return judge.judge(goal, plugin_id, before, after)
        if goal.metric is Metric.QUEUE_LENGTH:
            return QueueJudge(floor, band, self.least_windows_for_same, seconds).judge(goal, plugin_id, before, after)
        if goal.purpose in GROWTH_STOPS and grows(goal.metric, plugin_id, before, seconds):
            return GrowthJudge(floor, band, self.least_windows_for_same, seconds).judge(goal, plugin_id, before, after)
        return WindowJudge(self._test, floor, band, seconds).judge(goal, plugin_id, before, after)

    @property
    def _test(self) -> SequentialTest:
        return SequentialTest(GOAL_SHARE * self.alpha, self.rho, self.least_windows, self.least_windows_for_same)

    @property
    def _floor(self) -> Floor:
        return Floor(self.least_windows, self.least_requests)


def live_windows(
    goal: Goal, plugin_id: str, before: Observation, after: Observation, pools: tuple[Pool, Pool] | None
) -> Sequence[Mapping[str, float | None]]:
    """Return per window since the change `at`, `observed_seconds`, `without_seconds` and, of a replay, its `requests`, for
    people who watch.

    `without_seconds` is what the same requests would have taken without the change; where no replay can say
    so, the level before. None where nothing was measured; empty for goals that are not latencies.
    """
    defaults = ChangeVerifier()
    if pools is None or unusable(before, after, pools):
        return _live_samples(goal, plugin_id, before, after, defaults.window_seconds)
    pair = PairedReplay.of(before, after, pools, defaults.window_seconds, defaults.least_requests_per_window)
    total, counts = pair.observed
    replayed = pair.without() * math.exp(pair.self_check.correction)
    return [
        {"at": float(at), "observed_seconds": seen / count, "without_seconds": other / count, "requests": float(count)}
        for at, seen, other, count in zip(pair.grid.at, total.tolist(), replayed.tolist(), counts.tolist(), strict=True)
        if count > 0
    ]


def _live_samples(
    goal: Goal, plugin_id: str, before: Observation, after: Observation, seconds: float
) -> list[Mapping[str, float | None]]:
    if goal.metric not in LATENCIES:
        return []
    old, new = paired_series(goal.metric, plugin_id, before, after, seconds)
    level = None if math.isnan(old.mean) else old.mean
    values = [None if np.isnan(value) else float(value) for value in new.values]
    return [
        {"at": float(at), "observed_seconds": value, "without_seconds": level}
        for at, value in zip(new.at, values, strict=True)
    ]


def _as_latency(goal: Goal, band: float) -> Goal:
    """Return the question a replay can answer: a saving of memory is judged by what it does to response times."""
    if goal.metric in LATENCIES:
        return goal
    return replace(goal, metric=Metric.RESPONSE_TIME_P95_SECONDS, direction=Direction.DOWN, least_effect=band)
