"""The curve of a cache that is a server of its own: what another memory limit would answer."""

from collections.abc import Iterator, Mapping
from math import isfinite

import msgspec

from ..domain import CacheServer, Knob, Message, Value
from ..models.cache_room import MODEL_POINTS, allowed_bytes, room_at, wanted_room
from ..models.worker_bounds import MEMORY_SHARE
from .sight import Sight

NOT_SEEN, ELSEWHERE = "cache_keys_not_seen", "cache_keys_elsewhere"


class RoomPoint(msgspec.Struct, frozen=True, kw_only=True):
    """Hit ratio under a limit: between `low` and `high` with probability 0.8. Under the present one it was counted."""

    size_bytes: int
    hit_ratio: float
    low: float
    high: float


class CacheServerCurve(msgspec.Struct, frozen=True, kw_only=True):
    """Hit ratio by memory limit, from the present one on. `enough`: the smallest within one point of the best that `most_bytes` allow.

    `most_bytes` is what the host and the policy leave room for, null where neither is known; `error_ratio` is by how much
    the model differs from what was counted.
    """

    knob: str
    present_bytes: int
    suggested_bytes: int | None
    enough_bytes: int
    most_bytes: int | None
    used_bytes: float
    entry_bytes: float
    observed_hit_ratio: float | None
    sampled_keys: int
    recorded_seconds: float
    error_ratio: float
    points: tuple[RoomPoint, ...]


def cache_server_curve(
    sight: Sight, suggested: Mapping[str, Value], *, keys_elsewhere: bool
) -> CacheServerCurve | Message | None:
    """Return it, or why there is none; None for a plugin that is no cache server.

    `keys_elsewhere`: another process of this host runs the turns, and has the sample of keys.
    """
    server = sight.view.server
    if server is None:
        return None
    if not server.curve or server.curve_missing:
        why = server.curve_missing or NOT_SEEN
        return Message(ELSEWHERE if why == NOT_SEEN and keys_elsewhere else why)
    if not abs(server.model_error_ratio) <= MODEL_POINTS:
        return Message("model_not_valid", {"error_ratio": abs(server.model_error_ratio)})
    knob = next((knob for knob in sight.view.knobs if knob.name == server.knob), Knob(server.knob, server.limit_bytes))
    most = allowed_bytes(sight.view, server, knob, sight.window, MEMORY_SHARE)
    wanted = suggested.get(server.knob)
    asked = int(wanted) if isinstance(wanted, int | float) else None
    enough = wanted_room(server, knob, most).limit_bytes
    also = {enough, asked} - {None, server.limit_bytes}
    return CacheServerCurve(
        knob=server.knob,
        present_bytes=server.limit_bytes,
        suggested_bytes=asked,
        enough_bytes=enough,
        most_bytes=int(most) if isfinite(most) else None,
        used_bytes=server.used_bytes,
        entry_bytes=server.entry_bytes,
        observed_hit_ratio=server.hit_ratio,
        sampled_keys=server.sampled_keys,
        recorded_seconds=server.recorded_seconds,
        error_ratio=abs(server.model_error_ratio),
        points=tuple(_points(server, {size for size in also if size is not None})),
    )


def _points(server: CacheServer, also: set[int]) -> Iterator[RoomPoint]:
    """Yield the present limit as counted, and every larger one of the curve with those of `also` among them, ascending."""
    counted = room_at(server, server.limit_bytes).point
    yield RoomPoint(size_bytes=server.limit_bytes, hit_ratio=counted.expected, low=counted.low, high=counted.high)
    sizes = {round(server.bytes_of(point.entries)) for point in server.curve}
    for size in sorted({size for size in sizes if size > server.limit_bytes} | also):
        room = room_at(server, size)
        yield RoomPoint(size_bytes=size, hit_ratio=room.point.expected, low=room.low, high=room.high)
