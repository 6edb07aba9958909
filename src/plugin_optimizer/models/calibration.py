"""How well predictions held, and by how much the next ones' intervals are to be widened for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import erf, sqrt
from statistics import median

from .proportions import Z80, Z95, wilson

LEVEL = 0.8  # what an interval claims to hold
PRIOR_OUTCOMES = 5.0  # the model's own claim counts as that many outcomes: one miss alone moves little
LARGEST_WIDENING = 10.0  # beyond it the figure says nothing anyway
BISECTIONS = 60

Test = Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class Compared:
    """One fair comparison: whether the interval that people saw held, and where the outcome lay in the model's own.

    `misfit` is in half widths of the model's own interval (1 is its end), `deviation` a log ratio or, of shares, points.
    """

    held: bool
    held_by_model: bool
    misfit: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a number of comparisons say together.

    `[low, high]` is the 95 % interval of the rate at which intervals hold; `bias` the median deviation (None
    without any); `widening` the factor for the model's next intervals, at least 1; `trust` that for its confidence.
    """

    count: int
    held: int
    held_by_model: int
    low: float
    high: float
    bias: float | None
    widening: float
    trust: float


def calibration_of(compared: Sequence[Compared]) -> Calibration:
    """Return what the comparisons say, whatever their order."""
    count, held = len(compared), sum(each.held for each in compared)
    low, high = wilson(held, count, Z95)
    widening = widening_of([each.misfit for each in compared])
    return Calibration(
        count=count,
        held=held,
        held_by_model=sum(each.held_by_model for each in compared),
        low=low,
        high=high,
        bias=median(each.deviation for each in compared) if compared else None,
        widening=widening,
        trust=1 / sqrt(widening),
    )


def widening_of(misfits: Sequence[float]) -> float:
    """Return the factor that makes the next interval hold with probability 0.8, as far as the outcomes can say.

    It is the 80 % quantile of what is believed of the next misfit: the outcomes with weight 1 each, the model's
    claim (a half normal that lies below 1 in 80 %) with the weight of 5, and, as split conformal prediction has it,
    the outcome to come at infinity, with weight n / (n + 5). Without outcomes it is 1; with many of them it is
    the conformal quantile, which holds whatever the model's error is like as long as outcomes are exchangeable.
    Never below 1: a run of hits is no proof that a model is too modest, and a narrow interval costs more than a
    wide one.

    | outcomes                                 | factor                  |
    |------------------------------------------|-------------------------|
    | none, or all inside                      | 1                       |
    | one, by far outside                      | 1.9                     |
    | two, both outside                        | the smaller misfit      |
    | 3 of 8 inside, misses at 1.5             | 1.5                     |
    | 100, true deviation twice the claimed    | about 2                 |

    Sources: Lei, G'Sell, Rinaldo, Tibshirani, Wasserman, Distribution-free predictive inference for regression
    (JASA 2018), section 2.2; Ferguson, A Bayesian analysis of some nonparametric problems (1973), for the weights.
    """
    ordered, count = sorted(misfits), len(misfits)
    needed = LEVEL * (count + PRIOR_OUTCOMES + count / (count + PRIOR_OUTCOMES))

    def enough(factor: float) -> bool:
        inside = sum(misfit <= factor for misfit in ordered)
        return inside + PRIOR_OUTCOMES * _claimed_below(factor) >= needed - 1e-9

    return 1.0 if enough(1.0) else _least(enough, ordered)


def _least(enough: Test, ordered: Sequence[float]) -> float:
    """Return the least factor that is enough; it lies at a misfit or between two of them."""
    low = 1.0
    for high in (*(misfit for misfit in ordered if 1.0 < misfit < LARGEST_WIDENING), LARGEST_WIDENING):
        if enough(high):
            return _between(enough, low, high)
        low = high
    return LARGEST_WIDENING


def _between(enough: Test, low: float, high: float) -> float:
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _claimed_below(misfit: float) -> float:
    """Return the probability that the model itself gives to a misfit below this one."""
    return erf(misfit * Z80 / sqrt(2))
