"""Recorded requests under another number of workers: one stretch of time, by the model that planners and judges use."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Message, RequestTrace, SeenSettings
from ..models.replay import fit_replay, models_topology

F64 = NDArray[np.float64]
LEAST_REQUESTS = 50
SEED = 7  # of the luck in splits and resampling: the same question gets the same answer


@dataclass(frozen=True, slots=True)
class Replayed:
    """One stretch. All arrays are [n], in seconds, by `arrival`: what each request felt, and would have felt.

    `error` is how far the model was off when it retold what really ran.
    """

    arrival: F64
    recorded: F64
    replayed: F64
    error: float


def replay_stretch(trace: RequestTrace, seen: SeenSettings | None, before: int, after: int) -> Replayed | Message:
    """Replay requests that were served by `before` workers with `after`; return why not where that cannot be done."""
    if not len(trace):
        return Message("replay_not_recorded")
    if seen is None or seen.pool is None:
        return Message("replay_settings_unknown")
    if seen.pool.workers != before:
        return Message("replay_other_workers", {"workers": seen.pool.workers, "before": before})
    if len(trace) < LEAST_REQUESTS:
        return Message("replay_few_requests", {"requests": len(trace), "needed_requests": LEAST_REQUESTS})
    if not models_topology(seen.pool):
        return Message(
            "topology_not_modelled", {"pool": seen.pool.kind, "workers": before, "threads": seen.pool.threads}
        )
    replay = fit_replay(trace, seen.pool, SEED)
    if not replay.queue_known:
        return Message("queue_unknown")
    if not replay.valid:
        return Message("model_not_valid", {"error_ratio": replay.error})
    return Replayed(replay.trace.arrival, replay.trace.sojourn, replay.sojourns(after), replay.error)
