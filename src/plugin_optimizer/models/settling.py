"""How long a queue took to come to the level it has since: what blocks of a comparison have to be long beside."""

import numpy as np
from numpy.typing import NDArray

from ..domain import RequestTrace

F64 = NDArray[np.float64]

CALM_WAIT_SECONDS = 0.05
USUAL_FACTOR = 2.0  # times the level since, up to which a second is as any other
STEP_SECONDS = 1.0
CALM_STEPS = 3
LEAST_STEPS = 10


def seconds_to_settle(trace: RequestTrace, changed_at: float) -> float:
    """Return how long after a change requests waited otherwise than they do since; inf where that cannot be told.

    `trace` holds the requests since the change. The level is the mean wait of its second half; it is reached when three
    seconds in a row, each with requests, lie below twice that (or below 50 ms). A queue that grows all the while is not
    told from one that stands: whether a value bears the load is asked elsewhere (`switchback_eligibility`).
    """
    known = trace.where(~np.isnan(trace.queue_wait) & (trace.arrival >= changed_at))
    if not len(known):
        return float("inf")
    step = ((known.arrival - changed_at) // STEP_SECONDS).astype(np.int64)
    if step[-1] + 1 < LEAST_STEPS:
        return float("inf")
    level = float(known.queue_wait[step > step[-1] / 2].mean())
    counts = np.bincount(step)
    waits = np.bincount(step, weights=known.queue_wait) / np.maximum(counts, 1)
    calm = (counts > 0) & (waits <= max(CALM_WAIT_SECONDS, USUAL_FACTOR * level))
    rows = np.lib.stride_tricks.sliding_window_view(calm, CALM_STEPS).all(axis=1)
    return float(np.argmax(rows)) * STEP_SECONDS if rows.any() else float("inf")
