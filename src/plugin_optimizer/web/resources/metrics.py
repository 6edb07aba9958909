"""The course of a plugin's metrics, with every change marked on the time axis."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import msgspec

from ...domain import Message, Metric, NotFound, parse_plugin_id
from ...wording import render
from ..moment import iso, unix
from ..problem import Problem
from ..route import Answer, Call, Role, Route, Strict

DEFAULT_SECONDS = 1800.0
SPAN_LIMIT_SECONDS = 400 * 86_400.0
Point = tuple[str | None, float | None]


class MetricsQuery(Strict, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    metric: tuple[Metric, ...] = ()
    begin: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    end: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    points: Annotated[int, msgspec.Meta(ge=2, le=11_000)] = 300


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is `execution`, `rollback`, `setting` or `restart`."""

    at: str | None
    kind: str
    text: str
    execution_id: str | None


class Course(msgspec.Struct, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    begin: str | None
    end: str | None
    series: Mapping[str, tuple[Point, ...]]
    marks: tuple[Mark, ...]


def read_metrics(call: Call, query: MetricsQuery, plugin_id: str) -> Answer:
    _known(call, plugin_id)
    begin, end = _span(call, query)
    wanted = query.metric or tuple(Metric)
    found = call.system.samples.range(plugin_id, wanted, begin, end, query.points)
    series = {m.value: tuple((iso(at), value) for at, value in found.get(m, ())) for m in wanted}
    marks = [*_marks(call, plugin_id, begin, end), *_restarts(call, plugin_id, begin, end, query.points)]
    marks.sort(key=lambda mark: mark.at or "")
    return Answer(Course(begin=iso(begin), end=iso(end), series=series, marks=tuple(marks)))


def _known(call: Call, plugin_id: str) -> None:
    parse_plugin_id(plugin_id)
    if not any(plugin.plugin_id == plugin_id for plugin, _, _ in call.system.state.plugins()):
        raise NotFound(f"no plugin is called {plugin_id!r}; GET /plugins lists them")


def _span(call: Call, query: MetricsQuery) -> tuple[float, float]:
    end = unix(query.end, "to") if query.end is not None else call.now
    begin = unix(query.begin, "from") if query.begin is not None else end - DEFAULT_SECONDS
    if not 0 < end - begin <= SPAN_LIMIT_SECONDS:
        raise Problem(400, "invalid_time", "from must lie before to, by at most 400 days")
    return begin, end


def _marks(call: Call, plugin_id: str, begin: float, end: float) -> Iterator[Mark]:
    state = call.system.state
    for execution in state.executions(plugin_id):
        moments = ((execution.applied_at, "execution"), (execution.finished_at, "rollback"))
        for at, kind in moments:
            if at is not None and begin <= at <= end and (kind == "execution" or execution.undoing):
                change = execution.change
                ends = (change.before, change.after) if kind == "execution" else (change.after, change.before)
                yield _mark(call, at, kind, change.knob, ends, execution.id)
    for setting in state.setting_changes(begin):
        if setting.plugin_id == plugin_id and setting.at <= end and setting.by == "outside":
            yield _mark(call, setting.at, "setting", setting.knob, (setting.before, setting.after), None)


def _mark(call: Call, at: float, kind: str, knob: str, ends: tuple[object, object], execution_id: str | None) -> Mark:
    sentence = Message(f"mark_{kind}", {"knob": knob, "before": str(ends[0]), "after": str(ends[1])})
    return Mark(at=iso(at), kind=kind, text=render(sentence, call.lang), execution_id=execution_id)


def _restarts(call: Call, plugin_id: str, begin: float, end: float, points: int) -> list[Mark]:
    found = call.system.samples.range(plugin_id, (Metric.RESTARTS,), begin, end, points).get(Metric.RESTARTS, ())
    text = render(Message("mark_restart", {}), call.lang)
    return [Mark(at=iso(at), kind="restart", text=text, execution_id=None) for at, value in found if value > 0]


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
