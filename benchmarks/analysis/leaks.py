"""Healthy and leaking memory over a day, by seed: false alarms at a nominal 1 %, and how many leaks are found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.models.day_trend import CRITICAL, day_trend

F64 = NDArray[np.float64]

ROWS = 1_440
NOMINAL = 2.326  # one-sided 1 % of the normal distribution


@dataclass(frozen=True, slots=True)
class Leaks:
    """`critical`: where the test says "leak"; `recall_at_1`: at the bar that exactly 1 % of the healthy ones pass."""

    test: str
    critical: float
    false_alarms: float
    recall: float
    recall_at_1: float
    area: float


def memory(rng: np.random.Generator, rise: float) -> F64:
    """Draw a day of memory: wandering noise, a garbage collector's saw-tooth, one to four waves, and a rise over the day."""
    t = np.arange(ROWS)
    phi = rng.choice([0.0, 0.5, 0.9, 0.98])
    noise = rng.normal(size=ROWS) * np.sqrt(1 - phi**2)
    for row in range(1, ROWS if phi else 1):
        noise[row] += phi * noise[row - 1]
    period = int(rng.integers(20, 180))
    teeth = rng.uniform(0, 8) * ((t + rng.integers(period)) % period) / period
    wave = rng.uniform(0, 4) * np.sin(2 * np.pi * (rng.integers(1, 5) * t / ROWS + rng.uniform()))
    return 100 + rng.uniform(0.5, 3) * noise + teeth + wave + rise * t / ROWS


def leaks(each: int, seed: int) -> list[Leaks]:
    """Return ours and three tests of the books over `each` healthy and as many leaking days."""
    rng = np.random.default_rng(seed)
    healthy = np.stack([memory(rng, 0.0) for _ in range(each)])
    leaking = np.stack([memory(rng, rng.uniform(2, 12)) for _ in range(each)])
    return [
        _judged(name, test, healthy, leaking, CRITICAL if name == "ours" else NOMINAL) for name, test in TESTS.items()
    ]


def _judged(name: str, test: Callable[[F64], F64], healthy: F64, leaking: F64, critical: float) -> Leaks:
    calm, grown = np.nan_to_num(test(healthy)), np.nan_to_num(test(leaking))
    bar = float(np.quantile(calm, 0.99))
    area = float((grown[:, None] > calm[None, :]).mean())
    return Leaks(
        name,
        critical,
        float((calm > critical).mean()),
        float((grown > critical).mean()),
        float((grown > bar).mean()),
        area,
    )


def _line(values: F64) -> tuple[F64, F64, F64]:
    t = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2
    slope = values @ t / (t @ t)
    return t, slope, values - values.mean(axis=1, keepdims=True) - slope[:, None] * t


def least_squares(values: F64) -> F64:
    t, slope, residual = _line(values)
    found: F64 = slope / np.sqrt((residual**2).sum(axis=1) / (len(t) - 2) / (t @ t))
    return found


def hac(values: F64) -> F64:
    """Newey, West, A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent covariance (1987)."""
    t, slope, residual = _line(values)
    u, lags = t * residual, int(np.sqrt(len(t)))
    total = (u**2).sum(axis=1)
    for lag in range(1, lags + 1):
        total += 2 * (1 - lag / (lags + 1)) * (u[:, lag:] * u[:, :-lag]).sum(axis=1)
    found: F64 = slope * (t @ t) / np.sqrt(np.maximum(total, 1e-12))
    return found


def mann_kendall(values: F64) -> F64:
    """Mann, Nonparametric tests against trend (1945), on every tenth row."""
    some = values[:, ::10]
    n = some.shape[1]
    first, second = np.triu_indices(n, 1)
    score = np.sign(some[:, second] - some[:, first]).sum(axis=1)
    found: F64 = score / np.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    return found


TESTS: Mapping[str, Callable[[F64], F64]] = {
    "ours": lambda values: day_trend(values).t,
    "least squares t": least_squares,
    "Newey-West t": hac,
    "Mann-Kendall": mann_kendall,
}
