"""A queue of tasks and the processes that work it off: what arrives, what a task takes, how long a backlog stands.

No task is recorded one by one; counts are enough. What arrived between two looks is what was begun plus what the queue
grew by, whoever works where: nothing comes or goes otherwise.
"""

from dataclasses import dataclass
from math import ceil, inf, isfinite, isnan, nan

import numpy as np
from numpy.typing import NDArray

from ..domain import Metric, PluginView, Window
from .queueing import erlang_c
from .running_since import running_since
from .series import KNOWN_SHARE, columns_of, lately

F64 = NDArray[np.float64]

SPANS_SECONDS = (60.0, 120.0, 300.0, 600.0)  # long tasks need more time until there are enough of them
LEAST_TASKS = 20
MOST_UTILISATION = 0.85  # of the processes, and of the cores: beyond it waits grow without bound


@dataclass(frozen=True, slots=True)
class TaskQueue:
    """One queue over a stretch of time, ended now. Rates are per second; `service_seconds` is what a process spends on a
    task, of which `cpu_seconds` computing (NaN where unknown); `waiting` counts tasks.
    """

    workers: int
    span_seconds: float
    tasks: int
    arrivals_per_second: float
    begun_per_second: float
    service_seconds: float
    cpu_seconds: float
    waiting: float
    wait_seconds: float

    @property
    def load(self) -> float:
        """Return the work that arrives, in processes (erlangs)."""
        return self.arrivals_per_second * self.service_seconds

    @property
    def growing(self) -> bool:
        return self.arrivals_per_second > 1.05 * self.begun_per_second

    def capacity(self, workers: int) -> float:
        """Return how many tasks a second that many processes can do."""
        return workers / self.service_seconds

    def steady_wait_seconds(self, workers: int, stress: float = 1.0) -> float:
        """Return the mean wait once the backlog is gone, at `stress` times the arrivals; inf where it never goes.

        W = C / (cμ - λ) of M/M/c. Source: Erlang (1917); Gross, Harris, Fundamentals of Queueing Theory, section 2.3.
        """
        load = stress * self.load
        if load >= workers:
            return inf
        return erlang_c(load, workers) / (self.capacity(workers) - stress * self.arrivals_per_second)

    def drain_seconds(self, workers: int) -> float:
        """Return how long the backlog takes to go, as a fluid: L / (cμ - λ); inf where it does not."""
        spare = self.capacity(workers) - self.arrivals_per_second
        return self.waiting / spare if spare > 0 else inf

    def workers_for(self, wait_seconds: float, drain_seconds: float, stress: float) -> int:
        """Return the smallest number of processes that keeps the steady wait at `stress` times the load, is used to 85 % at
        most, and works the backlog off within `drain_seconds`.
        """
        spare = self.waiting / drain_seconds
        least = max(
            ceil(stress * self.load / MOST_UTILISATION - 1e-9),
            ceil((self.arrivals_per_second + spare) * self.service_seconds - 1e-9),
            1,
        )
        while self.steady_wait_seconds(least, stress) > wait_seconds:
            least += 1
        return least

    def most_for_cores(self, cores: float) -> float:
        """Return how many processes `cores` can keep working when all are busy; inf where computing is unknown."""
        share = self.cpu_seconds / self.service_seconds
        return inf if isnan(share) or share <= 0 else MOST_UTILISATION * cores / share


def is_task_queue(view: PluginView, window: Window) -> bool:
    """Tell whether tasks of this plugin wait in a queue that is counted."""
    return not isnan(lately(window, view.plugin.plugin_id, Metric.QUEUE_LENGTH, SPANS_SECONDS[-1]))


def task_queue(view: PluginView, window: Window) -> TaskQueue | None:
    """Return the queue over the shortest span that holds enough tasks, all under the present number of processes; None
    where there is none.
    """
    for seconds in SPANS_SECONDS:
        found = _over(view, window, seconds)
        if found is not None and found.tasks >= LEAST_TASKS:
            return found
    return None


def arrivals(begun: F64, waiting: F64) -> F64:
    """Return [n] what arrived in each step, from [n] tasks begun in it and [n] waiting at its end; NaN in the first and
    where something is missing.

    | begun | waiting | arrived |
    |-------|---------|---------|
    | 4     | 10      | NaN     |
    | 4     | 10      | 4       |
    | 4     | 16      | 10      |
    | 8     | 0       | 0 (a look in between: never less than nothing) |
    """
    grown = np.diff(waiting, prepend=np.nan)
    return np.maximum(0.0, begun + grown)


def _over(view: PluginView, window: Window, seconds: float) -> TaskQueue | None:
    plugin_id, columns = view.plugin.plugin_id, columns_of(window, seconds)
    if plugin_id not in window.plugin_ids or view.pool is None or columns < 2 or len(window.times) < columns:
        return None
    if float(window.times[-columns]) < running_since(view, window):
        return None
    rates, waiting = (
        _lately(window, plugin_id, m, columns) for m in (Metric.THROUGHPUT_PER_SECOND, Metric.QUEUE_LENGTH)
    )
    known = ~np.isnan(rates) & ~np.isnan(waiting)
    service = lately(window, plugin_id, Metric.SERVICE_TIME_SECONDS, seconds)
    if known.mean() < KNOWN_SHARE or not known[-2:].any() or not service > 0:
        return None
    lengths, step = waiting[known], window.step_seconds
    rate = float(rates[known].mean())  # looks may be missing, or come a little late: a rate stays what it is
    grown = float(lengths[-1] - lengths[0]) / (step * float(np.ptp(np.flatnonzero(known))))
    cores = lately(window, plugin_id, Metric.CPU_CORES, seconds)
    return TaskQueue(
        workers=view.pool.workers,
        span_seconds=columns * step,
        tasks=int(np.nansum(_lately(window, plugin_id, Metric.REQUESTS, columns))),
        arrivals_per_second=max(0.0, rate + grown),
        begun_per_second=rate,
        service_seconds=service,
        cpu_seconds=cores / rate if isfinite(cores) and rate > 0 else nan,
        waiting=float(lengths[-1]),
        wait_seconds=lately(window, plugin_id, Metric.QUEUE_WAIT_SECONDS, 30.0),
    )


def _lately(window: Window, plugin_id: str, metric: Metric, columns: int) -> F64:
    return window.of(plugin_id, metric)[-columns:].astype(np.float64)
