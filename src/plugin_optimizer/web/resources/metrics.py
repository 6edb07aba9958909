"""The course of a plugin's metrics, with every change marked on the time axis."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from ...domain import Metric
from ..marks import Mark, marks_between
from ..moment import iso
from ..route import Answer, Call, Role, Route, Strict
from ..sight import known_plugin
from ..span import Moment, span

Point = tuple[str | None, float | None]


class MetricsQuery(Strict, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    metric: tuple[Metric, ...] = ()
    begin: Moment | None = None
    end: Moment | None = None
    points: Annotated[int, msgspec.Meta(ge=2, le=11_000)] = 300


class Course(msgspec.Struct, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    begin: str | None
    end: str | None
    series: Mapping[str, tuple[Point, ...]]
    marks: tuple[Mark, ...]


def read_metrics(call: Call, query: MetricsQuery, plugin_id: str) -> Answer:
    known_plugin(call, plugin_id)
    begin, end = span(call, query.begin, query.end)
    wanted = query.metric or tuple(Metric)
    found = call.system.samples.range(plugin_id, wanted, begin, end, query.points)
    series = {m.value: tuple((iso(at), value) for at, value in found.get(m, ())) for m in wanted}
    marks = marks_between(call, plugin_id, begin, end, query.points)
    return Answer(Course(begin=iso(begin), end=iso(end), series=series, marks=tuple(marks)))


ROUTES = (
    Route(
        "GET",
        "/plugins/<plugin_id>/metrics",
        Role.VIEWER,
        read_metrics,
        "Read the course of metrics",
        Course,
        MetricsQuery,
    ),
)
