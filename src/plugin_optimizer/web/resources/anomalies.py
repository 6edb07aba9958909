"""What was expected of each metric of a plugin, and when it was something else: bands and episodes for the charts."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from ...domain import Message, Metric
from ...models.anomaly import Pace, State, scan
from ...models.anomaly.episodes import Episode, episodes
from ...models.time_grid import grid_by
from ...monitor.minutes import LEAST_EFFECT, WATCHED
from ...wording import render
from ..computed import Computed, breathe
from ..moment import iso
from ..route import Answer, Call, Role, Route, Strict
from ..sight import known_plugin
from ..span import Moment, span

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


class AnomaliesQuery(Strict, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    begin: Moment | None = None
    end: Moment | None = None


class EpisodeView(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is `level`, `deviation`, `shift` or `variance`; a `score` of 1 is just worth a word."""

    metric: str
    kind: str
    since: str | None
    until: str | None
    score: float
    value: float
    expected: float | None
    low: float | None
    high: float | None
    text: str


class Anomalies(msgspec.Struct, frozen=True, kw_only=True):
    """`bands`: by metric [time, expected, low, high], ascending, one in `step_seconds`; nothing where it is still learnt."""

    step_seconds: float
    bands: Mapping[str, tuple[tuple[str | None, float, float, float], ...]]
    episodes: tuple[EpisodeView, ...]


def read_anomalies(call: Call, query: AnomaliesQuery, plugin_id: str) -> Answer:
    known_plugin(call, plugin_id)
    begin, end = span(call, query.begin, query.end)
    seen = KEPT.of((id(call.system), plugin_id), lambda: _seen(call, plugin_id))
    inside = [e for e in seen.episodes if begin <= e.onset <= end]
    return Answer(
        Anomalies(
            step_seconds=STEP_SECONDS,
            bands={metric.value: band for row, metric in enumerate(WATCHED) if (band := _band(seen, row, begin, end))},
            episodes=tuple(_view(call, episode) for episode in inside),
        )
    )


def _seen(call: Call, plugin_id: str) -> Seen:
    """Scan five-minute means of the last fourteen days, as the engine does minutes as they come."""
    grid = grid_by(call.now - PAST_SECONDS, call.now, STEP_SECONDS)
    found = call.system.samples.range(plugin_id, WATCHED, grid.begin, float(np.nextafter(grid.end, 0.0)), grid.points)
    values = np.stack([grid.means(found.get(metric, ())) for metric in WATCHED])
    times: F64 = grid.begin + STEP_SECONDS * (1 + np.arange(grid.points, dtype=np.float64))
    measured = ~np.isnan(values).all(axis=0)
    first = int(measured.argmax()) if measured.any() else grid.points
    times, values = times[first:], values[:, first:]
    state, pace = State.new(len(WATCHED)), Pace.of(STEP_SECONDS)
    factor = 1 / call.system.policies().of(plugin_id).anomaly_bar
    expected, reach, told = [], [], []
    for row in range(0, max(1, len(times)), PART_ROWS):
        part = slice(row, row + PART_ROWS)
        scanned = scan(times[part], values[:, part], pace, least=LEAST, factor=factor, state=state)
        expected.append(scanned.expected)
        reach.append(scanned.reach)
        told.extend(episodes(scanned, times[part], values[:, part], factor))
        breathe()
    return Seen(times, np.hstack(expected), np.hstack(reach), tuple(told))


def _band(seen: Seen, row: int, begin: float, end: float) -> tuple[tuple[str | None, float, float, float], ...]:
    known = (seen.times >= begin) & (seen.times <= end) & ~np.isnan(seen.expected[row])
    points = []
    for i in np.flatnonzero(known).tolist():
        expected, low, high = (_rounded(v) for v in _ends(seen.expected[row, i], seen.reach[row, i]))
        points.append((iso(float(seen.times[i])), expected, low, high))
    return tuple(points)


def _ends(expected: float, reach: float) -> tuple[float, float, float]:
    return float(expected), max(0.0, float(expected - reach)), float(expected + reach)


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _view(call: Call, episode: Episode) -> EpisodeView:
    metric: Metric = WATCHED[episode.series]
    known = not np.isnan(episode.expected)
    expected, low, high = _ends(episode.expected, episode.reach) if known else (None, None, None)
    limit = (high if episode.rising else low) if known else None
    message = Message(f"finding_{episode.kind}", {"metric": metric.value, "value": episode.value, "limit": limit})
    return EpisodeView(
        metric=metric.value,
        kind=episode.kind,
        since=iso(episode.onset),
        until=iso(episode.until),
        score=episode.score,
        value=episode.value,
        expected=expected,
        low=low,
        high=high,
        text=render(message, call.lang),
    )


ROUTES = (
    Route(
        "GET",
        "/plugins/<plugin_id>/anomalies",
        Role.VIEWER,
        read_anomalies,
        "Read what was expected of the metrics, and when they were something else",
        Anomalies,
        AnomaliesQuery,
    ),
)
