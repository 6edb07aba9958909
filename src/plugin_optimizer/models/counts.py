"""Exact intervals of counts: how the rate of failures after compares with the rate before."""

import math
from functools import lru_cache

from .proportions import binomial_tail

BISECTIONS = 50  # halves [0, 1] down to the precision of a float


def share_interval(hits: int, count: int, alpha: float) -> tuple[float, float]:
    """Return the exact interval of a share; (0, 1) where nothing was counted.

    Source: Clopper, Pearson, The use of confidence or fiducial limits illustrated in the case of the
    binomial (Biometrika 1934). Behaviour: 0 of n gives (0, 1 - (alpha/2)**(1/n)).
    """
    if count == 0:
        return 0.0, 1.0
    low = 0.0 if hits == 0 else _crossing(hits, count, alpha / 2)
    high = 1.0 if hits == count else 1.0 - _crossing(count - hits, count, alpha / 2)
    return low, high


@lru_cache(maxsize=4096)  # a judge asks again at every look what it asked at the looks before
def rate_ratio_interval(before: tuple[float, float], after: tuple[float, float], alpha: float) -> tuple[float, float]:
    """Return the exact interval of the ratio of two rates, each given as (events, exposure).

    Given how many events there were in all, those after are binomial whatever the common rate was. Counts
    are rounded down. (0, inf) without any event.
    Source: Przyborowski, Wilenski, Homogeneity of results in testing samples from Poisson series (1940).
    """
    if before[1] <= 0 or after[1] <= 0:
        return 0.0, math.inf
    events = math.floor(before[0]) + math.floor(after[0])
    low, high = share_interval(math.floor(after[0]), events, alpha)
    exposure = before[1] / after[1]
    upper = math.inf if high >= 1 else high / (1 - high) * exposure
    return (math.inf if low >= 1 else low / (1 - low) * exposure), upper


def _crossing(hits: int, count: int, target: float) -> float:
    """Return the probability at which `hits` or more of `count` have the chance `target`."""
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if binomial_tail(hits, count, middle) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2
