"""How sure a share of a few requests is."""

from math import exp, lgamma, log, log1p, sqrt

Z80, Z95 = 1.2816, 1.96  # two-sided normal quantiles


def wilson(hits: float, count: float, z: float = Z80) -> tuple[float, float]:
    """Return the interval of a share (80 % by default); (0, 1) where nothing was counted.

    Source: Wilson, Probable inference (1927); Brown, Cai, DasGupta, Interval estimation for a proportion (2001).
    """
    if count <= 0:
        return 0.0, 1.0
    share, bend = hits / count, z * z / count
    centre = (share + bend / 2) / (1 + bend)
    half = z / (1 + bend) * sqrt(max(0.0, share * (1 - share) / count + bend / (4 * count)))
    return max(0.0, centre - half), min(1.0, centre + half)


def binomial_tail(hits: int, count: int, probability: float) -> float:
    """Return P(X >= hits) for X ~ Binomial(count, probability), exact to the rounding of the sum."""
    if hits <= 0:
        return 1.0
    if probability <= 0.0 or hits > count:
        return 0.0
    if probability >= 1.0:
        return 1.0
    ratio = log(probability) - log1p(-probability)
    term = lgamma(count + 1) - lgamma(hits + 1) - lgamma(count - hits + 1)
    term += hits * log(probability) + (count - hits) * log1p(-probability)
    total = 0.0
    for k in range(hits, count + 1):
        total += exp(term)
        if k == count or (total > 0 and exp(term) < total * 1e-15 and k > count * probability):
            break
        term += log(count - k) - log(k + 1) + ratio
    return min(1.0, total)
