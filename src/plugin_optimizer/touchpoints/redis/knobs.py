"""What can be turned on a Redis server, how far, and what would do harm the moment it is turned."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...domain import InvalidValue, Knob, Refused, Reversibility, Unobservable, Value
from ..server_address import ServerAddress
from ..server_memory import FORKING_SHARE, MEMORY_SHARE, REMOTE_SHARE, is_here, room_bytes, whole_steps
from .state import NO_EVICTION, RedisState

LIMIT, POLICY = "maxmemory", "maxmemory-policy"
MEBIBYTE = 1 << 20
POLICIES = (
    *("allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random"),
    *("volatile-ttl", NO_EVICTION),
)
SHRINK_MARGIN = 1.25  # times what is used: no limit goes below it
FULL_RATIO = 0.9  # of the limit: from here on the policy decides what happens to the next write
LEAST_EXPIRING = 0.5  # of the keys have to have a time to live where only those may be evicted
INCREMENTAL = (6, 2)  # since then CONFIG SET answers before it evicts; 60 s of standstill before (redis issue 2443)
SERVERS = ("redis-server", "valkey-server", "keydb-server")


@dataclass(frozen=True, slots=True)
class RedisConfig:
    """What CONFIG GET answered: the truth for a setting."""

    limit_bytes: int
    policy: str
    saves: bool  # it has points at which it saves to disk


def read_config(client: Any) -> RedisConfig:
    """Raise what redis-py raises, Unobservable for an answer of another form."""
    with client.pipeline(transaction=False) as asked:
        asked.config_get("maxmemory*")
        asked.config_get("save")
        memory, saving = asked.execute()
    try:
        return RedisConfig(int(_text(memory, LIMIT)), _text(memory, POLICY), bool(_text(saving, "save")))
    except (KeyError, ValueError) as error:
        raise Unobservable(f"CONFIG GET has not the form that Redis documents: {error!r}") from error


def _text(answer: Mapping[Any, Any], name: str) -> str:
    value = answer[name] if name in answer else answer[name.encode()]
    return value.decode() if isinstance(value, bytes) else str(value)


def knobs_of(state: RedisState, config: RedisConfig, most: int) -> list[Knob]:
    """Return the size and the policy, as CONFIG GET has them; `most` bytes there may be."""
    kept = bool(state.config_file)
    size = Knob(
        name=LIMIT,
        value=config.limit_bytes,
        minimum=0 if config.limit_bytes == 0 else min(MEBIBYTE, config.limit_bytes),
        maximum=max(most, config.limit_bytes),
        unit="bytes",
        step=MEBIBYTE,
        persistent=kept,
        kind="cache_size",
        needed=math.ceil(SHRINK_MARGIN * state.used_bytes),
        down=Reversibility.LOSSY,
    )
    policy = Knob(
        name=POLICY,
        value=config.policy,
        choices=POLICIES if config.policy in POLICIES else (*POLICIES, config.policy),
        persistent=kept,
        kind="cache_policy",
        reversibility=Reversibility.LOSSY,  # what it remembers of each key is read in another way, and evicted keys stay away
    )
    return [size, policy]


def most_bytes(address: ServerAddress, state: RedisState, config: RedisConfig) -> int:
    """Return how large it may become, in whole MiB. A server that forks to save may need each page twice."""
    share = FORKING_SHARE if state.forks or config.saves else MEMORY_SHARE
    if not runs_here(address, state):
        return whole_steps(REMOTE_SHARE * state.host_bytes, MEBIBYTE)
    return whole_steps(share * room_bytes(state.pid, state.resident_bytes), MEBIBYTE)


def runs_here(address: ServerAddress, state: RedisState) -> bool:
    return is_here(address, state.pid, SERVERS)


def check_turn(knob: Knob, to: Value, state: RedisState, config: RedisConfig) -> Value:
    """Return `to` as Redis is told it. Raises InvalidValue, Refused for what would do harm at once.

    | order                                                            | answer  |
    |-------------------------------------------------------------------|---------|
    | a limit below 1.25 times what is used, where none was before       | refused |
    | the same, where the policy finds nothing to evict: writes would fail | refused |
    | the same, on a version before 6.2: it stands still while it evicts | refused |
    | `noeviction` when it is full: writes would fail                    | refused |
    | `volatile-*` where most keys never expire: writes would fail       | refused |
    """
    to = knob.checked(to)
    if knob.name == LIMIT:
        if to != int(to):
            raise InvalidValue(f"{LIMIT} is a whole number of bytes, not {to!r}")
        _check_limit(int(to), state, config)
        return int(to)
    _check_policy(str(to), state, config)
    return to


def _check_limit(to: int, state: RedisState, config: RedisConfig) -> None:
    unlimited = config.limit_bytes == 0
    if (
        to == config.limit_bytes
        or to >= SHRINK_MARGIN * state.used_bytes
        or (to > config.limit_bytes and not unlimited)
    ):
        return
    used = f"{state.used_bytes:.0f} bytes are in use"
    if unlimited:
        raise Refused(
            f"there is no limit now and {used}: the first one is at least {SHRINK_MARGIN:g} times that, not {to}"
        )
    if config.policy == NO_EVICTION or (config.policy.startswith("volatile") and state.expiring_ratio < LEAST_EXPIRING):
        raise Refused(
            f"{used} and {config.policy} finds nothing to evict: below a limit of {to} every write would fail"
        )
    if state.version[:2] < INCREMENTAL:
        raise Refused(f"{used}; before version 6.2 the server stands still while it evicts down to {to}")


def _check_policy(to: str, state: RedisState, config: RedisConfig) -> None:
    full = config.limit_bytes > 0 and state.used_bytes >= FULL_RATIO * config.limit_bytes
    if to == config.policy or config.limit_bytes == 0:
        return
    if to == NO_EVICTION and full:
        raise Refused(
            f"it is full ({state.used_bytes:.0f} of {config.limit_bytes} bytes): with {to} every write would fail"
        )
    if to.startswith("volatile") and state.keys and state.expiring_ratio < LEAST_EXPIRING:
        raise Refused(
            f"only {state.expiring} of {state.keys} keys have a time to live, and {to} evicts no others: "
            "when it is full, writes would fail"
        )
