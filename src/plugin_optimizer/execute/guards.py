"""Breakage that needs no verdict: what is checked every few seconds from the moment a change took effect."""

import math

import numpy as np
from numpy.typing import NDArray

from ..contracts import Observation
from ..domain import Goal, Message, Metric, Outcome, Pool, Purpose, Verdict, Window
from ..models.proportions import binomial_tail
from .error_judge import Failures, failures
from .slow_guard import slow
from .window_series import GAUGES

METHOD = "guard"
WINDOW_SECONDS = 5.0
SILENT_WINDOWS = 3  # without data after our own act: that is a failure, not a gap
DEAF_WINDOWS = 12  # without data of anybody: until then the measuring may be late, as on a host that is too busy
DOWN_SAMPLES = 2  # one alone may be the moment of a planned restart
ERROR_CHANCE = 1e-4  # of one look: over the hundred looks of a judgement less than one in a hundred
LEAST_MORE_ERRORS = 0.01
LEAST_REQUESTS = 20
UNKNOWN_PAST = (1, 20)  # failed, requests: what is taken for granted of a plugin nobody used before
WAVE_WINDOWS = 6
RECENT_WINDOWS = 12  # errors that begin late must not drown in what was served before
MOST_MEMORY = 0.9  # of the limit
LONGER_FACTOR, LEAST_LONGER_SECONDS = 2.0, 1.0


def guard(
    goal: Goal, plugin_id: str, before: Observation, after: Observation, pools: tuple[Pool, Pool] | None = None
) -> Verdict | None:
    """Return a WORSE verdict if something broke since the change; None while nothing did.

    `after` begins at the moment the change was applied, not when it had settled. `pools` are those before and after a
    change of the number of workers: what requests would have met without it excuses what they meet.
    """
    old, new = (failures(side, plugin_id, WINDOW_SECONDS) for side in (before, after))
    reason = (
        _no_data(plugin_id, before.window, after.window)
        or more_errors(old, new)
        or more_errors(old, new.last(RECENT_WINDOWS))
        or _restarts(goal, plugin_id, before.window, after.window)
        or _memory(plugin_id, before.window, after.window)
        or _queue(goal, plugin_id, before.window, after.window)
        or slow(goal, before, after, pools)
    )
    return None if reason is None else _worse(goal, plugin_id, before, after, reason, int(new.total[1]))


def errors_rose(before: Observation, after: Observation, plugin_id: str) -> bool:
    """Tell whether so many more requests fail than before that chance alone does it once in ten thousand looks."""
    return more_errors(*(failures(side, plugin_id, WINDOW_SECONDS) for side in (before, after))) is not None


def _no_data(plugin_id: str, before: Window, after: Window) -> Message | None:
    up = _present(after, plugin_id, Metric.UP)[-DOWN_SAMPLES:]
    if len(up) == DOWN_SAMPLES and not up.any():
        return Message("guard_down")
    columns = SILENT_WINDOWS * _columns(after)
    if len(after.times) < columns:
        return None
    seconds = round(columns * after.step_seconds, 3)
    if _silent(after, plugin_id, columns) and not _silent(before, plugin_id, len(before.times)):
        return _silence(plugin_id, before, after, columns)
    expected = float(np.nan_to_num(_mean(before, plugin_id, Metric.REQUESTS))) * columns
    served = np.nansum(after.of(plugin_id, Metric.REQUESTS)[-columns:])
    if expected >= LEAST_REQUESTS and served == 0 and not _nothing_waits(plugin_id, after, columns):
        return Message("guard_no_requests", {"silent_seconds": seconds, "expected_requests": round(expected, 1)})
    return None


def _silence(plugin_id: str, before: Window, after: Window, columns: int) -> Message | None:
    """Accuse at once where others were measured meanwhile; where all of them fell silent, too, only after a minute."""
    others = [each for each in before.plugin_ids if each != plugin_id and each in after.plugin_ids]
    spoke = [each for each in others if not _silent(before, each, len(before.times))]
    if spoke and all(_silent(after, each, columns) for each in spoke):
        columns = DEAF_WINDOWS * _columns(after)
    if len(after.times) < columns or not _silent(after, plugin_id, columns):
        return None
    return Message("guard_no_data", {"silent_seconds": round(columns * after.step_seconds, 3)})


def more_errors(old: Failures, new: Failures) -> Message | None:
    """Return a reason where so many more failed that chance alone does it once in ten thousand looks.

    Given how many failed in all, those after are binomial if nothing changed: exact, whatever the usual
    ratio is (Przyborowski, Wilenski 1940).
    """
    failed, requests = (int(count) for count in new.total)
    known, of = (int(count) for count in old.total) if old.total[1] >= LEAST_REQUESTS else UNKNOWN_PAST
    if requests < LEAST_REQUESTS or failed / requests < known / of + LEAST_MORE_ERRORS:
        return None
    bursts = _bursts(old) if old.total[1] >= LEAST_REQUESTS else 1.0  # so many errors count as one
    chance = binomial_tail(int(failed / bursts), int((known + failed) / bursts), requests / (of + requests))
    if chance >= ERROR_CHANCE:
        return None
    params = {"before_ratio": round(known / of, 4), "after_ratio": round(failed / requests, 4)}
    return Message("guard_errors", {**params, "requests": requests, "chance": float(f"{chance:.2g}")})


def _bursts(usual: Failures) -> float:
    """Return by how much errors came in bursts, or in waves of half a minute, before there was anything to blame."""
    return max(usual.dispersion, usual.gathered(WAVE_WINDOWS).dispersion)


def _restarts(goal: Goal, plugin_id: str, before: Window, after: Window) -> Message | None:
    """Workers that are replaced on purpose (to release memory) are no breakage, nor is the start that was asked for."""
    if (goal.metric in GAUGES and goal.purpose is Purpose.REPAIR) or goal.metric is Metric.UP:
        return None
    ours = 1 if goal.purpose is Purpose.RENEW else 0  # the one that was asked for
    now = float(_present(after, plugin_id, Metric.RESTARTS).sum()) - ours
    usual = np.nan_to_num(_mean(before, plugin_id, Metric.RESTARTS)) * len(after.times)
    if now < 1 or now <= math.ceil(usual):
        return None
    return Message("guard_restarts", {"restarts": int(now)})


def _memory(plugin_id: str, before: Window, after: Window) -> Message | None:
    last = _present(after, plugin_id, Metric.MEMORY_RATIO)[-2:]
    if len(last) < 2 or last.min() <= MOST_MEMORY:
        return None
    usual = _present(before, plugin_id, Metric.MEMORY_RATIO)
    if len(usual) and usual.max() > MOST_MEMORY:
        return None  # it was that full before
    return Message("guard_memory", {"memory_ratio": round(float(last[-1]), 4), "limit_ratio": MOST_MEMORY})


def _nothing_waits(plugin_id: str, after: Window, columns: int) -> bool:
    """Tell whether a queue of tasks is empty: who works it off has nothing to do, which is no breakage."""
    waiting = after.of(plugin_id, Metric.QUEUE_LENGTH)[-columns:]
    return bool((waiting == 0).any())


def _queue(goal: Goal, plugin_id: str, before: Window, after: Window) -> Message | None:
    """Trip where tasks wait twice as long as they ever did before, and a second longer, three windows in a row."""
    if Metric.QUEUE_WAIT_SECONDS not in goal.guards:
        return None
    last = after.of(plugin_id, Metric.QUEUE_WAIT_SECONDS)[-SILENT_WINDOWS * _columns(after) :]
    usual = _present(before, plugin_id, Metric.QUEUE_WAIT_SECONDS)
    longest = float(usual.max()) if len(usual) else 0.0
    allowed = max(LONGER_FACTOR * longest, longest + LEAST_LONGER_SECONDS)
    if len(last) < SILENT_WINDOWS * _columns(after) or not (last > allowed).all():  # NaN is not longer
        return None
    return Message("guard_queue", {"before_seconds": longest, "after_seconds": float(last.mean())})


def _columns(window: Window) -> int:
    return max(1, math.ceil(WINDOW_SECONDS / window.step_seconds - 1e-9))


def _present(window: Window, plugin_id: str, metric: Metric) -> NDArray[np.float32]:
    values = window.of(plugin_id, metric)
    return values[~np.isnan(values)]


def _mean(window: Window, plugin_id: str, metric: Metric) -> float:
    values = _present(window, plugin_id, metric)
    return float(values.mean()) if len(values) else math.nan


def _silent(window: Window, plugin_id: str, columns: int) -> bool:
    return all(bool(np.isnan(window.of(plugin_id, metric)[-columns:]).all()) for metric in window.metrics)


def _worse(
    goal: Goal, plugin_id: str, before: Observation, after: Observation, reason: Message, requests: int
) -> Verdict:
    old, new = (_mean(side.window, plugin_id, goal.metric) for side in (before, after))
    nan = math.nan
    windows = len(after.window.times)
    return Verdict(Outcome.WORSE, goal.metric, nan, nan, nan, old, new, windows, requests, METHOD, (reason,))
