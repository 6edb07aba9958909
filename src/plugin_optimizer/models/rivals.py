"""Do requests take longer while those of another plugin are under way? What a database that two services share does to them.

Within the service nothing shows: its own requests hold each other up little, and more workers seem to be worth their place.
What they would be worth is told by the other plugin's requests, which take from the shared thing what a further
request of one's own would take.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..domain import Fleet, PluginView, RequestTrace
from .contention import BLOCK_SECONDS, LEAST_REQUESTS, MOST_REQUESTS, Contention, within
from .shares import QUIET_QUEUE, Shares

F64 = NDArray[np.float64]

MOST_RIVALS = 20  # those with the most requests under way; bounds the time of one look
LEAST_APART = 0.02  # variance of a rival's requests under way, within blocks and for an equal number of one's own


@dataclass(frozen=True, slots=True)
class _Company:
    """Requests in the order of their begin: [n] each. `own` and `rival` under way at that moment, itself included."""

    seconds: F64
    own: F64
    rival: F64
    block: NDArray[np.int64]


def beside_rivals(shares: Shares, trace: RequestTrace, view: PluginView, fleet: Fleet) -> Shares:
    """Return the shares of `trace` with the rivalry of other plugins, where that says more than the plugin's own.

    Looked at where requests wait for a slot, as its own is, and not among threads.
    """
    pool = view.pool
    if pool is None or pool.threads > 1 or shares.queue <= QUIET_QUEUE or len(trace) < 2 * LEAST_REQUESTS:
        return shares
    begin, end = float(trace.arrival[0]), float(trace.end.max())
    others = {name: other.trace for name, other in fleet.views.items() if name != view.plugin.plugin_id}
    found = strongest_rival(trace, pool.workers, {name: each.between(begin, end) for name, each in others.items()})
    return replace(shares, held_up=shares.held_up.stronger(found))


def strongest_rival(trace: RequestTrace, slots: int, others: Mapping[str, RequestTrace]) -> Contention:
    """Return the rivalry with that plugin which most surely slows the requests of a pool of `slots`; nothing without one."""
    rivals = sorted((n for n in others if len(others[n]) >= LEAST_REQUESTS), key=lambda n: -others[n].wall.sum())
    found = [_rivalry(trace, slots, others[name], name) for name in rivals[:MOST_RIVALS]]
    best = max(found, key=lambda each: each.deviations, default=Contention())
    return replace(best, deviations=_of_several(best.deviations, len(found)))


def _of_several(deviations: float, looks: int) -> float:
    """Return what the largest of so many deviations is worth by itself.

    Bonferroni in the tail of the normal distribution, where P(Z > z) falls as exp(-z² / 2): z² less 2 ln(looks).
    """
    return math.sqrt(max(0.0, deviations**2 - 2 * math.log(looks))) if looks > 1 and deviations > 0 else deviations


def _rivalry(trace: RequestTrace, slots: int, other: RequestTrace, name: str) -> Contention:
    """Return how surely requests are slower by each of the other's under way, and what a further own one would add.

    Least squares of the seconds on the other's requests, for an equal number of one's own and a level per block of time. With n
    under way in all and S(n) seconds each, n / S(n) are served a second; a further one adds 1 - n S' / S of what it would
    add if it slowed nobody, S' being what each further one costs.
    """
    company = _company(trace, other)
    rival, seconds = _apart(company, company.rival), _apart(company, company.seconds)
    power, free = float(rival @ rival), len(rival) - len(np.unique(company.block)) - 2
    if free < LEAST_REQUESTS or power < LEAST_APART * len(rival):
        return Contention()
    slower = float(rival @ seconds) / power
    chance = math.sqrt(float(seconds @ seconds) / free / power)
    full = company.own >= slots
    if chance <= 0 or full.sum() < LEAST_REQUESTS:
        return Contention()
    usual = float(company.seconds[full].mean())
    together = float((company.own + company.rival)[full].mean()) / max(usual, 1e-9)
    return Contention(slower / chance, 1.0 - slower * together, chance * together, rival=name)


def _company(trace: RequestTrace, other: RequestTrace) -> _Company:
    begin = trace.end - trace.wall
    order = np.argsort(begin, kind="stable")[-MOST_REQUESTS:]
    begin, seconds = begin[order], (trace.wall - trace.run_delay)[order]
    own = 1.0 + _under_way(trace, begin)
    return _Company(seconds, own, _under_way(other, begin), ((begin - begin[0]) // BLOCK_SECONDS).astype(np.int64))


def _under_way(trace: RequestTrace, moments: F64) -> F64:
    """Return how many requests had begun before each moment and had not ended: [moments]."""
    begin = np.sort(trace.end - trace.wall)
    begun = np.searchsorted(begin, moments, side="left")
    ended = np.searchsorted(np.sort(trace.end), moments, side="right")
    return np.maximum(0.0, (begun - ended).astype(np.float64))


def _apart(company: _Company, values: F64) -> F64:
    """Return what the level of the block and the number of one's own requests leave unexplained of `values`."""
    rest, own = within(values, company.block), within(company.own, company.block)
    power = float(own @ own)
    return rest - own * (float(own @ rest) / power) if power > 0 else rest
