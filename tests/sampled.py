"""Samples of one plugin `p`, as a monitor would have stored them."""

import numpy as np

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Metric, Window

STEP = 5.0


def side(begin: float, others: int = 0, **series: object) -> Observation:
    """Samples of `p` (and of `others` plugins, given as rows below it), one each 5 s."""
    rows = {Metric(name): np.atleast_2d(np.asarray(values, dtype=np.float32)) for name, values in series.items()}
    length = next(iter(rows.values())).shape[1]
    names = ("p", *(f"other-{n}" for n in range(others)))
    full = {name: np.vstack([row, np.full((1 + others - len(row), length), np.nan)]) for name, row in rows.items()}
    metrics = {name: values.astype(np.float32) for name, values in full.items()}
    return Observation(Window(names, begin + STEP * np.arange(1, length + 1), STEP, metrics))


def noisy(level: float, windows: int, seed: int, spread: float = 0.05) -> np.ndarray:
    return level * np.exp(spread * np.random.default_rng(seed).standard_normal(windows))
