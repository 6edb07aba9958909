"""Which slice of the traffic explains a rise: combinations of request attributes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

Pair = tuple[str, str]

SHARE_WEIGHT = 0.8  # share says how much of the rise a slice explains, the rest is how pure it is
PRIOR_REQUESTS = 5.0  # shrinks the history of rare slices towards the ratio of all
MOST_PAIRS = 30  # single attributes from which combinations are built, those with the largest excess


@dataclass(frozen=True, slots=True)
class Leaf:
    """One full combination of attributes: requests and bad ones, now and before."""

    values: tuple[Pair, ...]
    requests: float
    bad: float
    requests_before: float
    bad_before: float


@dataclass(frozen=True, slots=True)
class Slice:
    """A combination of attributes, the share of the excess it explains and the share of its requests that is excess."""

    values: tuple[Pair, ...]
    score: float
    excess_share: float
    concentration: float
    requests: float
    bad: float


def rank_slices(leaves: Sequence[Leaf], dimensions: int = 3) -> list[Slice]:
    """Return the slices of up to `dimensions` attributes that explain the rise, best first; empty without a rise.

    excess = bad − r·requests with r the history's ratio shrunk by five requests; score = (share of the whole
    excess)^0.8 · (excess / requests)^0.2. Ties go to fewer attributes, then to the alphabet. Slices that cover
    the same requests as a shorter one are left out: they say no more.
    """
    ratio = _ratio_before(leaves)
    singles = _excess(leaves, ({(pair,) for leaf in leaves for pair in leaf.values}), ratio)
    names = {pair[0] for leaf in leaves for pair in leaf.values}
    total = max(sum(excess for excess, _ in singles.values()) / max(1, len(names)), 1e-9)
    best = sorted(singles, key=lambda values: -singles[values][0])[:MOST_PAIRS]
    candidates = set(singles)
    for size in range(2, dimensions + 1):
        candidates |= _combined([values[0] for values in best], size)
    found = _excess(leaves, candidates, ratio)
    ranked = [_slice(values, excess, leaf, total) for values, (excess, leaf) in found.items()]
    ranked.sort(key=lambda s: (-round(s.score, 9), len(s.values), s.values))
    return _distinct(ranked)


def _ratio_before(leaves: Sequence[Leaf]) -> float:
    requests = sum(leaf.requests_before for leaf in leaves)
    return sum(leaf.bad_before for leaf in leaves) / requests if requests > 0 else 0.0


def _combined(pairs: Sequence[Pair], size: int) -> set[tuple[Pair, ...]]:
    chosen = (tuple(sorted(group)) for group in combinations(pairs, size))
    return {group for group in chosen if len({name for name, _ in group}) == size}


def _excess(
    leaves: Sequence[Leaf], candidates: Iterable[tuple[Pair, ...]], ratio: float
) -> Mapping[tuple[Pair, ...], tuple[float, Leaf]]:
    """Return the slices with a positive excess, each with its excess and its sums."""
    sets = [(leaf, set(leaf.values)) for leaf in leaves]
    found = {}
    for values in candidates:
        inside = [leaf for leaf, own in sets if own.issuperset(values)]
        total = Leaf(
            values,
            sum(leaf.requests for leaf in inside),
            sum(leaf.bad for leaf in inside),
            sum(leaf.requests_before for leaf in inside),
            sum(leaf.bad_before for leaf in inside),
        )
        history = (total.bad_before + PRIOR_REQUESTS * ratio) / (total.requests_before + PRIOR_REQUESTS)
        excess = total.bad - history * total.requests
        if excess > 0:
            found[values] = (excess, total)
    return found


def _slice(values: tuple[Pair, ...], excess: float, leaf: Leaf, total: float) -> Slice:
    share, purity = excess / total, excess / max(leaf.requests, 1e-9)
    score = share**SHARE_WEIGHT * purity ** (1 - SHARE_WEIGHT)
    return Slice(values, score, min(1.0, share), min(1.0, purity), leaf.requests, leaf.bad)


def _distinct(ranked: Sequence[Slice]) -> list[Slice]:
    kept: list[Slice] = []
    for one in ranked:
        same = (k for k in kept if k.requests == one.requests and k.bad == one.bad and set(k.values) < set(one.values))
        if not any(same):
            kept.append(one)
    return kept
