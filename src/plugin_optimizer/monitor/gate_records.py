"""The data gate for what probes recorded request by request: a record that cannot be true is left out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..domain import CacheTrace, Metric, Refusal, RequestTrace
from .gate import FUTURE_SECONDS, PAST_SECONDS
from .gate_doubt import FROZEN, IMPLAUSIBLE_ZERO

LONGEST_SECONDS = 86_400.0
FROZEN_RECORDS = 50  # nobody serves so many requests in a row in the same time, to the last bit
KEPT_RECORDS = 20_000  # of a plugin, to know a record that comes twice

Flags = NDArray[np.bool_]
Keys = NDArray[np.void]


@dataclass(slots=True)
class RecordGate:
    """Lets records in or says why not. Remembers the latest of each plugin to know those that come again."""

    kept: dict[str, Keys] = field(default_factory=dict)
    runs: dict[str, tuple[float, int]] = field(default_factory=dict)

    def admit(self, plugin_id: str, trace: RequestTrace, now: float) -> tuple[RequestTrace, tuple[Refusal, ...]]:
        """Return the requests that may be believed, and how many were refused for each reason."""
        refused: Counter[str] = Counter()
        good = np.ones(len(trace), dtype=np.bool_)
        for reason, bad in self._checks(plugin_id, trace, now):
            refused[reason] += int((good & bad).sum())
            good &= ~bad
        if self._frozen(plugin_id, trace.wall[good]):
            refused[FROZEN] += int(good.sum())
            good[:] = False
        metric = Metric.RESPONSE_TIME_SECONDS.value
        return trace.where(good), tuple(
            Refusal(plugin_id, metric, *each) for each in sorted(refused.items()) if each[1]
        )

    def _checks(self, plugin_id: str, trace: RequestTrace, now: float) -> Iterable[tuple[str, Flags]]:
        times = np.stack([trace.wall, trace.cpu, trace.run_delay])
        wait = trace.queue_wait  # NaN: not known, as parts of the time inside may be
        with np.errstate(invalid="ignore"):
            yield (
                "not_finite",
                ~(np.isfinite(trace.arrival) & np.isfinite(trace.wall) & ~np.isinf([*times, wait]).any(axis=0)),
            )
            yield "negative", (times < 0).any(axis=0) | (wait < 0)
            yield "too_large", (times > LONGEST_SECONDS).any(axis=0) | (wait > LONGEST_SECONDS)
            yield IMPLAUSIBLE_ZERO, trace.wall == 0
            yield "from_the_future", trace.end > now + FUTURE_SECONDS
            yield "too_old", trace.end < now - PAST_SECONDS
        yield "duplicate", self._seen(plugin_id, trace)

    def _seen(self, plugin_id: str, trace: RequestTrace) -> Flags:
        keys = _keys(trace)
        before = self.kept.get(plugin_id, keys[:0])
        first = np.zeros(len(keys), dtype=np.bool_)
        first[np.unique(keys, return_index=True)[1]] = True
        self.kept[plugin_id] = np.concatenate([before, keys])[-KEPT_RECORDS:]
        return ~first | np.isin(keys, before)

    def _frozen(self, plugin_id: str, wall: NDArray[np.float64]) -> bool:
        if not len(wall):
            return False
        latest, count = self.runs.get(plugin_id, (np.nan, 0))
        count = len(wall) + (count if wall[0] == latest else 0) if (wall == wall[0]).all() else 0
        self.runs[plugin_id] = (float(wall[-1]), count)
        return count >= FROZEN_RECORDS


def believable(caches: Iterable[CacheTrace]) -> tuple[CacheTrace, ...]:
    """Return the caches whose figures can be true: a size, counts that are not negative, a load time if there is one."""
    return tuple(
        cache
        for cache in caches
        if cache.capacity > 0
        and min(cache.entries, cache.hits, cache.misses) >= 0
        and not (cache.load_seconds < 0 or cache.load_seconds > LONGEST_SECONDS)
    )


def _keys(trace: RequestTrace) -> Keys:
    """Return what tells a record from every other, one opaque value each: [n]."""
    columns = [trace.arrival, trace.wall, trace.cpu, trace.pid.astype(np.float64), trace.context.astype(np.float64)]
    rows = np.ascontiguousarray(np.stack(columns, axis=1))
    return rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).reshape(-1)
