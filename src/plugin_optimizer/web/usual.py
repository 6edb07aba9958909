"""What was expected of each metric of a plugin over the last fourteen days, and when it was something else: computed from the store."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..models.anomaly import Pace, State, scan
from ..models.anomaly.episodes import Episode, episodes
from ..models.time_grid import grid_by
from ..models.times_apart import TimesApart
from ..monitor.minutes import LEAST_EFFECT, WATCHED
from .computed import Computed, breathe
from .route import Call

F64 = NDArray[np.float64]

STEP_SECONDS, PAST_SECONDS, KEPT_SECONDS = 300.0, 14 * 86_400.0, 300.0
PART_ROWS = 250  # scanned at a time, with a breath between
LEAST = np.array([LEAST_EFFECT[metric] for metric in WATCHED], np.float32)


@dataclass(frozen=True, slots=True)
class Seen:
    """All of the last fourteen days: `times` [T], bands [6, T], and the episodes."""

    times: F64
    expected: NDArray[np.float32]
    reach: NDArray[np.float32]
    episodes: tuple[Episode, ...]


KEPT: Computed[Seen] = Computed(KEPT_SECONDS)


def usual_of(call: Call, plugin_id: str) -> Seen:
    """Return it, at most five minutes old."""
    return KEPT.of((id(call.system), plugin_id), lambda: _seen(call, plugin_id))


def _seen(call: Call, plugin_id: str) -> Seen:
    """Scan five-minute means of the last fourteen days, as the engine does minutes as they come."""
    grid = grid_by(call.now - PAST_SECONDS, call.now, STEP_SECONDS)
    found = call.system.samples.range(plugin_id, WATCHED, grid.begin, float(np.nextafter(grid.end, 0.0)), grid.points)
    values = np.stack([grid.means(found.get(metric, ())) for metric in WATCHED])
    times: F64 = grid.begin + STEP_SECONDS * (1 + np.arange(grid.points, dtype=np.float64))
    policy = call.system.policies().of(plugin_id)
    values[:, TimesApart.of(policy).mask(times - STEP_SECONDS)] = np.nan
    measured = ~np.isnan(values).all(axis=0)
    first = int(measured.argmax()) if measured.any() else grid.points
    times, values = times[first:], values[:, first:]
    state, pace = State.new(len(WATCHED)), Pace.of(STEP_SECONDS)
    factor = 1 / policy.anomaly_bar
    expected, reach, told = [], [], []
    for row in range(0, max(1, len(times)), PART_ROWS):
        part = slice(row, row + PART_ROWS)
        scanned = scan(times[part], values[:, part], pace, least=LEAST, factor=factor, state=state)
        expected.append(scanned.expected)
        reach.append(scanned.reach)
        told.extend(episodes(scanned, times[part], values[:, part], factor))
        breathe()
    return Seen(times, np.hstack(expected), np.hstack(reach), tuple(told))
