"""How long two values have to take turns until one look at their pairs says something: the plan of a switchback."""

from dataclasses import dataclass
from math import ceil, inf, isfinite, pi
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ..domain import Message, Metric, RequestTrace
from ..domain.comparison import Comparison
from .block_values import FROM_REQUESTS, log_value, planned_requests, request_value
from .signed_ranks import least_pairs

F64 = NDArray[np.float64]

# Facts on verification, section 7
LEAST_PAIRS = 6
LEAST_BLOCK_SECONDS = 8.0
SETTLES_PER_BLOCK = 5
DROPPED = ((8.0, 30.0), (1.5, 5.0))  # seconds of a block, and of its beginning that are not looked at
POWER = 0.8
RANKS_LOSE = pi / 3  # times the pairs that a test by the mean would need, if differences are normal
LEAST_BLOCKS = 6  # of the past, to say how much blocks differ by themselves
FEW_BLOCKS = 1.5  # a deviation of n blocks is itself a guess: times (1 + 1.5 / n), as in `confidence`


@dataclass(frozen=True, slots=True)
class BlockShape:
    """How long a block is, and what of its beginning is not looked at. Both in seconds."""

    seconds: float
    dropped_seconds: float


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be found out: a log ratio of `effect`, where nothing is claimed within ±`band` (log as well).

    `deviation` is the standard deviation of the log ratio of two neighbouring blocks, `alpha` the chance of a wrong
    claim.
    """

    effect: float
    band: float
    deviation: float
    alpha: float

    @property
    def distance(self) -> float:
        """Return how far the effect lies from the edge of the band that a verdict has to clear."""
        return abs(abs(self.effect) - self.band)


def block_shape(settle_seconds: float, requests_per_second: float, metric: Metric) -> BlockShape:
    """Return blocks of five times the time to settle, at least 8 s, that hold the requests the metric needs.

    | settle | requests/s | metric | block | dropped |
    |--------|------------|--------|-------|---------|
    | 1 s    | 20         | mean   | 8 s   | 1.5 s   |
    | 6 s    | 20         | mean   | 30 s  | 6 s     |
    | 1 s    | 5          | p95    | 25 s  | 4.2 s   |
    Raises no error for a plugin without requests: its blocks are infinite, and so is what they cost.
    """
    least = max(LEAST_BLOCK_SECONDS, SETTLES_PER_BLOCK * settle_seconds)
    wanted = planned_requests(metric) / requests_per_second if requests_per_second > 0 else inf
    if not isfinite(wanted):
        return BlockShape(inf, 0.0)
    seconds = ceil(least)
    while seconds - _dropped(seconds, settle_seconds) < wanted:
        seconds = ceil(max(seconds + 1, wanted))
    return BlockShape(float(seconds), _dropped(seconds, settle_seconds))


def pair_deviation(metric: Metric, trace: RequestTrace, shape: BlockShape) -> float:
    """Return the deviation of the log ratio of two neighbouring blocks while nothing is changed; NaN where too
    little was seen, and for metrics that requests do not tell. The trace is cut into such blocks, which is the
    comparison of a value with itself.
    """
    if metric not in FROM_REQUESTS or len(trace) < 2 or not isfinite(shape.seconds):
        return float("nan")
    begin, level = float(trace.arrival[0]), request_value(metric, trace)
    count = int((float(trace.arrival[-1]) - begin) // shape.seconds)
    begins = begin + shape.seconds * np.arange(count)
    blocks = (trace.between(at + shape.dropped_seconds, at + shape.seconds) for at in begins.tolist())
    values = np.array([log_value(metric, block, level) for block in blocks])
    return deviation_of_neighbours(values)


def deviation_of_neighbours(values: F64) -> float:
    """Return the deviation of the difference of two neighbours of `values` ([n], NaN is missing); NaN for few."""
    steps = np.diff(values)
    steps = steps[~np.isnan(steps)]
    if len(steps) < LEAST_BLOCKS - 1:
        return float("nan")
    return float(np.sqrt(np.mean(steps**2)) * (1 + FEW_BLOCKS / len(steps)))


def pairs_needed(question: Question, power: float = POWER) -> float:
    """Return how many pairs find the effect in `power` of all cases (inf where it lies on the edge of the band).

    | distance / deviation | 2 | 1  | 0.5 | 0.25 |
    |----------------------|---|----|-----|------|
    | pairs (alpha 0.05)   | 6 | 11 | 35  | 134  |
    Source: Noether, Sample size determination for some common nonparametric tests (1987), by the efficiency of the
    test for normal differences; Guenther, Sample size formulas for normal theory t tests (1981), for few pairs.
    """
    least = max(LEAST_PAIRS, least_pairs(question.alpha))
    if question.deviation == 0:
        return least if question.distance > 0 else inf
    if not question.distance > 0:
        return inf
    sure, found = (NormalDist().inv_cdf(p) for p in (1 - question.alpha / 2, power))
    normal = ((sure + found) * question.deviation / question.distance) ** 2 + sure**2 / 2
    return max(least, ceil(normal * RANKS_LOSE))


def plan_switchback(
    question: Question, shape: BlockShape, turn_seconds: float, most_seconds: float, seed: int
) -> Comparison | Message:
    """Return the comparison that answers the question, or why it is not to be asked.

    | what is known                                       | answer                                       |
    |-----------------------------------------------------|----------------------------------------------|
    | not how much blocks differ by themselves            | `comparison_no_past`                         |
    | not even the least pairs fit into `most_seconds`    | `comparison_too_long`                        |
    | more pairs than fit                                 | `effect_too_small_to_ask`, with what it takes |
    | otherwise                                           | the comparison                               |
    """
    if not isfinite(question.deviation):
        return Message("comparison_no_past")
    pair_seconds = 2 * (shape.seconds + turn_seconds)
    least = max(LEAST_PAIRS, least_pairs(question.alpha))
    if least * pair_seconds > most_seconds:
        seconds = least * pair_seconds if isfinite(pair_seconds) else None
        return Message("comparison_too_long", {"needed_seconds": seconds, "limit_seconds": most_seconds})
    pairs = pairs_needed(question)
    if pairs * pair_seconds > most_seconds:
        figures = {"needed_seconds": pairs * pair_seconds if isfinite(pairs) else None, "limit_seconds": most_seconds}
        ratio = round(float(np.exp(question.effect)), 4)
        return Message("effect_too_small_to_ask", {"effect_ratio": ratio, **figures})
    return Comparison(seed, int(pairs), shape.seconds, shape.dropped_seconds, turn_seconds)


def _dropped(block_seconds: float, settle_seconds: float) -> float:
    """Return what is dropped of a block: 1.5 s of 8 s to 5 s of 30 s, never less than the time to settle."""
    return max(settle_seconds, float(np.interp(block_seconds, *DROPPED)))
