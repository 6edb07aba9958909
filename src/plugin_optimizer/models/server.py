"""What recorded requests would have felt where CPU is scarce: slots, processor sharing, I/O and a CPU budget."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import InvalidValue
from .fifo import begins, starting_slots
from .line import Line
from .quota import Budget, share_budget
from .sharing import share_cores
from .unshared import resume_points, share_skipped

__all__ = ["Budget", "ServerRun", "replay_server"]

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

TRIED_REQUESTS = 2_000  # at the beginning of a trace, to see whether looking for stretches to skip pays
WORTH_SKIPPING = 0.3  # of the requests: looking for them costs as much as replaying about a quarter of them


@dataclass(frozen=True, slots=True)
class ServerRun:
    """Per request: how long it waited for a slot, and how long it stayed in all. Both [n], seconds."""

    wait: F64
    sojourn: F64


def replay_server(
    arrival: F64,
    cpu: F64,
    off_cpu: F64,
    slots: int,
    cores: float,
    *,
    budget: Budget | None = None,
    free_at: Sequence[float] = (),
) -> ServerRun:
    """Run the requests through `slots` that share `cores`, each request using at most one core.

    A request is half of its `cpu`, then `off_cpu` (I/O), then the other half; the waiting line is FIFO.
    `arrival` is ascending; `free_at` as in `replay_fifo`. Raises InvalidValue for less than one slot or no core,
    and for times that are none. Once all cores are taken, rounding of the last digit can change single sojourns
    (whoever shares a core changes who is next), though not their distribution.
    """
    if slots < 1 or not cores > 0:
        raise InvalidValue(f"a server has at least 1 slot and some share of a core, not {slots} and {cores:g}")
    if not len(arrival):
        return ServerRun(np.empty(0), np.empty(0))
    _check_times(cpu, off_cpu, budget)
    offsets = arrival - arrival[0]
    taken = [at for at in starting_slots(slots, [at - float(arrival[0]) for at in free_at]) if at > 0.0]
    # Slots still taken are requests at time 0 that only wait: the first in line get them.
    holding = np.zeros(len(taken))
    at, work, idle = (np.concatenate(pair) for pair in ((holding, offsets), (holding, cpu), (taken, off_cpu)))
    begin, end = _served(at, work, idle, slots, cores, budget)
    return ServerRun(begin[len(taken) :] - offsets, end[len(taken) :] - offsets)


def _served(arrival: F64, cpu: F64, off_cpu: F64, slots: int, cores: float, budget: Budget | None) -> tuple[F64, F64]:
    """Return when each request begins and ends; where it pays, only those are looked at that share a core."""
    few = slice(TRIED_REQUESTS)
    _, resume = _queued(arrival[few], cpu[few], off_cpu[few], slots, cores, budget)
    if share_skipped(resume) < WORTH_SKIPPING:
        return _shared(Line.of(arrival, cpu, off_cpu), slots, cores, budget)
    queued, resume = _queued(arrival, cpu, off_cpu, slots, cores, budget)
    begin, end = _shared(Line.of(arrival, cpu, off_cpu, resume), slots, cores, budget)
    skipped = np.isnan(end)
    return np.where(skipped, queued, begin), np.where(skipped, queued + cpu + off_cpu, end)


def _queued(arrival: F64, cpu: F64, off_cpu: F64, slots: int, cores: float, budget: Budget | None) -> tuple[F64, I64]:
    """Return when each request begins if nobody ever shares a core, and how far that is right."""
    begin = begins(arrival, cpu + off_cpu, starting_slots(slots, ()))
    return begin, resume_points(arrival, begin, cpu, off_cpu, cores, budget)


def _shared(line: Line, slots: int, cores: float, budget: Budget | None) -> tuple[F64, F64]:
    if budget is None:
        share_cores(line, slots, cores)
    else:
        share_budget(line, slots, cores, budget)
    return np.array(line.begin), np.array(line.end)


def _check_times(cpu: F64, off_cpu: F64, budget: Budget | None) -> None:
    for name, seconds in (("cpu", cpu), ("off_cpu", off_cpu)):
        if not (np.isfinite(seconds).all() and (seconds >= 0).all()):
            raise InvalidValue(f"expected finite seconds >= 0 of {name} for each request")
    if budget is not None and not (budget.cpu_seconds > 0 and budget.period_seconds > 0):
        raise InvalidValue(
            f"a CPU budget is some time per period, not {budget.cpu_seconds:g} s per {budget.period_seconds:g} s"
        )
