"""One minute of every watched series: what its counts are worth, and how unusual it is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..domain import Unusualness
from ..models.anomaly import CLASSES, Pace, Scores, State, advance, hour_of_week
from .attention import Attention
from .minutes import ERRORS, LEAST_EFFECT, LOAD, MINUTE_SECONDS, P95, PLACE, WATCHED

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]

PACE = Pace.of(MINUTE_SECONDS)
KINDS = tuple(Unusualness(name) for name in CLASSES)
LEAST = np.array([LEAST_EFFECT[metric] for metric in WATCHED], np.float32)
LEAST_REQUESTS = 20.0  # in a minute; the p95 of fewer is the slowest request


def step(state: State, at: float, values: F64, offset_seconds: float) -> Scores:
    """Advance all series by the minute that ends at `at`. `values` is [plugins, 6]; series lie plugin by plugin."""
    expected = state.mean.reshape(values.shape).astype(np.float64)
    known, noise = with_noise(values, expected)
    count = values.size
    hour = np.broadcast_to(hour_of_week(at, offset_seconds), (count,))
    least = np.tile(LEAST, len(values))
    times = np.full(count, at)
    return advance(state, times, known.ravel(), hour, PACE, least, noise.ravel().astype(np.float32))


def factors_of(names: Sequence[str], attention: Attention) -> F32:
    """Return what scores are multiplied by, one over the bar: [4, series] in the order of KINDS; 1 where none is set."""
    plain = np.array([1 / attention.bars.get(name, 1.0) for name in names], np.float32).repeat(len(WATCHED))
    factors = np.tile(plain, (len(KINDS), 1))
    if attention.raised:
        rows = {name: row * len(WATCHED) for row, name in enumerate(names)}
        for (name, metric, kind), bar in attention.raised.items():
            if name in rows and metric in PLACE:
                factors[KINDS.index(kind), rows[name] + PLACE[metric]] /= bar
    return factors


def with_noise(values: F64, expected: F64) -> tuple[F64, F64]:
    """Return values and what chance alone makes of each. Shapes: all [plugins, 6]; `expected` is what was usual so far.

    Counts know their own noise: of n requests a minute a share p of errors has the standard deviation √(p(1 − p)/n), a
    rate of λ per second √(λ/60). The p95 of fewer than twenty requests is no p95 (NaN).
    """
    known = values.copy()
    requests = np.nan_to_num(values[:, LOAD] * MINUTE_SECONDS)
    known[requests < LEAST_REQUESTS, P95] = np.nan
    known[requests < 1, ERRORS] = np.nan
    noise = np.zeros_like(values)
    some = np.maximum(requests, 1.0)
    share = np.clip(np.maximum(expected[:, ERRORS], 1 / some), 0.0, 0.5)
    noise[:, ERRORS] = np.sqrt(share * (1 - share) / some)
    noise[:, LOAD] = np.sqrt(np.maximum(expected[:, LOAD], 0.0) / MINUTE_SECONDS)
    return known, noise
