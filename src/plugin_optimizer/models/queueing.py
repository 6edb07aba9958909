"""Queueing formulas: the cross-check beside the replay. They catch wrong traces; they do not decide."""

from math import exp

import numpy as np
from numpy.typing import NDArray

from ..domain import InvalidValue

F64 = NDArray[np.float64]

FORMULA_HOLDS = 0.8  # utilisation below which replay and formula should agree
DOUBTFUL_RATIO = 2.0
LEAST_WAIT_SHARE = 0.1


def erlang_c(load: float, servers: int) -> float:
    """Return the probability that a request has to wait: 0…1, and 1 where `load` (erlangs) >= `servers`.

    Source: Erlang (1917), by the recursion B_k = a·B_{k−1} / (k + a·B_{k−1}), C = B / (1 − ρ(1 − B)).
    """
    if load < 0 or servers < 1:
        raise InvalidValue(f"expected a load >= 0 and at least 1 server, not {load:g} and {servers}")
    if load >= servers:
        return 1.0
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked / (1.0 - load / servers * (1.0 - blocked))


def waits_longer(seconds: float, rate: float, service_seconds: float, servers: int) -> float:
    """Return the probability that a request of M/M/c waits longer than `seconds`: C·exp(−(cμ − λ)t), 1 in overload."""
    load = rate * service_seconds
    if load >= servers:
        return 1.0
    if service_seconds <= 0:
        return 0.0
    return erlang_c(load, servers) * exp(-(servers / service_seconds - rate) * max(0.0, seconds))


def doubtful(replayed_wait: float, formula_wait: float, utilisation: float, service_seconds: float) -> bool:
    """Say whether replay and formula disagree so much that the trace itself is suspect (lost requests, wrong waits).

    More than a factor of 2 below a utilisation of 0.8, where the formula holds; waits below a tenth of the service
    are too short to compare. NaN is no doubt. Source: facts on workers, section 8.
    """
    if utilisation >= FORMULA_HOLDS:
        return False
    floor = LEAST_WAIT_SHARE * service_seconds
    low, high = sorted((replayed_wait, formula_wait))
    return high > floor and high > DOUBTFUL_RATIO * max(low, floor)


def allen_cunneen_wait(arrival: F64, service: F64, servers: int) -> float:
    """Return the mean wait in seconds from measured gaps and services; inf where the load exceeds the servers.

    W ≈ C / (cμ − λ) · (SCV of gaps + SCV of services) / 2; exact for M/M/c. NaN for fewer than three requests.
    Source: Allen, Probability, Statistics and Queueing Theory (1990), section 5.3.
    """
    if len(arrival) < 3:
        return float("nan")
    gaps = np.diff(arrival)
    rate, seconds = 1.0 / max(float(gaps.mean()), 1e-12), float(service.mean())
    load = rate * seconds
    if load >= servers or seconds <= 0:
        return float("inf") if seconds > 0 else 0.0
    variability = (_squared_variation(gaps) + _squared_variation(service)) / 2
    return erlang_c(load, servers) / (servers / seconds - rate) * variability


def _squared_variation(values: F64) -> float:
    mean = float(values.mean())
    return float(values.var()) / mean**2 if mean > 0 else 0.0
