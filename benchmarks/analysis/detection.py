"""The shipped configuration on both corpora, each class alone and all together, beside peers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.models.anomaly import CLASSES

from .corpora import Labelled
from .fleets import rested, scores_of
from .libraries import installed, river_trees
from .peers import CLOCK, CLOCKS, PEERS, clock_of
from .scoring import EventScore, NabScore, event_score, nab_score

F64 = NDArray[np.float64]
Judged = TypeVar("Judged", NabScore, EventScore)
RIVER = "river half-space trees"
BARS, MOST_SHARE = 30, 0.05  # bars that are tried for a peer, and the share of rows that may be beyond the lowest


@dataclass(frozen=True, slots=True)
class Row:
    """`fitted`: the bar of a peer was chosen on these very labels, for each column the best one; ours never is.

    `cloud` is by the definition of the corpus' scores, every row at or above the bar; `told` of the alerts that are left
    after the rest between them.
    """

    name: str
    fitted: bool
    nab: NabScore | None
    low_fp: float | None
    cloud: EventScore | None
    told: EventScore | None


def measure(nab: Sequence[Labelled], cloud: Sequence[Labelled], peers: Iterable[str]) -> list[Row]:
    """Return ours, by class, then the peers."""
    ours = [scores_of(nab), scores_of(cloud)]
    rows = [_ours("any class", nab, cloud, ours, lambda s: s.max(axis=0))]
    for place, name in enumerate(CLASSES):
        rows.append(_ours(name, nab, cloud, ours, partial(_one_class, place)))
    names = [*peers, *([RIVER] if installed("river") else [])]
    return [*rows, *(_peer(name, nab, cloud) for name in names)]


def _one_class(place: int, scores: NDArray[np.float32]) -> NDArray[np.float32]:
    return scores[place]


def _ours(
    name: str,
    nab: Sequence[Labelled],
    cloud: Sequence[Labelled],
    scores: Sequence[Sequence[NDArray[np.float32]]],
    pick: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> Row:
    told = [
        [rested(pick(found), one.step_seconds) for one, found in zip(series, own, strict=True)]
        for series, own in zip((nab, cloud), scores, strict=True)
    ]
    scored = nab_score(nab, told[0]) if nab else None
    beyond = [np.flatnonzero(pick(found) >= 1) for found in scores[1]]
    events = (event_score(cloud, beyond), event_score(cloud, told[1])) if cloud else (None, None)
    return Row(name, False, scored, scored.low_fp if scored else None, *events)


def _clock(nab: Sequence[Labelled], cloud: Sequence[Labelled]) -> Row:
    """Return the luckiest of twelve blind clocks, for each column."""
    told = [[[np.flatnonzero(clock_of(one, n)) for one in s] for s in (nab, cloud)] for n in range(CLOCKS)]
    by_nab = [nab_score(nab, rows) for rows, _ in told] if nab else []
    by_cloud = [event_score(cloud, rows) for _, rows in told] if cloud else []
    luckiest = max(by_cloud, key=lambda s: s.f1, default=None)
    return Row(
        "blind clock",
        True,
        max(by_nab, key=lambda s: s.standard, default=None),
        max((s.low_fp for s in by_nab), default=None),
        luckiest,
        luckiest,
    )


def _peer(name: str, nab: Sequence[Labelled], cloud: Sequence[Labelled]) -> Row:
    if name == CLOCK:
        return _clock(nab, cloud)
    judged = river_trees if name == RIVER else PEERS[name]
    nab_scores, cloud_scores = ([judged(one) for one in series] for series in (nab, cloud))
    standard = _best(nab, nab_scores, rested, lambda alerts: nab_score(nab, alerts), lambda s: s.standard)
    low = _best(nab, nab_scores, rested, lambda alerts: nab_score(nab, alerts), lambda s: s.low_fp)
    beyond, told = (
        _best(cloud, cloud_scores, alerts_of, lambda alerts: event_score(cloud, alerts), lambda s: s.f1)
        for alerts_of in (_every_row, rested)
    )
    return Row(name, True, standard, low.low_fp if low else None, beyond, told)


def _every_row(score: F64, _step_seconds: float, bar: float) -> NDArray[np.int64]:
    return np.flatnonzero(score >= bar)


def _best(
    series: Sequence[Labelled],
    scores: Sequence[F64],
    alerts_of: Callable[[F64, float, float], NDArray[np.int64]],
    judge: Callable[[list[NDArray[np.int64]]], Judged],
    worth: Callable[[Judged], float],
) -> Judged | None:
    """Return the score at the bar that suits these labels best: what a peer could at most have got."""
    if not series:
        return None
    pooled = np.sort(np.concatenate([s[s > 0] for s in scores]))[::-1]
    most = min(len(pooled), max(2, int(MOST_SHARE * sum(len(s) for s in scores))))
    places = np.unique(np.geomspace(min(10, most), most, BARS).astype(np.int64)) - 1
    tried = [
        judge([alerts_of(s, one.step_seconds, bar) for one, s in zip(series, scores, strict=True)])
        for bar in np.unique(pooled[places])
    ]
    return max(tried, key=worth)
