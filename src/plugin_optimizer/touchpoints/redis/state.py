"""What a Redis server says of itself in one look: INFO, in our own names and SI units."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...domain import Unobservable

PRIMARY = "master"  # Redis's own word for the one that takes writes
NO_EVICTION = "noeviction"
ADMINISTRATIVE = frozenset(
    [
        "acl",
        "auth",
        "client",
        "command",
        "config",
        "debug",
        "hello",
        "info",
        "latency",
        "memory",
        "object",
        "ping",
        "psync",
        "replconf",
        "scan",
        "select",
        "slowlog",
    ]
)

QUEUEING = frozenset(
    [
        *("lpush", "rpush", "lpop", "rpop", "blpop", "brpop", "brpoplpush", "blmove", "lmove", "lmpop", "blmpop"),
        *("xadd", "xread", "xreadgroup", "xack", "bzpopmin", "bzpopmax", "zpopmin", "zpopmax"),
    ]
)


@dataclass(frozen=True, slots=True)
class RedisState:
    """Counters are totals since the server began (`run_id` tells one life from the next) or since CONFIG RESETSTAT.

    `limit_bytes` is `maxmemory`, 0 = none. `keys` and `expiring` (those with a time to live) are sums over its databases.
    """

    run_id: str
    pid: int
    running_seconds: float
    version: tuple[int, ...]
    config_file: str
    primary: bool
    clustered: bool
    forks: bool  # it was seen to fork (to save, to fill a replica): the copy may take as much memory again
    used_bytes: float
    empty_bytes: float  # what it used before it held a key
    resident_bytes: float
    host_bytes: float
    limit_bytes: int
    policy: str
    fragmentation: float
    hits: int
    misses: int
    evicted: int
    expired: int
    cpu_seconds: float
    commands: int  # of applications: what watches and administers is left out, our own questions with it
    errors: int  # of these, that were refused or failed
    command_seconds: float  # time spent inside them
    queue_commands: int  # of these, that put into lists and streams and take out of them: a broker's, not a cache's
    keys: int
    expiring: int
    databases: Mapping[int, int]  # keys of each

    @property
    def entry_bytes(self) -> float:
        """Return what one key takes, its value and Redis's own bookkeeping included; 0 without any key."""
        return max(0.0, self.used_bytes - self.empty_bytes) / self.keys if self.keys else 0.0

    @property
    def queue_ratio(self) -> float:
        return self.queue_commands / self.commands if self.commands else 0.0

    @property
    def expiring_ratio(self) -> float:
        return self.expiring / self.keys if self.keys else 0.0


def read_state(client: Any) -> RedisState:
    """Ask INFO for everything. Raises what redis-py raises, Unobservable for an answer of another form."""
    with client.pipeline(transaction=False) as asked:
        asked.info()
        asked.info("commandstats")
        told, statistics = asked.execute()
    try:
        return _state(told, statistics)
    except (KeyError, ValueError, TypeError) as error:
        raise Unobservable(f"INFO has not the form that Redis documents: {error!r}") from error


def _state(told: Mapping[str, Any], statistics: Mapping[str, Any]) -> RedisState:
    spaces = {int(name[2:]): space for name, space in told.items() if name.startswith("db") and name[2:].isdigit()}
    commands = [entry for name, entry in statistics.items() if _of_applications(name)]
    return RedisState(
        run_id=str(told["run_id"]),
        pid=int(told["process_id"]),
        running_seconds=float(told["uptime_in_seconds"]),
        version=tuple(int(part) for part in str(told["redis_version"]).split(".")[:3]),
        config_file=str(told.get("config_file", "")),
        primary=told["role"] == PRIMARY,
        clustered=bool(told.get("cluster_enabled", 0)),
        forks=any(
            (told.get("aof_enabled"), told.get("connected_slaves"), told.get("rdb_last_bgsave_time_sec", -1) != -1)
        ),
        used_bytes=float(told["used_memory"]),
        empty_bytes=float(told.get("used_memory_startup", 0)),
        resident_bytes=float(told.get("used_memory_rss", told["used_memory"])),
        host_bytes=float(told.get("total_system_memory", 0)),
        limit_bytes=int(told["maxmemory"]),
        policy=str(told["maxmemory_policy"]),
        fragmentation=float(told.get("mem_fragmentation_ratio", 0.0)),
        hits=int(told["keyspace_hits"]),
        misses=int(told["keyspace_misses"]),
        evicted=int(told["evicted_keys"]),
        expired=int(told["expired_keys"]),
        cpu_seconds=float(told["used_cpu_sys"]) + float(told["used_cpu_user"]),
        commands=sum(int(entry["calls"]) + int(entry.get("rejected_calls", 0)) for entry in commands),
        errors=sum(int(entry.get("rejected_calls", 0)) + int(entry.get("failed_calls", 0)) for entry in commands),
        command_seconds=sum(float(entry["usec"]) for entry in commands) / 1e6,
        queue_commands=sum(
            int(entry["calls"]) for name, entry in statistics.items() if name.removeprefix("cmdstat_") in QUEUEING
        ),
        keys=sum(int(space["keys"]) for space in spaces.values()),
        expiring=sum(int(space["expires"]) for space in spaces.values()),
        databases={number: int(space["keys"]) for number, space in spaces.items()},
    )


def _of_applications(statistic: str) -> bool:
    """`cmdstat_get` counts GET, `cmdstat_config|get` what CONFIG was asked."""
    return statistic.removeprefix("cmdstat_").partition("|")[0].lower() not in ADMINISTRATIVE
