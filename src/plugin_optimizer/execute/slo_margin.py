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
MOST_RISE = math.log(1.25)  # what a saving may add to response times at most, on the log scale


@dataclass(frozen=True, slots=True)
class SloMargin:
    """`beyond` ([n]): per window after the change the share beyond 80 % of the objective (NaN is missing);
    `p95_seconds` what was observed. Nothing is tolerated for another purpose, without an objective, or when errors rose.
    """

    beyond: F64
    p95_seconds: float
    slo_seconds: float

    def tolerance(self, looked: int, test: SequentialTest) -> Tolerance:
        """Return what may be tolerated after the first `looked` windows.

        Whether a rise is bearable is a claim, so the whole interval of the share has to be inside; while the mean
        alone is inside, a rise is not called harm yet.
        """
        seen = self.beyond[:looked]
        seen = seen[~np.isnan(seen)]
        if not len(seen) or seen.mean() > MOST_BEYOND:
            return Tolerance()
        sure = test.bounds(seen).high <= MOST_BEYOND
        figures = {"p95_seconds": round(self.p95_seconds, 4), "slo_seconds": self.slo_seconds}
        return Tolerance(MOST_RISE, MOST_RISE if sure else 0.0, Message("within_slo_after", figures))


NO_MARGIN = SloMargin(np.empty(0), math.nan, math.nan)


def margin_of_requests(
    goal: Goal, plugin_id: str, before: Observation, after: Observation, pair: PairedReplay
) -> SloMargin:
    """Return the margin that the requests themselves show, in the windows of `pair`."""
    if goal.slo is None or not _asked(goal) or errors_rose(before, after, plugin_id):
        return NO_MARGIN
    index = pair.grid.index(pair.after)
    slow = pair.grid.sums(index, (pair.after.sojourn > SAFE_SHARE * goal.slo).astype(np.float64))
    counts = pair.grid.counts(index)
    beyond = np.where(counts > 0, slow / np.maximum(counts, 1.0), np.nan)
    return SloMargin(beyond, latency_figure(Metric.RESPONSE_TIME_P95_SECONDS, pair.after), goal.slo)


def margin_of_samples(goal: Goal, plugin_id: str, before: Observation, after: Observation, steps: int) -> SloMargin:
    """Return the margin that p95 samples show, in windows of `steps` columns: each is inside or beyond as a whole."""
    if goal.slo is None or not _asked(goal) or errors_rose(before, after, plugin_id):
        return NO_MARGIN
    p95 = gather(after.window, plugin_id, Metric.RESPONSE_TIME_P95_SECONDS, steps)
    beyond = np.where(np.isnan(p95.values), np.nan, p95.values > SAFE_SHARE * goal.slo)
    return SloMargin(beyond, p95.mean, goal.slo)


def _asked(goal: Goal) -> bool:
    return goal.purpose is Purpose.SAVE and goal.metric in LATENCIES
