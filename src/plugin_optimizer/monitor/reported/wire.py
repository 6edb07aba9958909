"""Counts the messages inside an OTLP request before it is decoded: two bytes on the wire become a hundred in memory.

Source: Protocol Buffers documentation, Encoding; opentelemetry-proto, metrics/v1/metrics.proto and common/v1/common.proto.
"""

from collections.abc import Mapping

from ...domain import InvalidValue

MESSAGES_AT_MOST = 400_000  # about 40 MB of them
DEPTH_AT_MOST = 32

_LENGTH_DELIMITED = 2
_FIXED_BYTES = {1: 8, 5: 4}
_VARINT_BYTES = 10

# The fields that hold messages, by the kind of message: field number → kind within it.
_FIELDS: Mapping[str, Mapping[int, str]] = {
    "request": {1: "resource_metrics"},
    "resource_metrics": {1: "resource", 2: "scope_metrics"},
    "resource": {1: "key_value", 3: "leaf"},
    "scope_metrics": {1: "scope", 2: "metric"},
    "scope": {3: "key_value"},
    "metric": {5: "numbers", 7: "numbers", 9: "histograms", 10: "exponentials", 11: "summaries", 12: "key_value"},
    "numbers": {1: "number"},
    "histograms": {1: "histogram"},
    "exponentials": {1: "exponential"},
    "summaries": {1: "summary"},
    "number": {5: "exemplar", 7: "key_value"},
    "histogram": {8: "exemplar", 9: "key_value"},
    "exponential": {1: "key_value", 8: "leaf", 9: "leaf", 11: "exemplar"},
    "summary": {6: "leaf", 7: "key_value"},
    "exemplar": {7: "key_value"},
    "key_value": {2: "any_value"},
    "any_value": {5: "array", 6: "key_values"},
    "array": {1: "any_value"},
    "key_values": {1: "key_value"},
    "leaf": {},
}  # fmt: skip


def refuse_monsters(raw: bytes) -> None:
    """Raise InvalidValue where a request is no protobuf, or holds more or deeper messages than a real one."""
    waiting = [("request", 0, len(raw), 0)]
    messages = 0
    while waiting:
        kind, place, end, depth = waiting.pop()
        fields = _FIELDS[kind]
        while place < end:
            tag, place = _varint(raw, place, end)
            wire = tag & 7
            if wire == 0:
                _, place = _varint(raw, place, end)
                continue
            length = _FIXED_BYTES.get(wire)
            if wire == _LENGTH_DELIMITED:
                length, place = _varint(raw, place, end)
            if length is None or tag >> 3 == 0 or place + length > end:
                raise InvalidValue(
                    "the body is no ExportMetricsServiceRequest; expected protobuf of opentelemetry-proto"
                )
            inner = fields.get(tag >> 3) if wire == _LENGTH_DELIMITED else None
            if inner is not None:
                messages += 1
                if messages > MESSAGES_AT_MOST or depth >= DEPTH_AT_MOST:
                    raise InvalidValue(
                        f"the body holds more than {MESSAGES_AT_MOST} messages or nests deeper than {DEPTH_AT_MOST}"
                    )
                waiting.append((inner, place, place + length, depth + 1))
            place += length


def _varint(raw: bytes, place: int, end: int) -> tuple[int, int]:
    """Return the number that begins at `place`, and where it ends."""
    value = shift = 0
    for here in range(place, min(end, place + _VARINT_BYTES)):
        byte = raw[here]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, here + 1
        shift += 7
    raise InvalidValue("the body is no protobuf: it ends in the middle of a number")
