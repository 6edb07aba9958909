"""How much room a cache server should have: read from the curve of its keys, within what memory allows."""

from dataclasses import dataclass
from math import ceil, inf, sqrt

from ..domain import CacheServer, HitPoint, Knob, Metric, PluginView, Window
from .ghost_curve import at_entries, entries_for
from .series import lately

FULL_RATIO = 0.9
REFUSED_RATIO = 0.001  # of commands that fail, from which a full server is taken to refuse writes
LEAST_EXPIRING = 0.5
SAMPLING_ERROR = (
    1.1  # / sqrt(keys of the sample): the mean error of SHARDS with 256 … 8,192 keys (FAST 2015), in hit ratio
)
UNKNOWN_POINTS = (
    0.03  # of certain hit ratio: for no more than that a size is not gone to of which only the least is known
)
NEAR_POINTS = 0.01  # of hit ratio: a size that near to the best reachable one is enough
CLIFF_POINTS, CLIFF_MARGIN = 0.03, 0.2
MODEL_POINTS = 0.15  # modelled against counted hit ratio, beyond which nothing is computed
FURTHEST = 2.0  # times the largest size of the curve: beyond it nothing is known
GRAIN_BITS = 5  # a size is rounded up to a sixteenth of itself: the next look should not come to another one
ROOM = 1.05  # keys differ in size, and memory is taken in steps


@dataclass(frozen=True, slots=True)
class Room:
    """A limit, and what it is computed to answer: within `half` with probability 0.8. `fill_seconds` until it is full."""

    limit_bytes: int
    point: HitPoint
    half: float
    fill_seconds: float

    @property
    def low(self) -> float:
        return max(0.0, self.point.low - self.half)

    @property
    def high(self) -> float:
        return min(1.0, self.point.high + self.half)


def refuses_writes(server: CacheServer, error_ratio: float) -> bool:
    """Tell whether it is full, its policy finds nothing to evict, and commands fail. `error_ratio` may be NaN."""
    full = server.limit_bytes > 0 and server.used_bytes >= FULL_RATIO * server.limit_bytes
    stuck = server.policy == "noeviction" or (
        server.policy.startswith("volatile") and server.expiring_ratio < LEAST_EXPIRING
    )
    return full and stuck and error_ratio >= REFUSED_RATIO


def room_at(server: CacheServer, limit_bytes: int) -> Room:
    """Return what a limit would answer, and how long it takes to fill from now on."""
    entries = server.entries_of(limit_bytes)
    point = at_entries(server.curve, entries)
    half = SAMPLING_ERROR / sqrt(max(1, server.sampled_keys)) + abs(server.model_error_ratio) / 2
    more = max(0.0, min(entries, server.curve[-1].entries) - server.entries)
    fill = more / server.misses_per_second if server.misses_per_second > 0 else 0.0
    return Room(limit_bytes, point, half, fill)


def allowed_bytes(view: PluginView, server: CacheServer, knob: Knob, window: Window, memory_share: float) -> float:
    """Return what the knob and the policy's memory limit allow; inf where neither says anything."""
    limit, most = view.policy.memory_limit_bytes, knob.maximum or inf
    if limit is None:
        return most
    resident = lately(window, view.plugin.plugin_id, Metric.MEMORY_BYTES)
    beside = max(0.0, resident - server.used_bytes) if resident > 0 else 0.0
    return min(most, memory_share * limit - beside)


def wanted_room(
    server: CacheServer,
    knob: Knob,
    most_bytes: float,
    near_points: float = NEAR_POINTS,
    cliff_points: float = CLIFF_POINTS,
    cliff_margin: float = CLIFF_MARGIN,
) -> Room:
    """Return the room it should have, never less than it has. Its curve must not be empty."""
    most = min(most_bytes, server.bytes_of(FURTHEST * server.curve[-1].entries))
    limit = wanted_bytes(server, knob, most, near_points, cliff_points, cliff_margin)
    return room_at(server, max(limit, server.limit_bytes))


def wanted_bytes(
    server: CacheServer, knob: Knob, most_bytes: float, near_points: float, cliff_points: float, cliff_margin: float
) -> int:
    """Return the smallest limit within `near_points` of the best certain hit ratio that `most_bytes` allow, in whole steps.

    Where the curve falls off a cliff just below that size, it goes to the far side by `cliff_margin`.
    """
    reach = min(server.entries_of(most_bytes), server.curve[-1].entries)
    known = min(reach, server.known_entries)
    if at_entries(server.curve, known).low >= at_entries(server.curve, reach).low - UNKNOWN_POINTS:
        reach = known
    entries = entries_for(server.curve, at_entries(server.curve, reach).low - near_points)
    before = at_entries(server.curve, entries * (1 - cliff_margin)).low
    if at_entries(server.curve, entries).low - before >= cliff_points:
        entries *= 1 + cliff_margin
    wanted = ceil(server.bytes_of(entries * ROOM))
    step = max(1, int(knob.step))
    grain = max(step, (1 << wanted.bit_length() - GRAIN_BITS) // step * step)
    return min(ceil(wanted / grain) * grain, int(most_bytes) // step * step)
