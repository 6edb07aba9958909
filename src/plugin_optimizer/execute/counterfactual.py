"""What requests would have felt under another number of workers: their own trace, replayed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Pool, RequestTrace
from ..models.backlog import shared_out, taken_at_start
from ..models.fifo import replay_fifo
from ..models.quota import PHASES, budgets
from ..models.server import replay_server
from ..models.topology import usable_cores
from .service_effect import service_times

F64 = NDArray[np.float64]

CPU_SHARE = 0.30  # of its cores, above which the requests of one pool slow each other down
RUN_DELAY_SHARE = 0.10  # of the time inside workers spent waiting for a core
PHASED_REQUESTS = 5_000  # beyond so many each window holds the phases of a quota's timer itself; one replay is enough


def slots_of(pool: Pool) -> int:
    """Return how many requests the pool serves at once."""
    return max(1, pool.workers * pool.threads)


def replayable(pool: Pool) -> bool:
    """Tell whether all its slots stand behind one shared queue.

    With `reuse_port` the kernel deals requests out at random, and several threaded processes accept eagerly:
    no replay pairs those requests (facts on workers, section 4.3).
    """
    return pool.workers <= 1 or not (pool.reuse_port or pool.threads > 1)


def offered_per_slot(trace: RequestTrace, pool: Pool) -> float:
    """Return the work of the trace per second and slot of `pool` (0 where there is no span of time)."""
    span = float(trace.arrival[-1] - trace.arrival[0]) if len(trace) > 1 else 0.0
    return float(trace.wall.sum()) / (span * slots_of(pool)) if span > 0 else 0.0


def cpu_limited(trace: RequestTrace, pool: Pool) -> bool:
    """Tell whether computing power, not only slots, limits the pool (facts on workers, section 4.2)."""
    span = float(trace.arrival[-1] - trace.arrival[0]) if len(trace) > 1 else 0.0
    if span <= 0 or np.isnan(trace.cpu).any() or np.isnan(trace.run_delay).any():
        return False
    busy = float(trace.cpu.sum()) / (span * max(pool.cores, 1e-6))
    delayed = float(trace.run_delay.sum()) / max(float(trace.wall.sum()), 1e-12)
    return busy > CPU_SHARE or delayed > RUN_DELAY_SHARE


@dataclass(frozen=True, slots=True)
class Replay:
    """Replays one trace, recorded under `served_by`, through other pools, beginning in the same state.

    `limited` chooses the model that also shares the cores; `overhead_seconds` holds a slot with every request.
    """

    trace: RequestTrace
    served_by: Pool
    limited: bool
    overhead_seconds: float = 0.0

    def sojourn(self, pool: Pool, log_scales: F64) -> F64:
        """Return [n] seconds each request would have felt in `pool`, its service times divided by
        exp(`log_scales`) ([n] or [1]).
        """
        arrival, slots, scale = self.trace.arrival, slots_of(pool), np.exp(-log_scales)
        free_at = self._taken_until(slots, float(scale[0]))
        if not self.limited:
            service = service_times(self.trace, self.limited) * scale
            held = replay_fifo(arrival, service + self.overhead_seconds, slots, free_at=free_at)
            return held - self.overhead_seconds  # people have their answer before the slot is free again
        cpu = np.minimum(self.trace.cpu, self.trace.wall)
        off_cpu = self.trace.off_cpu + self.trace.run_delay * self._foreign_share(cpu)
        return self._served(pool, cpu * scale, off_cpu * scale, free_at)[0]

    def _served(self, pool: Pool, cpu: F64, off_cpu: F64, free_at: list[float]) -> tuple[F64, F64]:
        """Return sojourns and waits for a slot ([n] each), averaged over the unknown phase of the quota's timer."""
        limits = budgets(pool, PHASES if len(cpu) <= PHASED_REQUESTS else 1)
        slots, cores = slots_of(pool), usable_cores(pool, pool.workers)
        runs = [
            replay_server(self.trace.arrival, cpu, off_cpu, slots, cores, budget=limit, free_at=free_at)
            for limit in limits
        ]
        return np.mean([run.sojourn for run in runs], axis=0), np.mean([run.wait for run in runs], axis=0)

    def _taken_until(self, slots: int, scale: float = 1.0) -> list[float]:
        """Return when each slot came free that was taken at the beginning.

        The same work in progress, its service times times `scale`, keeps another number of slots busy for
        proportionally longer.
        """
        begin, served_by = float(self.trace.arrival[0]), slots_of(self.served_by)
        found = shared_out(taken_at_start(self.trace, served_by), begin, served_by, slots)
        return [begin + (at - begin) * scale for at in found]

    def _foreign_share(self, cpu: F64) -> float:
        """Return the share of the recorded waits for a core that neighbours caused: the model makes only its own."""
        recorded = float(self.trace.run_delay.sum())
        if recorded <= 0:
            return 0.0
        off_cpu, free_at = self.trace.off_cpu, self._taken_until(slots_of(self.served_by))
        sojourn, wait = self._served(self.served_by, cpu, off_cpu, free_at)
        own = float((sojourn - wait - cpu - off_cpu).sum())
        return min(1.0, max(0.0, 1.0 - own / recorded))
