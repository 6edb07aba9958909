"""What was seen in each block of a comparison: requests by their arrival, or samples that lie inside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contracts import Observation
from ..domain import Metric, RequestTrace, Window
from ..domain.comparison import Arm, Block, Comparison
from ..models.block_values import FROM_REQUESTS, least_requests, log_value, request_value
from .controls import POINTS

F64 = NDArray[np.float64]

EDGE_QUANTILE = 0.95
MOST_EDGE = 1 / 8  # of a block


@dataclass(frozen=True, slots=True)
class BlockFigures:
    """Per block, in order of time: `values` on the scale of comparison (NaN where too little was seen), `plain` as
    people read the metric, and `requests` (0 where nobody counted). All [2 · pairs]. `traces` are the requests
    themselves, empty where only samples were seen.
    """

    values: F64
    plain: F64
    requests: F64
    traces: tuple[RequestTrace, ...] = ()


@dataclass(frozen=True, slots=True)
class Pairs:
    """Per pair the difference after − before, NaN where one of its blocks says nothing: [pairs]. `blocks` as seen."""

    differences: F64
    blocks: BlockFigures
    order: tuple[Arm, ...]

    @property
    def valid(self) -> F64:
        return self.differences[~np.isnan(self.differences)]

    def figure(self, metric: Metric, arm: Arm) -> float:
        """Return a metric of one arm over its blocks in valid pairs, as people read it."""
        counted = self._counted(arm)
        if self.blocks.traces:
            return request_value(metric, self.trace(arm))
        return float(self.blocks.plain[counted].mean()) if counted.any() else math.nan

    def requests(self, arm: Arm) -> int:
        """Return how many requests of one arm were compared."""
        return int(self.blocks.requests[self._counted(arm)].sum())

    def trace(self, arm: Arm) -> RequestTrace:
        """Return the requests of one arm that were compared."""
        return RequestTrace.merge(*self.traces(arm))

    def traces(self, arm: Arm) -> list[RequestTrace]:
        """Return the requests of one arm that were compared, block by block."""
        counted = self._counted(arm).tolist() if self.blocks.traces else ()
        return [trace for trace, counts in zip(self.blocks.traces, counted, strict=True) if counts]

    def _counted(self, arm: Arm) -> NDArray[np.bool_]:
        """Tell which blocks belong to one arm and to a pair that counts: [2 · pairs]."""
        own = np.array([one is arm for one in self.order], dtype=np.bool_)
        return np.asarray(np.repeat(~np.isnan(self.differences), 2) & own)


def pairs_of(metric: Metric, plugin_id: str, observed: Observation, comparison: Comparison) -> Pairs:
    """Return the pairs of a finished comparison."""
    by_requests = bool(len(observed.trace)) and metric in FROM_REQUESTS
    found = (
        _by_requests(metric, observed.trace, comparison)
        if by_requests
        else _by_samples(metric, plugin_id, observed.window, comparison)
    )
    first, second = found.values.reshape(-1, 2).T
    sign = np.array([1.0 if arm is Arm.BEFORE else -1.0 for arm in comparison.order[::2]])
    return Pairs(sign * (second - first), found, comparison.order)


def kept(trace: RequestTrace, block: Block, dropped_seconds: float, edge_seconds: float) -> RequestTrace:
    """Return the requests that arrived in a block, without its beginning and its end."""
    return trace.between(block.began + dropped_seconds, block.ended - edge_seconds)


def edge_seconds(trace: RequestTrace, comparison: Comparison) -> float:
    """Return how much of the end of each block is dropped, since who comes then is served under the other arm.

    The same for all blocks, and from requests of both arms together: whoever dropped those that really straddle
    would drop the slow ones, and more of them under the slower arm.
    """
    blocks = comparison.blocks
    within = trace.between(blocks[0].began, blocks[-1].ended) if blocks else trace
    if not len(within):
        return 0.0
    return min(float(np.quantile(within.sojourn, EDGE_QUANTILE)), MOST_EDGE * comparison.block_seconds)


def of_arm(observed: Observation, blocks: Sequence[Block], arm: Arm) -> Observation:
    """Return what was seen in the blocks of one arm, from their very beginnings: requests by arrival, samples whole."""
    own = [block for block in blocks if block.arm is arm]
    trace, window = observed.trace, observed.window
    arrived, columns = np.zeros(len(trace), dtype=np.bool_), np.zeros(len(window.times), dtype=np.bool_)
    for block in own:
        arrived |= (trace.arrival >= block.began) & (trace.arrival < block.ended)
        columns |= _inside(window, block, 0.0)
    metrics = {metric: values[:, columns] for metric, values in window.metrics.items()}
    return Observation(
        Window(window.plugin_ids, window.times[columns], window.step_seconds, metrics), trace.where(arrived)
    )


def _by_requests(metric: Metric, trace: RequestTrace, comparison: Comparison) -> BlockFigures:
    edge, least = edge_seconds(trace, comparison), least_requests(metric)
    parts = [kept(trace, block, comparison.dropped_seconds, edge) for block in comparison.blocks]
    level = request_value(metric, RequestTrace.merge(*parts))
    counts = np.array([len(part) for part in parts], dtype=np.float64)
    values = [log_value(metric, part, level) if len(part) >= least else math.nan for part in parts]
    plain = np.array([request_value(metric, part) for part in parts])
    return BlockFigures(np.array(values), plain, counts, tuple(parts))


def _by_samples(metric: Metric, plugin_id: str, window: Window, comparison: Comparison) -> BlockFigures:
    samples, requests = (window.of(plugin_id, one).astype(np.float64) for one in (metric, Metric.REQUESTS))
    columns = [_inside(window, block, comparison.dropped_seconds) for block in comparison.blocks]
    counts = np.array([float(np.nansum(requests[inside])) for inside in columns])
    uncounted = metric not in FROM_REQUESTS or bool(np.isnan(requests).all())
    weights = np.ones_like(samples) if uncounted else np.nan_to_num(requests)
    plain = np.array([_mean(samples[inside], weights[inside]) for inside in columns])
    plain = np.where((counts >= least_requests(metric)) | uncounted, plain, math.nan)
    if metric in POINTS and metric not in FROM_REQUESTS:
        return BlockFigures(plain, plain, counts)
    if metric is Metric.ERROR_RATIO:
        values = np.log((plain * counts + 0.5) / (counts + 1))
    else:
        values = np.log(np.where(plain > 0, plain, math.nan))
    return BlockFigures(values, plain, counts)


def _inside(window: Window, block: Block, dropped_seconds: float) -> NDArray[np.bool_]:
    """Tell which columns lie inside a block as a whole; each holds the step that ends at its time."""
    begins = window.times - window.step_seconds
    return np.asarray((begins >= block.began + dropped_seconds) & (window.times <= block.ended))


def _mean(values: F64, weights: F64) -> float:
    seen = ~np.isnan(values) & (weights > 0)
    return float(np.average(values[seen], weights=weights[seen])) if seen.any() else math.nan
