"""Which keys a Redis server dropped and was asked for again: a fixed slice of all keys, looked at again and again.

SCAN walks the buckets of the key table in the order of their reversed numbers (`dictScan`, redis/src/dict.c): the buckets whose
lowest bits are 0 come first, whatever the size of the table. So the keys up to the first cursor with one of these bits set
are those whose hash ends in so many zeros: a spatial sample, the same one in every look. SCAN touches no key and is counted
as no look-up, unlike OBJECT IDLETIME. Why so, and not by MONITOR: docs/adr/0014-keys-of-a-cache-server.md.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...models.ghost_curve import Counted, GhostCurve, GhostList
from .state import RedisState

WANTED_KEYS, MOST_KEYS = 2048, 8192  # in the slice: more cost time on both sides, fewer tell little
BATCH = 256  # keys asked for by one SCAN
MOST_SCANS = 1_000
CURSOR_BITS = 64
LOOKS_PER_STAY, MOST_PAUSE_SECONDS = (
    40,
    120.0,
)  # while a key stays: more looks say no more, fewer miss what comes and goes
CURVE_SECONDS = 20.0
ONE_DATABASE = 0.8  # of all keys have to be in one, or what is seen there says little of the limit they share
LRU_POLICIES = frozenset({"allkeys-lru", "volatile-lru"})


@dataclass(slots=True)
class KeySlice:
    """One server's slice: the keys whose hash ends in `bits` zeros, in one `database`, in one life of the server, under one
    policy and limit.
    """

    run_id: str
    policy: str
    limit_bytes: int
    database: int
    bits: int
    ghosts: GhostList = field(default_factory=GhostList)
    began: RedisState | None = None
    latest: RedisState | None = None
    began_at: float = 0.0
    looked_at: float = 0.0
    computed: GhostCurve | None = None
    computed_at: float = float("-inf")

    @property
    def rate(self) -> float:
        return 0.5**self.bits

    @property
    def seconds(self) -> float:
        return self.looked_at - self.began_at

    def grown(self, count: Callable[[RedisState], int]) -> int:
        """Return by how much a counter of the server grew between the first look and the last."""
        return count(self.latest) - count(self.began) if self.began is not None and self.latest is not None else 0

    @property
    def fresh(self) -> bool:
        """Tell whether the server began so short a time before the first look that many keys were asked for the first time ever."""
        return self.began is not None and self.began.running_seconds < self.seconds

    @property
    def misses_per_second(self) -> float:
        return self.grown(lambda state: state.misses) / self.seconds if self.seconds > 0 else 0.0

    @property
    def pause_seconds(self) -> float:
        """Return how long to wait between two looks: what a key's stay allows (keys / misses per second)."""
        if self.latest is None or not self.misses_per_second:
            return 0.0
        return min(MOST_PAUSE_SECONDS, self.latest.keys / self.misses_per_second / LOOKS_PER_STAY)

    def note(self, keys: set[int], state: RedisState, now: float) -> None:
        if self.began is None:
            self.began, self.began_at = state, now
        self.latest, self.looked_at = state, now
        self.ghosts.look(keys, Counted(float(state.hits + state.misses), float(state.hits)))

    def curve(self, compute: Callable[["KeySlice"], GhostCurve | None]) -> GhostCurve | None:
        """Return what `compute` makes of the slice, anew after `CURVE_SECONDS` of looks."""
        if self.looked_at - self.computed_at >= CURVE_SECONDS:
            self.computed, self.computed_at = compute(self), self.looked_at
        return self.computed


@dataclass(slots=True)
class KeySlices:
    """The slices of all servers, or the code of why there is none."""

    slices: dict[str, KeySlice | str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def observed(self, plugin_id: str) -> KeySlice | str:
        with self.lock:
            return self.slices.get(plugin_id, "cache_keys_not_seen")

    def look(self, plugin_id: str, client: Any, state: RedisState, now: float) -> None:
        """Look at the slice, if it is time. Raises what redis-py raises for a broken connection; what is forbidden leaves a reason."""
        with self.lock:
            present = self.slices.get(plugin_id)
            why = _unsuitable(state)
            if why is not None:
                self.slices[plugin_id] = why
                return
            database = max(state.databases, key=lambda number: state.databases[number])
            if not isinstance(present, KeySlice) or not _continues(present, state, database):
                bits = bits_for(state.databases[database])
                present = KeySlice(state.run_id, state.policy, state.limit_bytes, database, bits)
            if present.began is None or now - present.looked_at >= present.pause_seconds:
                self.slices[plugin_id] = _looked_at(present, client, state, now)


def bits_for(keys: int) -> int:
    """Return how many bits of the hash have to be 0 for at most `WANTED_KEYS` of them."""
    return max(0, int(np.ceil(np.log2(max(1, keys) / WANTED_KEYS))))


def _continues(present: KeySlice, state: RedisState, database: int) -> bool:
    """Tell whether this is still the same: another limit or policy is another cache, and a reset counter none."""
    was = (present.run_id, present.policy, present.limit_bytes, present.database)
    reset = present.grown(lambda seen: seen.misses) < 0 or (
        present.latest is not None and state.hits < present.latest.hits
    )
    same = was == (state.run_id, state.policy, state.limit_bytes, database)
    return same and not reset and len(present.ghosts.present) <= MOST_KEYS


def _unsuitable(state: RedisState) -> str | None:
    if state.clustered:
        return "cache_in_cluster"
    if state.policy not in LRU_POLICIES:
        return "cache_not_lru"
    if not state.keys:
        return "cache_empty"
    return None if max(state.databases.values()) >= ONE_DATABASE * state.keys else "cache_many_databases"


def _looked_at(present: KeySlice, client: Any, state: RedisState, now: float) -> "KeySlice | str":
    from redis.exceptions import ResponseError

    try:
        names = keys_of_slice(client, present.database, present.bits)
    except ResponseError:
        return "cache_keys_forbidden"
    present.note({hash(name) for name in names}, state, now)  # no name is kept
    return present


def keys_of_slice(client: Any, database: int, bits: int) -> list[bytes]:
    """Return the keys of the slice, no more and no less. Raises what redis-py raises.

    A SCAN that oversteps the end of the slice brings keys of the next one: it is asked again for fewer, at last for one.
    That stops behind the first bucket with anything in it: either at the end exactly, or all it brings is from outside.
    """
    found: list[bytes] = []
    cursor, count = 0, BATCH
    for _ in range(MOST_SCANS):
        following, names = _scan(client, database, cursor, count)
        place = position(following) * (1 << bits) if following else 1.0
        if place > 1.0 and count > 1:
            count //= 4
            continue
        if place <= 1.0:
            found += names
        if place >= 1.0:
            break
        cursor = following
    return found


def _scan(client: Any, database: int, cursor: int, count: int) -> tuple[int, list[bytes]]:
    with client.pipeline(transaction=False) as asked:
        asked.execute_command("SELECT", database)
        asked.scan(cursor, count=count)
        _, (following, names) = asked.execute()
    return int(following), names


def position(cursor: int) -> float:
    """Return how far SCAN has come, 0…1: the cursor's bits, read backwards, behind a binary point."""
    return int(f"{cursor:0{CURSOR_BITS}b}"[::-1], 2) / float(1 << CURSOR_BITS)
