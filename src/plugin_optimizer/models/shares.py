"""Where the time of requests goes, and what therefore limits a plugin."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from ..domain import Pool, RequestTrace
from .contention import Contention, contention

CPU_WAIT_LIMIT = 0.3  # share of wall spent waiting for a core from which more workers only move the wait
UTILISATION_LIMIT = 0.85  # of the cores; above it no count of workers helps
QUEUE_SHARE_LIMIT = 0.2  # of what clients feel, from which the queue is worth a word
QUIET_QUEUE = 0.1
DOMINANT = 0.5
CONTENTION_RATIO = 1.5  # off-CPU time under full load over that under light load
CONTENTION_LEAST = 50  # requests on either side before the two are compared


class Bottleneck(StrEnum):
    """What a plugin's requests wait for. `none` means that nothing stands out."""

    WORKERS = "workers"
    CPU = "cpu"
    CONTENTION = "contention"
    DEPENDENCY = "dependency"
    COMPUTE = "compute"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of Σ(queue wait + wall) over a stretch of requests; they sum to 1. `load` is in erlangs.

    `cpu_wait_of_wall` is run delay over time inside the worker, `utilisation` CPU seconds per second per core;
    `contention` by how much the median request is slower in company; `held_up` says whether further workers are spoilt by it.
    """

    requests: int
    seconds: float
    queue: float
    cpu: float
    cpu_wait: float
    off_cpu: float
    cpu_wait_of_wall: float
    load: float
    utilisation: float
    mean_queue_seconds: float
    p95_seconds: float
    contention: float
    held_up: Contention = field(default_factory=Contention)

    @property
    def bottleneck(self) -> Bottleneck:
        """Classify as Workers table of this project: first what more workers cannot heal."""
        if self.cpu_wait_of_wall >= CPU_WAIT_LIMIT or self.utilisation > UTILISATION_LIMIT:
            return Bottleneck.CPU
        if self.contention >= CONTENTION_RATIO or self.held_up.spoils:
            return Bottleneck.CONTENTION
        if self.queue >= QUEUE_SHARE_LIMIT:
            return Bottleneck.WORKERS
        if self.queue <= QUIET_QUEUE and self.off_cpu >= DOMINANT:
            return Bottleneck.DEPENDENCY
        if self.queue <= QUIET_QUEUE and self.cpu >= DOMINANT:
            return Bottleneck.COMPUTE
        return Bottleneck.NONE


def shares_of(trace: RequestTrace, cores: float, pool: Pool | None = None) -> Shares | None:
    """Return where the time of these requests went; None for fewer than two requests or no time at all.

    With the `pool` that served them, also whether they held each other up: looked at where requests wait for a slot, and
    not among threads, whose interpreter's lock more processes do heal.
    """
    total = float(trace.sojourn.sum())
    if len(trace) < 2 or total <= 0:
        return None
    seconds = max(float(trace.arrival[-1] - trace.arrival[0]), 1e-6)
    wall, cpu = float(trace.wall.sum()), float(np.minimum(trace.cpu, trace.wall).sum())
    queue = float(np.nan_to_num(trace.queue_wait, nan=0.0).sum())
    off_cpu = float(trace.off_cpu.sum())
    cpu_wait = max(0.0, wall - cpu - off_cpu)
    return Shares(
        requests=len(trace),
        seconds=seconds,
        queue=queue / total,
        cpu=cpu / total,
        cpu_wait=cpu_wait / total,
        off_cpu=off_cpu / total,
        cpu_wait_of_wall=cpu_wait / wall if wall > 0 else 0.0,
        load=wall / seconds,
        utilisation=cpu / seconds / max(cores, 1e-6),
        mean_queue_seconds=queue / len(trace),
        p95_seconds=float(np.quantile(trace.sojourn, 0.95)),
        contention=_contention(trace),
        held_up=_held_up(trace, pool) if queue > QUIET_QUEUE * total else Contention(),
    )


def _held_up(trace: RequestTrace, pool: Pool | None) -> Contention:
    return Contention() if pool is None or pool.threads > 1 else contention(trace, pool.workers)


def cores_are_scarce(trace: RequestTrace, cores: float) -> bool:
    """Tell whether these requests are limited by the CPU: `Bottleneck.CPU`, without all the other shares."""
    wall = float(trace.wall.sum())
    if len(trace) < 2 or wall <= 0:
        return False
    seconds = max(float(trace.arrival[-1] - trace.arrival[0]), 1e-6)
    cpu = float(np.minimum(trace.cpu, trace.wall).sum())
    waiting = max(0.0, wall - cpu - float(trace.off_cpu.sum())) / wall
    return waiting >= CPU_WAIT_LIMIT or cpu / seconds / max(cores, 1e-6) > UTILISATION_LIMIT


def _contention(trace: RequestTrace) -> float:
    """Return how much longer requests wait off the CPU when many run at once (1 = not at all).

    Compares the medians of the upper and the lower half by the number of requests inside workers at their
    begin; 1 where the two halves cannot be told apart.
    """
    begin = trace.end - trace.wall
    inside = np.searchsorted(np.sort(begin), begin, side="right") - np.searchsorted(
        np.sort(trace.end), begin, side="right"
    )
    middle = float(np.median(inside))
    many, few = trace.off_cpu[inside > middle], trace.off_cpu[inside <= middle]
    if len(many) < CONTENTION_LEAST:
        many, few = trace.off_cpu[inside >= middle], trace.off_cpu[inside < middle]
    if min(len(many), len(few)) < CONTENTION_LEAST or float(np.median(few)) <= 0:
        return 1.0
    ratio = float(np.median(many) / np.median(few))
    return ratio if float(np.quantile(many, 0.25)) > float(np.median(few)) else 1.0
