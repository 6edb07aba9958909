"""How far an outcome lies from its prediction, in units of the predicted interval; and that interval made wider.

Times, bytes and rates are compared as ratios (on the log scale), shares of one as differences.
"""

from dataclasses import replace
from math import exp, inf, isfinite, log

from ..domain import Metric, Prediction

SHARES = frozenset(
    {
        *(Metric.ERROR_RATIO, Metric.CACHE_HIT_RATIO, Metric.BUSY_RATIO, Metric.CPU_RATIO, Metric.MEMORY_RATIO),
        Metric.THROTTLED_RATIO,
    }
)
LEAST_SHARE = 1e-3  # of what was expected: what is smaller, or zero, counts as this where a logarithm is taken
LEAST_HALF = {True: 1e-4, False: 1e-3}  # of an interval without width: points of a share, or log units
JUST_OUTSIDE = 1.001
LARGEST_LOG = 700.0


def is_share(metric: Metric) -> bool:
    """Tell whether the metric is compared by difference instead of by ratio."""
    return metric in SHARES


def usable(prediction: Prediction) -> bool:
    """Tell whether there is an interval that an outcome can be compared with."""
    finite = all(isfinite(value) for value in (prediction.expected, prediction.low, prediction.high))
    return finite and prediction.low <= prediction.high and (is_share(prediction.metric) or prediction.expected > 0)


def holds(prediction: Prediction, observed: float) -> bool:
    """Tell whether the interval holds the outcome."""
    return prediction.low <= observed <= prediction.high


def deviation(prediction: Prediction, observed: float) -> float:
    """Return log(observed / expected); for shares observed - expected."""
    return _placed(prediction, observed) - _placed(prediction, prediction.expected)


def misfit(prediction: Prediction, observed: float) -> float:
    """Return the distance from the expected value in half widths of that side of the interval: 1 is its end.

    An interval widened by this reaches to the outcome. What is held is at most 1 away, what is missed more than 1,
    however narrow the interval.
    """
    offset = _placed(prediction, observed) - _centre(prediction)
    down, up = _halves(prediction)
    distance = offset / up if offset > 0 else -offset / down
    return min(distance, 1.0) if holds(prediction, observed) else max(distance, JUST_OUTSIDE)


def widened(prediction: Prediction, factor: float) -> Prediction:
    """Return the prediction with both halves of its interval multiplied by `factor`; never a narrower one."""
    if not factor > 1 or not usable(prediction):
        return prediction
    centre, (down, up) = _centre(prediction), _halves(prediction)
    low, high = (_valued(prediction, end) for end in (centre - factor * down, centre + factor * up))
    if is_share(prediction.metric):
        low, high = max(0.0, low), min(max(1.0, prediction.high), high)
    return replace(prediction, low=min(prediction.low, low), high=max(prediction.high, high))


def _placed(prediction: Prediction, value: float) -> float:
    if is_share(prediction.metric):
        return value
    return log(max(value, LEAST_SHARE * prediction.expected))


def _valued(prediction: Prediction, place: float) -> float:
    if is_share(prediction.metric):
        return place
    return exp(place) if place < LARGEST_LOG else inf


def _centre(prediction: Prediction) -> float:
    """Return the expected value's place, within the interval in any case."""
    return _placed(prediction, min(max(prediction.expected, prediction.low), prediction.high))


def _halves(prediction: Prediction) -> tuple[float, float]:
    centre, least = _centre(prediction), LEAST_HALF[is_share(prediction.metric)]
    down, up = centre - _placed(prediction, prediction.low), _placed(prediction, prediction.high) - centre
    return max(down, least), max(up, least)
