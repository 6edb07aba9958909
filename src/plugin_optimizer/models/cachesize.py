"""The caches of a plugin, each with its curve over all worker processes and the knob that sizes it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..domain import CacheTrace, Knob, PluginView
from .missratio import COLD, MissRatioCurve, miss_ratio_curve

LEAST_KEYS, KEYS_PER_ENTRY = (
    16_384,
    8,
)  # the latest accesses of each process that are studied: bounds the time to ~15 ms


@dataclass(frozen=True, slots=True)
class CacheStudy:
    """One cache, of which every process has its own copy. `entries` and `recorded` are sums over the processes.

    `observed_hit_ratio` is what the caches counted themselves since they began (NaN before the first access).
    """

    name: str
    capacity: int
    processes: int
    entries: int
    recorded: int
    curve: MissRatioCurve
    knob: Knob | None
    observed_hit_ratio: float
    load_seconds: float
    entry_bytes: float

    @property
    def smallest(self) -> int:
        bound = self.knob.minimum if self.knob else None
        return max(1, int(bound)) if bound is not None else 1

    @property
    def largest(self) -> int:
        """Return the largest size that can make a difference: the knob's bound or the number of different keys."""
        bound = self.knob.maximum if self.knob else None
        reach = self.curve.distinct if bound is None else min(int(bound), self.curve.distinct)
        return max(reach, self.smallest)

    @property
    def best_hit_ratio(self) -> float:
        return self.curve.hit_ratio(max(self.largest, self.capacity))

    def expected_hit_ratio(self, size: int) -> float:
        """Return the middle of what is certain and what may have been kept from before the recording."""
        return (self.curve.hit_ratio(size) + self.curve.hit_ratio_ceiling(size)) / 2

    def size_for(self, hit_ratio: float) -> int:
        """Return the smallest size within the bounds that reaches a hit ratio; the largest where none does."""
        need = int(np.ceil(hit_ratio * self.curve.accesses - 1e-9))
        if need <= 0:
            return self.smallest
        distance = int(self.curve.distances[min(need, self.curve.accesses) - 1])
        return self.largest if distance == COLD else min(max(distance, self.smallest), self.largest)

    def free_size(self, loss_points: float) -> int:
        """Return the smallest size that loses at most `loss_points` of the present hit ratio."""
        return self.size_for(self.curve.hit_ratio(self.capacity) - loss_points)

    def saved_bytes(self, size: int) -> float:
        """Return what shrinking to `size` gives back: entries that are really there, over all processes."""
        spare = max(0.0, self.entries - size * self.processes)
        return spare * self.entry_bytes if self.entry_bytes == self.entry_bytes else 0.0


def study_caches(view: PluginView) -> Iterator[CacheStudy]:
    """Yield a study for each cache of the plugin that recorded accesses, by name."""
    for name in sorted({trace.name for trace in view.caches}):
        traces = [trace for trace in view.caches if trace.name == name and len(trace.keys)]
        if traces:
            yield _study(name, traces, _knob_of(view, name))


def _study(name: str, traces: Sequence[CacheTrace], knob: Knob | None) -> CacheStudy:
    hits, misses = sum(t.hits for t in traces), sum(t.misses for t in traces)
    return CacheStudy(
        name=name,
        capacity=min(t.capacity for t in traces),
        processes=len(traces),
        entries=sum(t.entries for t in traces),
        recorded=sum(len(t.keys) for t in traces),
        curve=miss_ratio_curve([t.keys[-max(LEAST_KEYS, KEYS_PER_ENTRY * t.capacity) :] for t in traces]),
        knob=knob,
        observed_hit_ratio=hits / (hits + misses) if hits + misses else float("nan"),
        load_seconds=_weighted([(t.load_seconds, t.misses) for t in traces]),
        entry_bytes=_weighted([(t.entry_bytes, t.entries) for t in traces]),
    )


def _weighted(pairs: Sequence[tuple[float, int]]) -> float:
    """Return the weighted mean of what is known, NaN where nothing is."""
    known = [(value, max(weight, 1)) for value, weight in pairs if value == value]
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total else float("nan")


def _knob_of(view: PluginView, name: str) -> Knob | None:
    """Return the knob that sizes the cache: named after it, or the only one of a plugin with one cache."""
    knobs = [knob for knob in view.knobs if knob.kind == "cache_size"]
    named = next((knob for knob in knobs if name == knob.name or f".{name}." in f".{knob.name}."), None)
    alone = len(knobs) == 1 and len({trace.name for trace in view.caches}) == 1
    return named or (knobs[0] if alone else None)
