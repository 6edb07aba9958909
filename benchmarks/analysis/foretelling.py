"""Forecasts beside "as now" on stretches of real series, whether their bands hold, and breaches of a limit."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.models.horizon import foretell_each
from plugin_optimizer.models.limit_chance import limit_chance

from .corpora import Labelled

F64 = NDArray[np.float64]

KNOWN, AHEAD = 240, (1, 12, 60)
LIMIT_AHEAD = 60
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Error over that of the last value (mean of scaled errors), and how often the 80 % band held.

    `real` is the same ratio without the series that the corpora call artificial.
    """

    ahead: int
    ratio: float
    real: float
    median_24: float
    coverage: float
    windows: int


@dataclass(frozen=True, slots=True)
class Stretches:
    """`past` is [n, 240], `future` [n, 60]; `day_rows` [n] are the rows of a day, `artificial` [n] tells what nobody measured."""

    past: F64
    future: F64
    day_rows: NDArray[np.int64]
    artificial: NDArray[np.bool_]


def forecasts(series: Sequence[Labelled], windows: int, seed: int) -> list[Forecasts]:
    """Return errors over stretches drawn evenly from the series, 240 rows known each."""
    drawn = stretches(series, windows, seed)
    past = drawn.past
    scale = np.maximum(np.abs(np.diff(past, axis=1)).mean(axis=1), 1e-9)
    found = []
    for told, ahead in zip(_foretold(drawn), AHEAD, strict=True):
        actual = drawn.future[:, ahead - 1]
        last = np.abs(actual - past[:, -1]) / scale
        error = np.abs(actual - told[0]) / scale
        middle = np.abs(actual - np.median(past[:, -24:], axis=1)) / scale
        held = float(((actual >= told[1]) & (actual <= told[2])).mean())
        real = ~drawn.artificial
        ratios = (error.mean() / last.mean(), error[real].mean() / last[real].mean(), middle.mean() / last.mean())
        found.append(Forecasts(ahead, *(float(r) for r in ratios), held, len(past)))
    return found


def _foretold(drawn: Stretches) -> list[F64]:
    """Return expected, low and high for each distance, [3, n]: stretches of one step together, since they share their day."""
    told = [np.empty((3, len(drawn.past))) for _ in AHEAD]
    for day in np.unique(drawn.day_rows).tolist():
        own = drawn.day_rows == day
        for place, found in enumerate(foretell_each(drawn.past[own], AHEAD, (day,))):
            told[place][:, own] = found.expected, found.low, found.high
    return told


def points_per_second(series: Sequence[Labelled], seed: int) -> float:
    """Return how many known rows our forecasts for all three distances get through in a second of CPU."""
    drawn = stretches(series, 1_000, seed)
    begun = time.process_time()
    _foretold(drawn)
    return drawn.past.size / (time.process_time() - begun)


def stretches(series: Sequence[Labelled], windows: int, seed: int) -> Stretches:
    rng = np.random.default_rng(seed)
    usable = [one for one in series if len(one.values) > KNOWN + LIMIT_AHEAD and np.ptp(one.values) > 0]
    past, future, days, artificial = [], [], [], []
    while len(past) < windows:
        one = usable[len(past) % len(usable)]
        begin = int(rng.integers(0, len(one.values) - KNOWN - LIMIT_AHEAD))
        stretch = one.values[begin : begin + KNOWN + LIMIT_AHEAD]
        if np.ptp(stretch[:KNOWN]) > 0:
            past.append(stretch[:KNOWN])
            future.append(stretch[KNOWN:])
            days.append(round(DAY_SECONDS / one.step_seconds))
            artificial.append(one.name.startswith("artificial"))
    return Stretches(np.array(past), np.array(future), np.array(days), np.array(artificial))


@dataclass(frozen=True, slots=True)
class Breaches:
    cases: int
    share: float
    ours: float
    line: float
    level: float


def breaches(cases: int, seed: int) -> Breaches:
    """Return average precision of "beyond its limit within 60 rows", ours, by the plain line of 120 rows, and by level alone."""
    rng = np.random.default_rng(seed)
    past, future, limit = (np.array(column) for column in zip(*(_case(rng) for _ in range(cases)), strict=True))
    truth = (future > limit[:, None]).any(axis=1)
    level = (past[:, -24:].mean(axis=1) - limit) / np.maximum(past.std(axis=1), 1e-9)
    return Breaches(
        cases,
        float(truth.mean()),
        average_precision(truth, limit_chance(past, limit, LIMIT_AHEAD)),
        average_precision(truth, _line(past, limit)),
        average_precision(truth, level),
    )


def _line(past: F64, limit: F64) -> F64:
    recent = past[:, -120:]
    t = np.arange(120) - 59.5
    slope = recent @ t / (t @ t)
    residual = (recent - recent.mean(axis=1, keepdims=True) - slope[:, None] * t).std(axis=1)
    score: F64 = (recent.mean(axis=1) + slope * (59.5 + LIMIT_AHEAD) - limit) / np.maximum(residual, 1e-9)
    return score


def _case(rng: np.random.Generator) -> tuple[F64, F64, float]:
    """Draw one: flat, rising, levelling off or a wave, noise that wanders, and a limit not far above."""
    rows = KNOWN + LIMIT_AHEAD
    t = np.arange(rows)
    kind = rng.choice(4)
    slope = rng.uniform(0, 0.15)
    shape = (
        np.zeros(rows),
        slope * t,
        8 * slope * 30 * (1 - np.exp(-t / rng.uniform(60, 240))),
        rng.uniform(1, 5) * np.sin(2 * np.pi * (t / rng.uniform(120, 1440) + rng.uniform())),
    )[kind]
    phi = rng.choice([0.0, 0.5, 0.9, 0.98])
    noise = rng.normal(size=rows) * np.sqrt(1 - phi**2)
    for row in range(1, rows):
        noise[row] += phi * noise[row - 1]
    values = 50 + shape + rng.uniform(0.3, 1.5) * noise
    return values[:KNOWN], values[KNOWN:], float(values[KNOWN - 24 : KNOWN].mean() + rng.uniform(0.0, 8.0))


def average_precision(truth: NDArray[np.bool_], score: F64) -> float:
    """Return the mean of the precision at each true case, the highest score first."""
    hits = truth[np.argsort(-score, kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())
