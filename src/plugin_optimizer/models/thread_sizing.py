"""More threads instead of another process: the same requests, replayed with more slots behind one interpreter's lock.

Only for one process with threads, which the replay describes (`topology`). Requests that wait for something else give up the
lock meanwhile, so more of them fit in; those that compute take turns, and the replay on one core shows that nothing is won.
"""

from dataclasses import dataclass, replace
from math import floor

from ..domain import Knob
from .knob_space import THREADS
from .pace import first_step
from .pool_case import PoolCase
from .replay import Forecast, Replay
from .shares import UTILISATION_LIMIT
from .sizing import Sizing, grow, on_the_way

# A reload cannot be taken back and forth, so the judge has nothing but what was recorded before: six windows and some.
LEAST_RECORDED_SECONDS = 60.0
NEAR_WORKERS = 1.05  # threads that do about as well as another process are the cheaper change


@dataclass(frozen=True, slots=True)
class ThreadedReplay:
    """One process with another number of threads: what `Replay` is for workers."""

    replay: Replay

    def figures(self, workers: int, load: float = 1.0) -> tuple[float, float]:
        """Return mean and p95 in seconds; `workers` are threads here."""
        return self._with(workers).figures(1, load)

    def forecast(self, threads: int) -> Forecast:
        return self._with(threads).forecast(1)

    def _with(self, threads: int) -> Replay:
        """Return the model with so many threads. More than ran are asked how they would do from the start."""
        replay = self.replay
        free_at = replay.free_at if threads <= replay.pool.threads else ()
        return replace(replay, pool=replace(replay.pool, threads=threads), free_at=free_at)


@dataclass(frozen=True, slots=True)
class MoreThreads:
    """What more threads would do; `step` is how far to go now on the way to `sizing`."""

    knob: Knob
    model: ThreadedReplay
    sizing: Sizing
    step: Sizing

    def beats(self, p95_seconds: float | None) -> bool:
        """Tell whether it is the better change than more workers, which promise that p95 (None: they promise nothing).

        A thread costs next to no memory, so it need not be faster.
        """
        return (
            p95_seconds is None
            or self.sizing.keeps_promise
            or self.model.figures(self.step.workers)[1] <= NEAR_WORKERS * p95_seconds
        )


def more_threads(case: PoolCase, replay: Replay, stress: float, least_gain_ratio: float) -> MoreThreads | None:
    """Return what more threads would do; None where none are offered, where they are not modelled or do not help.

    Nor where the interpreter computes for 85 % of the time: what little the replay promises then is lost to switching.
    """
    knob, pool, slo = case.view.knob(THREADS), case.pool, case.view.policy.response_time_seconds
    if (
        knob is None
        or knob.kind != THREADS
        or knob.value != pool.threads
        or pool.kind != "gthread"
        or pool.workers != 1
    ):
        return None
    if case.span_seconds > 0 and float(case.trace.cpu.sum()) / case.span_seconds >= UTILISATION_LIMIT:
        return None
    most = floor(knob.maximum) if knob.maximum is not None else pool.threads
    if most <= pool.threads:
        return None
    model = ThreadedReplay(replay)
    sizing = grow(model, range(pool.threads, most + 1), slo, stress)
    step = first_step(case.view.policy, knob, pool.threads, sizing.workers)
    taken = sizing if step == sizing.workers else on_the_way(model, sizing, step, slo, stress)
    taken = taken if gain(taken) >= least_gain_ratio else sizing
    return MoreThreads(knob, model, sizing, taken) if gain(taken) >= least_gain_ratio else None


def gain(sizing: Sizing) -> float:
    """Return the share of the present p95 that the chosen count saves at the present load."""
    now, then = sizing.curve[0], sizing.point(sizing.workers)
    return 1 - then.p95_seconds / now.p95_seconds if then else 0.0
