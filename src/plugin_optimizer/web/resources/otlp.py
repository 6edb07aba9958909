"""OTLP/HTTP: figures from any OpenTelemetry SDK or Collector, as protobuf or JSON, answered in the form they came in."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response, request

from ...domain import InvalidValue
from ...monitor.reported.otlp import Reading
from ...monitor.reported.otlp_json import request_from_json
from ...monitor.reported.wire import refuse_monsters
from ..inflating import read_sent
from ..problem import Problem
from ..route import Call, Role, Route
from ..senders import admission, keep, senders_of

PROTOBUF, JSON = "application/x-protobuf", "application/json"
MESSAGE_CHARACTERS = 1_000
# google.rpc.Code, by our status; the client goes by the HTTP status, people by the message.
CODES: Mapping[int, int] = {400: 3, 404: 7, 413: 8, 415: 3, 429: 8, 501: 12, 503: 14}


def take_otlp_metrics(call: Call) -> Response:
    """Take an ExportMetricsServiceRequest; data points that do not fit are refused one by one, as a partial success."""
    try:
        senders = senders_of(call)
        with admission(call):
            reading = Reading(senders, call.system.config.metrics_in, call.now)
            _read(reading, read_sent(request, call.system.config.metrics_in))
            for reason, count in reading.refused.items():
                call.system.inbox.note(reason, call.token or call.actor, count, call.now)
            keep(call, reading.points)
    except Problem as problem:
        return _status(problem)
    return _success(reading.refused.total(), reading.message[:MESSAGE_CHARACTERS])


def _read(reading: Reading, raw: bytes) -> None:
    if request.mimetype not in {PROTOBUF, JSON}:
        raise Problem(415, "unsupported_media_type", f"send the body as {PROTOBUF} or {JSON}")
    try:
        reading.read(request_from_json(raw) if request.mimetype == JSON else _request_from_protobuf(raw))
    except InvalidValue as error:
        raise Problem(400, "malformed_otlp", str(error)) from error


def _request_from_protobuf(raw: bytes) -> Any:
    try:
        from google.protobuf.message import DecodeError
        from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    except ImportError as error:
        detail = f"this server cannot read protobuf; install plugin-optimizer[otlp], or send {JSON}"
        raise Problem(501, "protobuf_missing", detail) from error
    refuse_monsters(raw)
    try:
        return ExportMetricsServiceRequest.FromString(raw)
    except DecodeError as error:
        raise InvalidValue(f"the body is no ExportMetricsServiceRequest: {error}") from error


def _success(rejected: int, message: str) -> Response:
    """Return an ExportMetricsServiceResponse; a partial success where something was refused."""
    if request.mimetype == JSON:
        partial = {"partialSuccess": {"rejectedDataPoints": str(rejected), "errorMessage": message}} if message else {}
        return Response(msgspec.json.encode(partial), 200, mimetype=JSON)
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

    answer = ExportMetricsServiceResponse()
    if message:
        answer.partial_success.rejected_data_points = rejected
        answer.partial_success.error_message = message
    return Response(answer.SerializeToString(), 200, mimetype=PROTOBUF)


def _status(problem: Problem) -> Response:
    """Return a google.rpc.Status, as OTLP wants errors to be told."""
    code, detail = CODES.get(problem.status, 2), f"{problem.code}: {problem.detail}"
    if request.mimetype == PROTOBUF:
        text = detail[:MESSAGE_CHARACTERS].encode()
        body = bytes((0x08, code, 0x12)) + _varint(len(text)) + text
        return Response(body, problem.status, problem.headers, mimetype=PROTOBUF)
    return Response(
        msgspec.json.encode({"code": code, "message": detail}), problem.status, problem.headers, mimetype=JSON
    )


def _varint(number: int) -> bytes:
    return bytes((number & 0x7F | 0x80, number >> 7)) if number > 0x7F else bytes((number,))


ROUTES = (
    Route(
        "POST",
        "/v1/metrics",
        Role.SENDER,
        take_otlp_metrics,
        "Take figures by OTLP/HTTP",
        dict[str, Any],
        takes=dict[str, Any],
    ),
)
