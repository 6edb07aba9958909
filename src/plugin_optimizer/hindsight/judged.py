"""How a change of the replay would have been judged: the requests after it, as recorded and as replayed, window by window."""

import math

import numpy as np

from ..domain import Change, Purpose, RequestTrace, SeenSettings
from ..models.confidence import SequentialTest
from .estimate import worker_counts
from .replayed import Replayed, replay_stretch

WINDOW_SECONDS = 5.0
LEAST_OF_WINDOW = 5
JUDGED_SECONDS = 60.0  # after it has settled: twelve windows
ERROR_FACTOR = 1.5  # of the model's error: no effect below that is claimed (facts on verification, section 3)
MOST_RISE, SAFE_SHARE = 1.25, 0.8  # what a saving may cost: the judge's own bounds


def would_be_kept(change: Change, trace: RequestTrace, seen: SeenSettings | None) -> bool | None:
    """Tell whether the requests after a change show that it would have proved itself so far; None where nothing tells."""
    counts = worker_counts(change)
    found = replay_stretch(trace, seen, *counts) if counts is not None else None
    if not isinstance(found, Replayed):
        return None
    if change.goal.purpose is Purpose.SAVE:
        return _bearable(found, change.goal.slo)
    bounds = SequentialTest().bounds(_log_ratios(found))
    band = max(change.goal.least_effect, ERROR_FACTOR * found.error)
    return bounds.high < -math.log1p(band)


def _bearable(found: Replayed, slo: float | None) -> bool:
    inside = slo is None or float(np.quantile(found.replayed, 0.95)) <= SAFE_SHARE * slo
    return inside and float(found.replayed.mean()) <= MOST_RISE * float(found.recorded.mean())


def _log_ratios(found: Replayed) -> "np.typing.NDArray[np.float64]":
    """Return per window of 5 s log(mean replayed / mean recorded); NaN where it holds too few requests."""
    window = ((found.arrival - found.arrival[0]) // WINDOW_SECONDS).astype(np.int64)
    count = np.bincount(window)
    replayed, recorded = (np.bincount(window, values) for values in (found.replayed, found.recorded))
    known = (count >= LEAST_OF_WINDOW) & (recorded > 0) & (replayed > 0)
    ratios = np.full(len(count), np.nan)
    ratios[known] = np.log(replayed[known] / recorded[known])
    return ratios
