"""What a change of workers would have saved: the requests of its time replayed, stretch by stretch."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from ..domain import Change, Message, Metric, Proposal, RequestTrace, SeenSettings
from ..models.bootstrap import block_ratios
from ..models.replay_model import LEAST_ERROR
from .replayed import SEED, Replayed, replay_stretch
from .report import Cost, Estimate

F64 = NDArray[np.float64]
STRETCH_SECONDS, MOST_STRETCHES = 600.0, 24  # bounds the time of one estimate to some seconds
MINUTE_SECONDS, BLOCK_SECONDS = 60.0, 5.0
LEAST_OF_MINUTE = 5  # requests, from which on a minute has a p95

TraceOf = Callable[[str, float, float], RequestTrace]
SettingsAt = Callable[[str, float], SeenSettings | None]


def estimate(
    proposal: Proposal, begin: float, end: float, slo_seconds: float, trace_of: TraceOf, settings_at: SettingsAt
) -> Estimate | Message:
    """Return what `proposal` would have done to the requests of [begin, end); a message that says why there is no answer."""
    change = proposal.change
    counts = worker_counts(change)
    if change is None or counts is None:
        return Message("replay_no_model" if change else "replay_advice")
    total = max(1, ceil((end - begin) / STRETCH_SECONDS))
    chosen = np.unique(np.linspace(0, total - 1, min(total, MOST_STRETCHES)).round().astype(int)).tolist()
    parts: list[Replayed] = []
    refused: Counter[str] = Counter()
    reasons: dict[str, Message] = {}
    for number in chosen:
        first = begin + number * STRETCH_SECONDS
        last = min(first + STRETCH_SECONDS, end)
        found = replay_stretch(trace_of(change.plugin_id, first, last), settings_at(change.plugin_id, first), *counts)
        if isinstance(found, Message):
            refused[found.code] += 1
            reasons[found.code] = found
        else:
            parts.append(found)
    if not parts:
        return reasons[refused.most_common(1)[0][0]]
    return _summed(parts, total, len(chosen), slo_seconds)


def worker_counts(change: Change | None) -> tuple[int, int] | None:
    """Return the workers before and after; None where another knob is turned, for which there is no model."""
    if change is None or change.knob != "workers":
        return None
    before, after = change.before, change.after
    whole = isinstance(before, int) and isinstance(after, int) and not isinstance(before, bool)
    return (int(before), int(after)) if whole else None


def cost(proposal: Proposal, begin: float, end: float) -> Cost | None:
    """Return what a change of workers takes while it stands; None for other changes and for advice."""
    counts = worker_counts(proposal.change)
    if counts is None:
        return None
    hours = max(0.0, end - begin) / 3600.0
    memory = next((p for p in proposal.side_effects if p.metric is Metric.MEMORY_BYTES), None)
    more = (memory.expected, memory.low, memory.high) if memory else None
    held = (more[0] - memory.before, more[1] - memory.before, more[2] - memory.before) if memory and more else None
    return Cost(hours, (counts[1] - counts[0]) * hours, held)


def _summed(parts: Sequence[Replayed], total: int, chosen: int, slo: float) -> Estimate:
    recorded = np.concatenate([part.recorded for part in parts])
    replayed = np.concatenate([part.replayed for part in parts])
    error = max(LEAST_ERROR, float(np.average([p.error for p in parts], weights=[len(p.arrival) for p in parts])))
    seconds = sum(float(part.arrival[-1] - part.arrival[0]) for part in parts)
    block = max(1, round(BLOCK_SECONDS * len(replayed) / max(seconds, 1e-6)))
    p95, mean = float(np.quantile(replayed, 0.95)), float(replayed.mean())
    p95_low, p95_high = _factors(replayed, 0.95, block, error)
    mean_low, mean_high = _factors(replayed, None, block, error)
    scale = total / chosen

    def slow(factor: float) -> float:
        return scale * sum(_slow_minutes(part.arrival, part.replayed * factor, slo) for part in parts)

    return Estimate(
        requests=len(recorded),
        stretches=total,
        replayed=len(parts),
        p95_seconds=(float(np.quantile(recorded, 0.95)), p95),
        p95_range=(p95 * p95_low, p95 * p95_high),
        mean_seconds=(float(recorded.mean()), mean),
        mean_range=(mean * mean_low, mean * mean_high),
        slow_minutes=(scale * sum(_slow_minutes(p.arrival, p.recorded, slo) for p in parts), slow(1.0)),
        slow_range=(slow(p95_low), slow(p95_high)),
    )


def _factors(values: F64, quantile: float | None, block: int, error: float) -> tuple[float, float]:
    """Return the factors around a replayed figure that hold with probability 0.8: chance of the stretch, error of the model."""
    low, high = block_ratios(values, quantile, block, np.random.default_rng(SEED))
    return low * (1 - error), high * (1 + error)


def _slow_minutes(arrival: F64, sojourn: F64, slo: float) -> float:
    """Return in how many minutes, by arrival, the p95 broke the SLO."""
    minute = ((arrival - arrival[0]) // MINUTE_SECONDS).astype(np.int64)
    edges = np.flatnonzero(np.diff(minute)) + 1
    groups = [group for group in np.split(sojourn, edges) if len(group) >= LEAST_OF_MINUTE]
    return float(sum(np.quantile(group, 0.95) > slo for group in groups))
