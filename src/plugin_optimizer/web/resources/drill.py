"""One series looked at closely: stretches of one level with their onsets, and when it went like this before."""

from itertools import pairwise
from typing import Annotated

import msgspec
import numpy as np

from ...domain import Metric
from ...models.time_grid import Grid, grid_of
from ..computed import Computed
from ..drill.asked import Asked, Found
from ..drill.child import look_closely
from ..moment import iso, unix
from ..problem import Problem
from ..route import Answer, Call, Role, Route, Strict
from ..sight import known_plugin
from ..span import Moment, span

MOST_POINTS = 2_000
DEFAULT_SECONDS = 86_400.0
LEAST_SHAPE_ROWS = 8
KEPT_SECONDS = 60.0
KEPT: Computed[Found] = Computed(KEPT_SECONDS)  # one at a time


class DrillQuery(Strict, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    """`shape_seconds`: how long the shape is that is sought in the past; `at`: its middle, else the last change of level."""

    metric: Metric
    begin: Moment | None = None
    end: Moment | None = None
    at: Moment | None = None
    shape_seconds: Annotated[float, msgspec.Meta(ge=60, le=604_800)] = 7_200.0


class SegmentView(msgspec.Struct, frozen=True, kw_only=True):
    """`change` is the step from the level before, null for the first; `until` is the end of its last row."""

    since: str | None
    until: str | None
    level: float
    spread: float
    change: float | None


class AlikeView(msgspec.Struct, frozen=True, kw_only=True):
    """`correlation` of the two shapes, whatever their level and scale."""

    since: str | None
    until: str | None
    correlation: float


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """`shape` is what was sought, null where there is nothing whole to be sought; `alike` the most alike first."""

    metric: str
    step_seconds: float
    segments: tuple[SegmentView, ...]
    shape: tuple[str | None, str | None] | None
    alike: tuple[AlikeView, ...]


def drill_down(call: Call, query: DrillQuery, plugin_id: str) -> Answer:
    known_plugin(call, plugin_id)
    begin, end = span(call, query.begin or iso(call.now - DEFAULT_SECONDS), query.end)
    grid = grid_of(begin, end, MOST_POINTS, call.system.config.engine.interval_seconds)
    asked = _asked(call, query, plugin_id, grid)
    found = KEPT.of((plugin_id, query, grid.begin, grid.points), lambda: look_closely(asked))
    return Answer(_view(query, grid, asked, found))


def _asked(call: Call, query: DrillQuery, plugin_id: str, grid: Grid) -> Asked:
    last = float(np.nextafter(grid.end, 0.0))
    pairs = call.system.samples.range(plugin_id, (query.metric,), grid.begin, last, grid.points).get(query.metric, ())
    means = grid.means(pairs)
    rows = round(query.shape_seconds / grid.step_seconds)
    if rows < LEAST_SHAPE_ROWS:
        least = LEAST_SHAPE_ROWS * grid.step_seconds
        raise Problem(400, "invalid_field", f"shape_seconds: expected {least:g} or more over so long a time")
    first = None
    if query.at is not None:
        first = round((unix(query.at, "at") - grid.begin) / grid.step_seconds) - rows // 2
        if not 0 <= first <= grid.points - rows:
            raise Problem(
                400, "invalid_time", "at: expected a time around which the whole shape lies within from and to"
            )
    values = tuple(None if np.isnan(value) else value for value in means.tolist())
    return Asked(values=values, rows=rows, first=first)


def _view(query: DrillQuery, grid: Grid, asked: Asked, found: Found) -> Drill:
    levels = [segment.level for segment in found.segments]
    changes = [None, *(after - before for before, after in pairwise(levels))]
    return Drill(
        metric=query.metric,
        step_seconds=grid.step_seconds,
        segments=tuple(
            SegmentView(since=_at(grid, s.first), until=_at(grid, s.last + 1), level=s.level, spread=s.spread, change=c)
            for s, c in zip(found.segments, changes, strict=False)
        ),
        shape=None if found.first is None else (_at(grid, found.first), _at(grid, found.first + asked.rows)),
        alike=tuple(
            AlikeView(since=_at(grid, a.first), until=_at(grid, a.first + asked.rows), correlation=a.correlation)
            for a in found.alike
        ),
    )


def _at(grid: Grid, row: int) -> str | None:
    return iso(grid.begin + row * grid.step_seconds)


ROUTES = (
    Route(
        "GET", "/plugins/<plugin_id>/drill", Role.VIEWER, drill_down,
        "Look closely at one metric: where its level changed, and when it went like this before", Drill, DrillQuery,
    ),
)  # fmt: skip
