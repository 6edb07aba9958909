"""The guard against slow requests: three windows in a row over the objective, where neither waiting alone nor the old pool explains it."""

import math

import numpy as np
from numpy.typing import NDArray

from ..contracts import Observation
from ..domain import Goal, Message, Pool, RequestTrace
from .counterfactual import Replay
from .paired_replay import PairedReplay, unusable
from .waiting_excuse import merely_waiting
from .window_series import LATENCIES

Flags = NDArray[np.bool_]

SLOW_WINDOWS = 3  # in a row
SLOW_WINDOW_SECONDS = (5.0, 10.0, 20.0)
LEAST_REQUESTS = 20
SLOW_FACTOR = 2.0  # times the share over the SLO before, or without the change
LEAST_MORE_SLOW = 0.10
LITTLE_SLOWER = 1.10  # times the time inside, up to which a replay is believed
SETTLING_SECONDS = 30.0  # while workers start and queues drain, slow requests accuse nobody


def slow(goal: Goal, before: Observation, after: Observation, pools: tuple[Pool, Pool] | None) -> Message | None:
    """Trip when three windows in a row have twice the share of requests over the SLO, and they do not merely wait.

    Where few are served (perhaps since the change) the windows are longer: none decides with fewer than 20 requests. A number
    of workers is excused as well by the very same requests replayed under the old one, if they were slow there, too.
    """
    if goal.slo is None or goal.metric not in LATENCIES or not len(after.trace):
        return None
    usual = float((before.trace.sojourn > goal.slo).mean()) if len(before.trace) else 0.0
    over = after.trace.sojourn > goal.slo
    found = ((seconds, _shares(after.trace, over, seconds)) for seconds in SLOW_WINDOW_SECONDS)
    seconds, shares = next((one for one in found if one[1]), (0.0, ()))
    if (
        not shares
        or min(shares) <= _allowed(usual)
        or merely_waiting(before.trace, after.trace, _answered_last(after.trace, SLOW_WINDOWS * seconds))
    ):
        return None
    without = _shares_without(goal.slo, before, after, pools, seconds)
    if without and min(shares) <= _allowed(float(np.mean(without))):
        return None
    share = round(float(np.mean(shares)), 4)
    return Message("guard_slow", {"before_ratio": round(usual, 4), "after_ratio": share, "slo_seconds": goal.slo})


def _allowed(share: float) -> float:
    return max(SLOW_FACTOR * share, share + LEAST_MORE_SLOW)


def _shares(trace: RequestTrace, over: Flags, window_seconds: float) -> tuple[float, ...]:
    """Return the shares that are `over` ([n]) in the last complete windows; none where one of them has too few requests."""
    index = np.floor((trace.end - trace.end.min()) / window_seconds).astype(np.int64)  # as people got their answers
    counts = np.bincount(index)
    slow_ones = np.bincount(index, weights=over)
    settling = math.ceil(SETTLING_SECONDS / window_seconds)
    counts, slow_ones = counts[settling:-1][-SLOW_WINDOWS:], slow_ones[settling:-1][-SLOW_WINDOWS:]
    if len(counts) < SLOW_WINDOWS or counts.min() < LEAST_REQUESTS:
        return ()
    return tuple((slow_ones / counts).tolist())


def _shares_without(
    slo_seconds: float, before: Observation, after: Observation, pools: tuple[Pool, Pool] | None, seconds: float
) -> tuple[float, ...]:
    """Return the shares over the SLO that the same requests would have had under the old pool.

    None where nothing can be replayed, or where requests take so much longer inside that the replay, which takes their
    times as they are, would excuse what the change did to them.
    """
    if pools is None or unusable(before, after, pools):
        return ()
    if float(after.trace.wall.mean()) > LITTLE_SLOWER * float(before.trace.wall.mean()):
        return ()
    pair = PairedReplay.of(before, after, pools, SLOW_WINDOW_SECONDS[0], LEAST_REQUESTS)
    replay = Replay(pair.after, pair.new, pair.limited, pair.overhead_seconds)
    return _shares(after.trace, replay.sojourn(pair.old, np.zeros(1)) > slo_seconds, seconds)


def _answered_last(trace: RequestTrace, seconds: float) -> RequestTrace:
    """Return what was answered in the last `seconds` of whole windows."""
    return trace.where(trace.end >= trace.end.max() - seconds - SLOW_WINDOW_SECONDS[0])
