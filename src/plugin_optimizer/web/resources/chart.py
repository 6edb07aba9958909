"""All metrics of a plugin on one time grid, with another day's beside them: what a page of charts draws."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import msgspec
import numpy as np

from ...domain import Finding, Metric
from ...models.time_grid import Grid, grid_by, grid_of
from ..marks import Mark, marks_between
from ..moment import iso
from ..problem import Problem
from ..route import Answer, Call, Role, Route, Strict
from ..sight import known_plugin
from ..span import Moment, span
from ..views.finding import view_finding

MOST_SHIFT_SECONDS = 35 * 86_400.0
MOST_POINTS = 2_000
SIGNIFICANT = 6  # digits: more than a chart can show, and half the bytes
Column = tuple[float | None, ...]


class ChartQuery(Strict, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    """`points`: at most so many per metric; `shift_seconds`: compare with that much earlier (86400: yesterday).

    `step_seconds` asks for a grid of that very step, to go on with one that was answered before.
    """

    begin: Moment | None = None
    end: Moment | None = None
    points: Annotated[int, msgspec.Meta(ge=2, le=MOST_POINTS)] = 300
    step_seconds: Annotated[float, msgspec.Meta(ge=0.5, le=604_800)] | None = None
    shift_seconds: Annotated[float, msgspec.Meta(ge=0, le=MOST_SHIFT_SECONDS)] = 0.0


class Onset(msgspec.Struct, frozen=True, kw_only=True):
    """Since when something was wrong; `present`: it still is. `metric` says on which chart it belongs."""

    at: str | None
    kind: str
    metric: str
    severity: str
    text: str
    present: bool


class Chart(msgspec.Struct, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    """The value i of each series is the mean of [from + i·step, from + (i + 1)·step); null is "not measured".

    A metric that was not measured at all in the stretch has no series; `compared` is null where nothing is compared with.
    """

    begin: str | None
    end: str | None
    step_seconds: float
    sample_seconds: float
    series: Mapping[str, Column]
    compared: Mapping[str, Column] | None
    marks: tuple[Mark, ...]
    onsets: tuple[Onset, ...]


def read_chart(call: Call, query: ChartQuery, plugin_id: str) -> Answer:
    known_plugin(call, plugin_id)
    begin, end = span(call, query.begin, query.end)
    interval = call.system.config.engine.interval_seconds
    grid = _grid(query, begin, end, interval)
    shift = query.shift_seconds
    return Answer(
        Chart(
            begin=iso(grid.begin),
            end=iso(grid.end),
            step_seconds=grid.step_seconds,
            sample_seconds=interval,
            series=_columns(call, plugin_id, grid, 0.0),
            compared=_columns(call, plugin_id, grid, shift) if shift else None,
            marks=tuple(marks_between(call, plugin_id, grid.begin, grid.end, grid.points)),
            onsets=tuple(_onsets(call, plugin_id, grid.begin, grid.end)),
        )
    )


def _grid(query: ChartQuery, begin: float, end: float, interval: float) -> Grid:
    if query.step_seconds is None:
        return grid_of(begin, end, query.points, interval)
    if (end - begin) / query.step_seconds > MOST_POINTS:
        raise Problem(400, "invalid_time", f"that step would give more than {MOST_POINTS:,} points")
    return grid_by(begin, end, query.step_seconds)


def _columns(call: Call, plugin_id: str, grid: Grid, earlier_seconds: float) -> Mapping[str, Column]:
    begin, end = grid.begin - earlier_seconds, grid.end - earlier_seconds
    end = float(np.nextafter(end, 0.0))  # a range holds both its ends, the last bucket only its beginning
    found = call.system.samples.range(plugin_id, tuple(Metric), begin, end, grid.points)
    return {
        metric.value: _rounded(grid.means([(at + earlier_seconds, value) for at, value in pairs]))
        for metric, pairs in found.items()
        if pairs
    }


def _rounded(values: "np.typing.NDArray[np.float64]") -> Column:
    return tuple(None if np.isnan(value) else float(f"{value:.{SIGNIFICANT}g}") for value in values.tolist())


def _onsets(call: Call, plugin_id: str, begin: float, end: float) -> Iterator[Onset]:
    """Yield what is found now and what once led to a suggestion, each once, by its beginning."""
    cycle = call.system.state.latest_cycle()
    present = [f for f in cycle.findings if f.plugin_id == plugin_id] if cycle else []
    past = [f for s in call.system.state.suggestions(plugin_id) for f in s.proposal.findings]
    for finding, still in _once_each(present, past):
        if begin <= finding.since <= end:
            seen = view_finding(finding, call.lang)
            yield Onset(
                at=seen.since,
                kind=seen.kind,
                metric=seen.metric,
                severity=seen.severity,
                text=seen.text,
                present=still,
            )


def _once_each(present: Sequence[Finding], past: Sequence[Finding]) -> Sequence[tuple[Finding, bool]]:
    """Return findings with whether they are there now; the same one is found again and again, its beginning jitters a little."""
    kept: list[tuple[Finding, bool]] = [(finding, True) for finding in present]
    for finding in past:
        if not any(_same(finding, other) for other, _ in kept):
            kept.append((finding, False))
    return sorted(kept, key=lambda pair: pair[0].since)


SAME_SECONDS = 60.0


def _same(one: Finding, other: Finding) -> bool:
    return (one.kind, one.metric) == (other.kind, other.metric) and abs(one.since - other.since) <= SAME_SECONDS


ROUTES = (
    Route(
        "GET",
        "/plugins/<plugin_id>/chart",
        Role.VIEWER,
        read_chart,
        "Read all metrics on one time grid, with marks and onsets",
        Chart,
        ChartQuery,
    ),
)
