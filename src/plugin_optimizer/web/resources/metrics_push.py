"""Figures of a plugin, pushed as JSON under our own names or those of the seed."""

from typing import Annotated

import msgspec
from flask import request

from ...domain import InvalidValue, Metric
from ...monitor.reported.points import Kind, Point, refuse_figures
from ..inflating import read_sent
from ..moment import iso, unix
from ..problem import Problem
from ..route import Answer, Call, Role, Route, Strict
from ..senders import admission, keep, senders_of
from ..span import Moment

TOLD_AT_MOST = 20
SEED_FIELDS = {  # in per cent and milliseconds
    "cpu_usage": (Metric.CPU_RATIO, 1e-2),
    "memory_usage": (Metric.MEMORY_RATIO, 1e-2),
    "error_rate": (Metric.ERROR_RATIO, 1e-2),
    "response_time": (Metric.RESPONSE_TIME_SECONDS, 1e-3),
}
FIELDS = {**SEED_FIELDS, **{m.value: (m, 1.0) for m in Metric if m is not Metric.UP}}


class PushedSample(Strict, frozen=True, kw_only=True):
    """`metric` is one of ours (SI units) or a field of the seed (`cpu_usage` %, `response_time` ms …). `at` is ISO 8601 with zone, or Unix seconds; by default now."""

    metric: Annotated[str, msgspec.Meta(max_length=64)]
    value: float
    at: Moment | float | None = None


class PushBody(Strict, frozen=True, kw_only=True):
    samples: tuple[PushedSample, ...]


class RefusedSample(msgspec.Struct, frozen=True, kw_only=True):
    """`index` is its place in `samples`, from 0."""

    index: int
    metric: str
    detail: str


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """How many were taken and refused; the first twenty of the refused with what would have been right."""

    accepted: int
    rejected: int
    refused: tuple[RefusedSample, ...]


def push_metrics(call: Call, plugin_id: str) -> Answer:
    """Take samples; those that do not fit are refused one by one. Raises Problem 400, 404, 413, 415, 429, 503."""
    senders = senders_of(call)
    if plugin_id not in senders:
        raise Problem(404, "sends_for_other_plugins", f"this token sends for {', '.join(senders)}, not for this plugin")
    with admission(call):
        body = _body(call)
        points, refused = _points(call, body)
        if refused:
            call.system.inbox.note("figures", call.token or call.actor, len(refused), call.now)
        keep(call, {plugin_id: points})
    return Answer(Pushed(accepted=len(points), rejected=len(refused), refused=tuple(refused[:TOLD_AT_MOST])))


def _body(call: Call) -> PushBody:
    limits = call.system.config.metrics_in
    if request.mimetype != "application/json":
        raise Problem(415, "unsupported_media_type", "send the body as application/json")
    raw = read_sent(request, limits)
    if raw.count(b"{") > limits.points + 1:
        raise Problem(413, "too_many_points", f"a request may have {limits.points} samples; send it in several")
    try:
        return msgspec.json.decode(raw, type=PushBody)
    except msgspec.ValidationError as error:
        raise Problem(
            400, "invalid_field", f'{error}; expected {{"samples": [{{"metric": …, "value": …}}]}}'
        ) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Problem(400, "malformed_json", f"the body is no JSON: {error}") from error


def _points(call: Call, body: PushBody) -> tuple[list[Point], list[RefusedSample]]:
    points: list[Point] = []
    refused: list[RefusedSample] = []
    for index, sample in enumerate(body.samples):
        try:
            points.append(_point(sample, call.now))
        except InvalidValue as error:
            refused.append(RefusedSample(index=index, metric=sample.metric, detail=str(error)))
    return points, refused


def _point(sample: PushedSample, now: float) -> Point:
    if sample.metric not in FIELDS:
        raise InvalidValue(f"{sample.metric!r} is no metric; known are {', '.join(FIELDS)}")
    metric, scale = FIELDS[sample.metric]
    at = now if sample.at is None else _unix(sample.at)
    point = Point(metric.value, metric.value, "", "", Kind.GAUGE, at, sample.value * scale)
    refuse_figures(point, now)
    if point.value < 0:
        raise InvalidValue(f"{sample.metric} is {sample.value:g} at {iso(at)}; expected 0 or more")
    return point


def _unix(at: str | float) -> float:
    try:
        return unix(at, "at") if isinstance(at, str) else at
    except Problem as problem:
        raise InvalidValue(problem.detail) from problem


ROUTES = (
    Route(
        "POST",
        "/plugins/<plugin_id>/metrics/push",
        Role.SENDER,
        push_metrics,
        "Push figures of a plugin",
        Pushed,
        takes=PushBody,
    ),
)
