"""What a Redis server is as a cache, with the curve of larger sizes as soon as its keys were seen for long enough."""

from dataclasses import replace

from ...domain import CacheServer
from ...models.ghost_curve import GhostCurve, ghost_curve
from .keys import KeySlice
from .knobs import LIMIT
from .state import RedisState

LEAST_CAME = 400  # keys of the sample that came, over all looks
LEAST_LOOKS = 8
LOOKS_PER_STAY = 3  # a key stays for that many looks at least: what comes and goes in between is not seen
MOST_OTHERWISE = 0.25  # of the keys that left: what expired or was deleted comes back at no size


def report_of(state: RedisState, observed: KeySlice | str, forbidden: str | None) -> CacheServer:
    """Return the server as a cache; without a curve it says what is missing."""
    server = CacheServer(
        knob=LIMIT,
        policy=state.policy,
        limit_bytes=state.limit_bytes,
        used_bytes=state.used_bytes,
        empty_bytes=state.empty_bytes,
        entries=state.keys,
        entry_bytes=state.entry_bytes,
        expiring_ratio=state.expiring_ratio,
        queue_ratio=state.queue_ratio,
        forbidden=forbidden,
    )
    if server.is_queue:
        return replace(server, curve_missing="cache_is_queue")
    if isinstance(observed, str):
        return replace(server, curve_missing=observed)
    server = replace(
        server,
        misses_per_second=observed.misses_per_second,
        sampled_keys=len(observed.ghosts.present) + len(observed.ghosts.left),
        recorded_seconds=observed.seconds,
    )
    why = _not_yet(server, observed)
    curve = None if why else observed.curve(_computed)
    if curve is None:
        return replace(server, curve_missing=why or "cache_keys_not_seen")
    return replace(
        server,
        curve=curve.points,
        hit_ratio=curve.hit_ratio,
        known_entries=curve.known_entries,
        model_error_ratio=curve.error_ratio,
    )


def _not_yet(server: CacheServer, observed: KeySlice) -> str | None:
    """Return why the looks so far tell nothing of larger sizes."""
    evicted = observed.grown(lambda state: state.evicted)
    left = observed.ghosts.leavings / observed.rate
    if observed.ghosts.looks < LEAST_LOOKS:
        return "cache_keys_not_seen"
    if evicted == 0:
        return "cache_evicts_nothing"
    if left * (1 - MOST_OTHERWISE) > evicted + LEAST_CAME / observed.rate:
        return "cache_mostly_expires"
    stay_seconds = server.entries / server.misses_per_second if server.misses_per_second > 0 else float("inf")
    if stay_seconds < LOOKS_PER_STAY * observed.seconds / observed.ghosts.looks:
        return "cache_turns_over_too_fast"
    return None


def _computed(observed: KeySlice) -> GhostCurve | None:
    """Return the curve; None where too little came, or less than once the whole contents."""
    came = len(observed.ghosts.ranks)
    if observed.latest is None or came < max(LEAST_CAME, len(observed.ghosts.present)):
        return None
    return ghost_curve(observed.ghosts, observed.rate, observed.latest.keys, fresh=observed.fresh)
