"""Well-kept libraries beside us, where they are installed (requirements.analysis.lock.txt): river, PyOD, statsforecast."""

import importlib.util
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .corpora import Labelled
from .foretelling import AHEAD, KNOWN, stretches

F64 = NDArray[np.float64]

TREES, HEIGHT, WINDOW, LAGS = 25, 8, 250, 3
PLUGINS, METRICS, SERIES = 10_000, 6, 120


def installed(name: str) -> bool:
    """Tell whether a library can be imported here."""
    return importlib.util.find_spec(name) is not None


def river_trees(one: Labelled) -> F64:
    """Return river's half-space trees over the last three values, scaled by the range so far."""
    from river import anomaly

    model = anomaly.HalfSpaceTrees(n_trees=TREES, height=HEIGHT, window_size=WINDOW, seed=42)
    least, most = np.minimum.accumulate(one.values), np.maximum.accumulate(one.values)
    width = np.maximum(most - least, 1e-12)
    score = np.zeros(len(one.values))
    for row in range(len(one.values)):
        lags = {str(lag): (one.values[max(0, row - lag)] - least[row]) / width[row] for lag in range(LAGS)}
        score[row] = model.score_one(lags)
        model.learn_one(lags)
    score[:WINDOW] = 0.0
    return score


@dataclass(frozen=True, slots=True)
class Peer:
    """Points per second of CPU; of forecasters also the error over that of the last value, by rows ahead."""

    name: str
    points_per_second: float
    ratios: dict[int, float]


def speeds(seed: int) -> list[Peer]:
    """Return how fast the detectors of the libraries are that are installed."""
    rng = np.random.default_rng(seed)
    found = []
    if installed("river"):
        rows = 4_000
        one = Labelled("noise", 60.0 * np.arange(rows), rng.normal(size=rows), ())
        begun = time.process_time()
        river_trees(one)
        found.append(Peer("river half-space trees", rows / (time.process_time() - begun), {}))
    if installed("pyod"):
        from pyod.models.ecod import ECOD
        from pyod.models.hbos import HBOS
        from pyod.models.iforest import IForest

        points = rng.normal(size=(PLUGINS, METRICS))
        for make in (HBOS, ECOD, IForest):
            make().fit(points[:500])  # what is compiled or loaded at first use is not what is timed
            begun = time.process_time()
            make().fit(points)
            found.append(Peer(f"PyOD {make.__name__}, fit and score", points.size / (time.process_time() - begun), {}))
    return found


def forecasters(series: Sequence[Labelled], seed: int) -> list[Peer]:
    """Return statsforecast's automatic models on the first 120 of the stretches that ours are measured on."""
    if not installed("statsforecast"):
        return []
    from statsforecast.models import AutoETS, AutoTheta, SimpleExponentialSmoothingOptimized

    drawn = stretches(series, SERIES, seed)
    past, future = drawn.past, drawn.future
    scale = np.maximum(np.abs(np.diff(past, axis=1)).mean(axis=1), 1e-9)
    last = {ahead: np.abs(future[:, ahead - 1] - past[:, -1]) / scale for ahead in AHEAD}
    found = []
    for name, model in (
        ("statsforecast AutoETS(ZZN)", AutoETS(season_length=1, model="ZZN")),
        ("statsforecast AutoTheta", AutoTheta(season_length=1)),
        ("statsforecast SESOpt", SimpleExponentialSmoothingOptimized()),
    ):
        model.forecast(y=past[0], h=max(AHEAD))
        begun = time.process_time()
        told = np.array([model.forecast(y=row, h=max(AHEAD))["mean"] for row in past])
        seconds = time.process_time() - begun
        ratios = {
            ahead: float((np.abs(future[:, ahead - 1] - told[:, ahead - 1]) / scale).mean() / last[ahead].mean())
            for ahead in AHEAD
        }
        found.append(Peer(name, len(past) * KNOWN / seconds, ratios))
    return found
