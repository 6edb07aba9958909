"""Judges a change by the queue of tasks it was made for: beside the queue that the old processes would have left.

What arrives is known (tasks begun plus what the queue grew by), and so is what the old processes got done when all of them
were busy. So the queue they would have come to with the very same arrivals can be computed, as a fluid:
L' = max(0, L' + arrived - capacity * seconds). A queue that empties because nothing comes any more empties in both.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contracts import Observation
from ..domain import Goal, Message, Metric, Verdict
from ..models.confidence import UNKNOWN, Bounds
from ..models.task_queue import arrivals
from .judgement import Figures, Floor, Look, about, first_decision, objected, verdict_of
from .window_series import gather

F64 = NDArray[np.float64]

METHOD = "queue_replay"
BUSY_RATIO = 0.5  # where tasks wait, processes are idle for the moment between two tasks only, however short those are
LEAST_BUSY_WINDOWS = 4
LEAST_UNSURE = 0.10  # of the old capacity: never known better than that
SURE = 2.0  # standard errors of the old capacity
CHANCE = 2.0  # standard deviations of how many tasks that many processes get done, which is a count
ONE_TASK = 1.0  # added to both queues, so that an empty one has a logarithm and one task more or less weighs little


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the old processes can do on average, in tasks per second: between `low` and `high`."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class QueueJudge:
    floor: Floor
    least_band: float
    least_windows_for_same: int
    window_seconds: float

    def judge(self, goal: Goal, plugin_id: str, before: Observation, after: Observation) -> Verdict:
        """Return the verdict over a queue's length: the last windows all have to lie beyond the band, whatever the old
        capacity was within what is known of it. "Same" is said late only.
        """
        old, new = (gather(side.window, plugin_id, goal.metric, self._steps(side)) for side in (before, after))
        capacity, band = self._capacity(plugin_id, before), math.log1p(max(self.least_band, goal.least_effect))
        would_be = self._would_be(plugin_id, after, capacity) if capacity is not None else None

        def look_at(looked: int) -> Look:
            if would_be is None or not self.floor.reached(new.values[:looked], None):
                return Look(UNKNOWN, band)
            return Look(self._bounds(new.values[:looked], would_be[:, :looked]), band)

        decided = first_decision(look_at, len(new.values), goal)
        last = slice(-self.floor.windows, None)
        without = float(np.nanmean(would_be[0, last])) if would_be is not None and would_be.size else old.mean
        held = new.present[last]
        figures = Figures(without, float(held.mean()) if len(held) else math.nan, len(new.present), 0)
        reasons = about(decided, goal, self.floor, new.values, None)
        if capacity is None:
            return objected(verdict_of(goal, METHOD, decided, figures, reasons), Message("never_all_busy"))
        told = Message("queue_without", {"served_per_second": round(capacity.mean, 4), "tasks": round(without, 1)})
        return verdict_of(goal, METHOD, decided, figures, (told, *reasons))

    def _steps(self, side: Observation) -> int:
        return max(1, math.ceil(self.window_seconds / side.window.step_seconds - 1e-9))

    def _capacity(self, plugin_id: str, before: Observation) -> Capacity | None:
        """Return what was begun per second while a task waited for each process; None where that hardly ever was so."""
        metrics = (Metric.THROUGHPUT_PER_SECOND, Metric.BUSY_RATIO, Metric.QUEUE_LENGTH, Metric.WORKERS)
        gathered = (gather(before.window, plugin_id, metric, self._steps(before)).values for metric in metrics)
        begun, busy, waiting, workers = gathered
        full = begun[(waiting >= workers) & (busy >= BUSY_RATIO) & ~np.isnan(begun)]
        if len(full) < LEAST_BUSY_WINDOWS or full.mean() <= 0:
            return None
        mean = float(full.mean())
        unsure = max(LEAST_UNSURE, SURE * float(full.std(ddof=1)) / math.sqrt(len(full)) / mean)
        return Capacity(mean, max(0.0, mean * (1.0 - unsure)), mean * (1.0 + unsure))

    def _would_be(self, plugin_id: str, after: Observation, capacity: Capacity) -> F64:
        """Return [3, windows]: the queue that the old processes would have left, and the least and the most of it."""
        window, steps = after.window, self._steps(after)
        metrics = (Metric.THROUGHPUT_PER_SECOND, Metric.QUEUE_LENGTH)  # a rate stays what it is where a look is missing
        rates, waiting = (_filled(window.of(plugin_id, metric).astype(np.float64)) for metric in metrics)
        groups = len(waiting) // steps
        if not groups or np.isnan(waiting).all() or np.isnan(rates).all():
            return np.full((3, groups), np.nan)
        arrived = np.nan_to_num(arrivals(rates * window.step_seconds, waiting))
        tasks = window.step_seconds * np.array([capacity.mean, capacity.high, capacity.low])
        queues = np.array([fluid(float(waiting[0]), arrived, each) for each in tasks])
        chance = CHANCE * np.sqrt(tasks[0] * np.arange(len(waiting)))
        queues = np.maximum(0.0, queues + np.outer([0.0, -1.0, 1.0], chance))
        return np.asarray(queues[:, : groups * steps].reshape(3, groups, steps).mean(axis=2))

    def _bounds(self, held: F64, would_be: F64) -> Bounds:
        """Return what the last windows say about log(held / would be)."""
        known = ~np.isnan(held)
        last = np.flatnonzero(known)[-self.floor.windows :]
        ratios = np.log((held[last] + ONE_TASK) / (would_be[:, last] + ONE_TASK))
        mean, low, high = float(ratios[0].mean()), float(ratios[2].min()), float(ratios[1].max())
        late = int(known.sum()) >= self.least_windows_for_same
        return Bounds(mean, low, high, low if late else -math.inf, high if late else math.inf, int(known.sum()))


def fluid(start: float, arrived: F64, capacity: float) -> F64:
    """Return [n] the queue after each step, from `start` in the first, with [n] arrivals and `capacity` tasks a step.

    Worked example: start 10, arrivals 0, 4, 4, 4, capacity 6: 10, 8, 6, 4.
    """
    queue, courses = start, [start]
    for came in arrived[1:]:
        queue = max(0.0, queue + float(came) - capacity)
        courses.append(queue)
    return np.array(courses)


def _filled(values: F64) -> F64:
    """Return the values with gaps bridged in a straight line; all NaN where nothing is known."""
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return values
    return np.asarray(np.interp(np.arange(len(values)), known, values[known]))
