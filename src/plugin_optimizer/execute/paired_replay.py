"""The judge of worker counts: what happened to the requests, against the same requests under the old count.

Load and luck are the same on both sides and cancel. The replay has a small bias of its own, which the requests
before the change reveal (they are replayed under the count they really had); what is left of it is why no
effect inside the band is ever claimed. Sources and measurements: docs on verification.
"""

import math
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from ..contracts import Observation
from ..domain import Pool, RequestTrace
from ..models.contention import at_half_time, slower_in_company
from ..models.replay import fit_replay
from .counterfactual import Replay, cpu_limited, offered_per_slot, replayable, slots_of
from .service_effect import ServiceLevels, expected_times, service_times
from .trace_windows import Grid, complete_grid, log_ratio, window_seconds

F64 = NDArray[np.float64]

MOST_UNKNOWN_WAITS = 0.10  # share of requests whose queue wait nobody saw
LEAST_SELF_CHECK_WINDOWS = (
    1  # a fault may be certain after 15 s, and only windows whose requests have ended are complete
)
FULL_SELF_CHECK_WINDOWS = 6  # with less the model is not doubted, but trusted less
MOST_SELF_CHECK_ERROR = 0.10
BIAS_ALLOWANCE = 1.5  # the bias under another count may be that much larger
WIDE_BAND = 0.12  # where the model is less sure: service times moved, or computing power is scarce
FULL = 0.95  # offered work per slot from which on a queue only grows
COMPANY_DEVIATIONS = 2.0  # suspected is enough: it only makes a claim of benefit more careful
LEAST_SERVED_BEYOND = 0.01  # of the requests; less cannot have shortened what all of them wait by what may be claimed
COMPANY_RATIO = 1.10  # service times that moved by less leave the verdict to the queue
NEARLY_FULL = 0.85  # from here on the queue multiplies every error of a service time by six and more: 1 / (1 - share)


def unusable(before: Observation, after: Observation, pools: tuple[Pool, Pool] | None) -> bool:
    """Tell whether there is nothing to replay: the same slots, no shared queue, no requests or waits on record."""
    if pools is None or slots_of(pools[0]) == slots_of(pools[1]) or not all(map(replayable, pools)):
        return True
    return any(len(trace) < 2 or _waits_unknown(trace) for trace in (before.trace, after.trace))


def _waits_unknown(trace: RequestTrace) -> bool:
    return bool(np.isnan(trace.queue_wait).mean() > MOST_UNKNOWN_WAITS)


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """How well the replay explains the time before the change. `bias`: mean log(observed / replayed).

    Begins in the state the service was in, and then runs through without being set right again: the replay under
    the old count cannot be set right either (nobody observed that state), so a check that is would promise too much.
    The mean is over windows of time: in totals one backlog would outweigh everything else. `load` is the offered
    work per slot, with the arrivals before or after, whichever are more.
    """

    bias: float
    windows: int
    load: float
    overloaded: bool
    cpu_limited: bool

    @property
    def error(self) -> float:
        return abs(math.expm1(self.bias))

    @property
    def valid(self) -> bool:
        return self.windows >= LEAST_SELF_CHECK_WINDOWS and (self.overloaded or self.error <= MOST_SELF_CHECK_ERROR)

    @property
    def nearly_full(self) -> bool:
        return self.load >= NEARLY_FULL

    @property
    def correction(self) -> float:
        """Return the log bias to take off; none where an overload makes it a guess."""
        return self.bias if self.error <= MOST_SELF_CHECK_ERROR else 0.0

    def band(self, least: float) -> float:
        """Return the smallest relative effect that may be claimed."""
        unexplained = self.error > MOST_SELF_CHECK_ERROR
        short = self.windows < FULL_SELF_CHECK_WINDOWS
        doubtful = self.cpu_limited or unexplained or self.nearly_full or short
        return max(least, 0.0 if unexplained else BIAS_ALLOWANCE * self.error, WIDE_BAND if doubtful else 0.0)


@dataclass(frozen=True)
class PairedReplay:
    """One comparison: `before` under `old`, `after` under `new`; `grid` holds the complete windows after."""

    before: RequestTrace
    after: RequestTrace
    old: Pool
    new: Pool
    grid: Grid
    limited: bool  # by computing power
    _without: dict[bytes, F64] = field(default_factory=dict)

    @classmethod
    def of(
        cls, before: Observation, after: Observation, pools: tuple[Pool, Pool], step_seconds: float, least_requests: int
    ) -> "PairedReplay":
        seconds = window_seconds(before.trace, step_seconds, least_requests)
        times = after.window.times
        until = float(times[-1]) if len(times) else -math.inf
        limited = cpu_limited(before.trace, pools[0]) or cpu_limited(after.trace, pools[1])
        return cls(before.trace, after.trace, *pools, complete_grid(after.trace, seconds, until), limited)

    @cached_property
    def observed(self) -> tuple[F64, F64]:
        """Return the sum of sojourns and the number of requests per window after the change."""
        return self.grid.sums(self._index, self.after.sojourn), self.grid.counts(self._index)

    @cached_property
    def observed_before(self) -> tuple[F64, F64]:
        """Return the sum of sojourns and the number of requests per window before the change."""
        index = self._grid_before.index(self.before)
        return self._grid_before.sums(index, self.before.sojourn), self._grid_before.counts(index)

    def without(self, log_scales: F64 | None = None) -> F64:
        """Return the sum of sojourns per window that the old count would have given.

        `log_scales` ([windows]) takes from the service times of each window what the change did to them.
        """
        return self._replayed(self._per_request(log_scales))

    def without_company(self, log_scales: F64) -> F64:
        """Return the same with at least that taken from each request by which it is slower for the company inside that only
        the new count lets in: under the old one it would have waited outside instead, and not both.
        """
        return self._replayed(np.maximum(self._per_request(log_scales), self.company_log))

    def _per_request(self, log_scales: F64 | None) -> F64:
        scales = np.zeros(1) if log_scales is None or not len(log_scales) else log_scales
        return scales[np.minimum(self._index, len(scales) - 1)]

    def _replayed(self, per_request: F64) -> F64:
        key = per_request.tobytes() if per_request.any() else b""
        if key not in self._without:
            sojourn = Replay(self.after, self.new, self.limited, self.overhead_seconds).sojourn(self.old, per_request)
            self._without[key] = self.grid.sums(self._index, sojourn)
        return self._without[key]

    @cached_property
    def company_log(self) -> F64:
        """Return [n]: log of how much slower each request after the change is for the company that the new count lets in; 0 for
        those without it, and for all where that may be chance.
        """
        slots = slots_of(self.old)
        if slots >= slots_of(self.new):
            return np.zeros(len(self.after))
        found = slower_in_company(self.after, slots)
        slower = found.deviations > COMPANY_DEVIATIONS and found.ratio > COMPANY_RATIO
        return np.where(found.among, math.log(found.ratio), 0.0) if slower else np.zeros(len(self.after))

    @cached_property
    def new_slots_serve(self) -> bool:
        """Tell whether requests were served beyond what the old count could serve at a time; True where that cannot be told.

        The replay takes for granted that what was added serves. A process that started and takes nothing saves nobody any wait.
        """
        slots = slots_of(self.old)
        if slots >= slots_of(self.new):
            return True
        at_once = at_half_time(self.after)
        return at_once is None or bool((at_once > slots).mean() >= LEAST_SERVED_BEYOND)

    @cached_property
    def overhead_seconds(self) -> float:
        """Return what the server needs per request outside the handler, fitted to the time before.

        A slot short of rest multiplies it: 2 ms of 130 make a quarter more queue at 91 % busy.
        """
        return 0.0 if self.limited else _overhead_seconds(_Served(self.before, replace(self.old, quota=None)))

    @cached_property
    def self_check(self) -> SelfCheck:
        """Replay the time before under the count it really had."""
        grid = self._grid_before
        replayed = Replay(self.before, self.old, self.limited, self.overhead_seconds).sojourn(self.old, np.zeros(1))
        errors = log_ratio(self.observed_before[0], grid.sums(grid.index(self.before), replayed))
        errors = errors[~np.isnan(errors)]
        bias = float(errors.mean()) if len(errors) else 0.0
        load, more = offered_per_slot(self.before, self.old), self.load_ratio
        return SelfCheck(bias, len(errors), load * max(1.0, more), load >= FULL, self.limited)

    @property
    def load_ratio(self) -> float:
        """Return arrivals per second after / before."""
        after, before = (len(t) / max(float(t.arrival[-1] - t.arrival[0]), 1e-9) for t in (self.after, self.before))
        return after / before

    @cached_property
    def service_levels(self) -> ServiceLevels:
        """Return what requests took inside the worker per window, against what their kind took before."""
        service = service_times(self.before, self.limited)
        levels = []
        for trace, grid in ((self.before, self._grid_before), (self.after, self.grid)):
            index = grid.index(trace)
            expected = expected_times(self.before, service, trace.context)
            levels.append(log_ratio(grid.sums(index, service_times(trace, self.limited)), grid.sums(index, expected)))
        return ServiceLevels(levels[0], levels[1])

    @cached_property
    def _index(self) -> NDArray[np.int64]:
        return self.grid.index(self.after)

    @cached_property
    def _grid_before(self) -> Grid:
        return complete_grid(self.before, self.grid.seconds, -math.inf)


@dataclass(frozen=True, slots=True, eq=False)
class _Served:
    """A trace under a pool, equal to another of the same requests and slots."""

    trace: RequestTrace
    pool: Pool

    @property
    def _key(self) -> tuple[object, ...]:
        trace, pool = self.trace, self.pool
        times = (trace.arrival, trace.queue_wait, trace.wall, trace.cpu, trace.run_delay)
        return (*(each.tobytes() for each in times), pool.kind, pool.workers, pool.threads, pool.cores, pool.reuse_port)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Served) and self._key == other._key


@lru_cache(maxsize=32)  # the time before a change stays the same at every look at it
def _overhead_seconds(served: _Served) -> float:
    return fit_replay(served.trace, served.pool).overhead_seconds
