"""A simulated service whose worker count is turned back and forth: what the referee of two values is tested against."""

import heapq
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..contracts import Observation
from ..domain import RequestTrace
from ..domain.comparison import Arm, Block, Comparison
from .simulated_service import EPOCH, TICK_SECONDS, SimulatedService, observation

F64 = NDArray[np.float64]

AFTERWARDS_SECONDS = 60.0  # in which the last requests are answered
ENOUGH_WORKERS = 1000  # so many that nobody waits: what is drawn then is the work alone


@dataclass(frozen=True)
class AlternatingService:
    """The requests of `world` (its load, work, drifts and errors; no lock, no change of its own), served by
    `workers` (before, after) in turn as the comparison says. Each turn takes `turn_seconds` to show.

    `service_after` is what service times are multiplied with under the value after.
    """

    comparison: Comparison
    world: SimulatedService = field(default_factory=SimulatedService)
    workers: tuple[int, int] = (4, 4)
    service_after: float = 1.0
    error_ratio_after: float = 0.0
    seed: int = 0

    @property
    def began(self) -> float:
        return EPOCH + self.world.before_seconds

    @cached_property
    def finished(self) -> Comparison:
        """Return the comparison with all of its blocks on record."""
        plan = self.comparison
        length = plan.block_seconds + plan.turn_seconds
        begins = self.began + plan.turn_seconds + length * np.arange(2 * plan.pairs)
        blocks = (Block(arm, at, at + plan.block_seconds) for arm, at in zip(plan.order, begins.tolist(), strict=True))
        return replace(plan, blocks=tuple(blocks))

    def observe(self) -> tuple[Observation, Observation]:
        """Return what was seen before the comparison, and from its beginning until all its requests were answered."""
        trace, end = self.run(), self.finished.blocks[-1].ended + AFTERWARDS_SECONDS
        before, during = trace.between(EPOCH, self.began), trace.between(self.began, end)
        return observation(before, EPOCH, self.began), observation(during, self.began, end)

    def run(self) -> RequestTrace:
        """Return every request, from the time before the comparison to the end."""
        quiet = replace(
            self.world,
            workers=ENOUGH_WORKERS,
            workers_after=ENOUGH_WORKERS,
            overhead_seconds=0.0,
            settle_seconds=0.0,
            after_seconds=self.comparison.seconds + AFTERWARDS_SECONDS,
        )
        asked = quiet.run(self.seed)
        after = self._under_after(asked.arrival)
        work = np.where(after, asked.wall * self.service_after, asked.wall)
        wait = np.round(self._serve(asked.arrival, work) / TICK_SECONDS) * TICK_SECONDS
        failed = after & (np.random.default_rng(self.seed).random(len(asked)) < self.error_ratio_after)
        status = np.where(failed, 500, asked.status).astype(np.int64)
        return replace(asked, queue_wait=wait, wall=work, status=status)

    def _under_after(self, arrival: F64) -> NDArray[np.bool_]:
        arms = np.array([block.arm is Arm.AFTER for block in self.finished.blocks])
        place = np.searchsorted([block.began for block in self.finished.blocks], arrival, side="right") - 1
        return np.asarray((place >= 0) & arms[place])

    def _serve(self, arrival: F64, work: F64) -> F64:
        """Serve first come, first served, and return the waits: [n]. Who is served when a slot goes is served still."""
        slots = {Arm.BEFORE: self.workers[0], Arm.AFTER: self.workers[1]}
        turns = [(block.began, slots[block.arm]) for block in self.finished.blocks][::-1]
        free, waits = [float(arrival[0])] * self.workers[0], np.empty(len(arrival))
        for i, (at, seconds) in enumerate(zip(arrival.tolist(), work.tolist(), strict=True)):
            while turns and max(at, free[0]) >= turns[-1][0]:
                turned_at, count = turns.pop()
                free = sorted(free)[-count:] if count < len(free) else [*free, *([turned_at] * (count - len(free)))]
                heapq.heapify(free)
            begin = max(at, heapq.heappop(free))
            heapq.heappush(free, begin + seconds + self.world.overhead_seconds)
            waits[i] = begin - at
        return waits
