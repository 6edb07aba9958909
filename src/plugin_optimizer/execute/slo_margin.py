"""A saving may cost a little where people do not feel it: while response times stay well inside their objective."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contracts import Observation
from ..domain import Goal, Message, Metric, Purpose
from ..models.confidence import SequentialTest
from .guards import errors_rose
from .judgement import Tolerance
from .paired_replay import PairedReplay
from .reported import latency_figure
from .window_series import LATENCIES, gather

F64 = NDArray[np.float64]

SAFE_SHARE = 0.8  # of the objective: the margin left for a busier hour
MOST_BEYOND = 0.05  # of the requests, as the objective is on the p95
MOST_LATE_WINDOWS = 0.5  # of windows whose p95 is beyond it
MOST_RISE = math.log(1.25)  # what a saving may add to response times at most, on the log scale


@dataclass(frozen=True, slots=True)
class SloMargin:
    """`beyond` and `late` ([n]): per window after the change the share beyond 80 % of the objective, and beyond all of it
    (NaN is missing); more than `most_late` on average is a broken promise. `p95_seconds` is what was observed.
    Nothing is tolerated for another purpose, without an objective, or when errors rose.
    """

    beyond: F64
    late: F64
    most_late: float
    p95_seconds: float
    slo_seconds: float

    def tolerance(self, looked: int, test: SequentialTest) -> Tolerance:
        """Return what may be tolerated after the first `looked` windows.

        Whether a rise is bearable is a claim, so the whole interval of the share has to be inside; while the mean
        alone is inside, a rise is not called harm yet. A promise that is broken is nothing to bear.
        """
        seen, late = (shares[:looked][~np.isnan(shares[:looked])] for shares in (self.beyond, self.late))
        if not len(seen):
            return Tolerance()
        figures = {"p95_seconds": round(self.p95_seconds, 4), "slo_seconds": self.slo_seconds}
        if late.mean() > self.most_late:
            return Tolerance(broken=Message("beyond_slo_after", figures))
        if seen.mean() > MOST_BEYOND:
            return Tolerance()
        sure = test.bounds(seen).high <= MOST_BEYOND
        return Tolerance(MOST_RISE, MOST_RISE if sure else 0.0, Message("within_slo_after", figures))


NO_MARGIN = SloMargin(np.empty(0), np.empty(0), 1.0, math.nan, math.nan)


def margin_of_requests(
    goal: Goal, plugin_id: str, before: Observation, after: Observation, pair: PairedReplay
) -> SloMargin:
    """Return the margin that the requests themselves show, in the windows of `pair`."""
    if goal.slo is None or not _asked(goal) or errors_rose(before, after, plugin_id):
        return NO_MARGIN
    index = pair.grid.index(pair.after)
    counts = pair.grid.counts(index)

    def shares(limit_seconds: float) -> F64:
        slow = pair.grid.sums(index, (pair.after.sojourn > limit_seconds).astype(np.float64))
        return np.where(counts > 0, slow / np.maximum(counts, 1.0), np.nan)

    p95 = latency_figure(Metric.RESPONSE_TIME_P95_SECONDS, pair.after)
    return SloMargin(shares(SAFE_SHARE * goal.slo), shares(goal.slo), MOST_BEYOND, p95, goal.slo)


def margin_of_samples(goal: Goal, plugin_id: str, before: Observation, after: Observation, steps: int) -> SloMargin:
    """Return the margin that p95 samples show, in windows of `steps` columns: each is inside or beyond as a whole."""
    if goal.slo is None or not _asked(goal) or errors_rose(before, after, plugin_id):
        return NO_MARGIN
    p95 = gather(after.window, plugin_id, Metric.RESPONSE_TIME_P95_SECONDS, steps)
    beyond, late = (
        np.where(np.isnan(p95.values), np.nan, p95.values > limit) for limit in (SAFE_SHARE * goal.slo, goal.slo)
    )
    return SloMargin(beyond, late, MOST_LATE_WINDOWS, p95.mean, goal.slo)


def _asked(goal: Goal) -> bool:
    return goal.purpose is Purpose.SAVE and goal.metric in LATENCIES
