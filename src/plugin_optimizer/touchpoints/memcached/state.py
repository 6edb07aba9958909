"""One conversation with a memcached, and what it says of itself in it."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...domain import Gone, Refused, Unobservable
from ..server_address import ServerAddress

PORT = 11211
SERVERS = ("memcached",)
CONNECT_SECONDS, ANSWER_SECONDS = 2.0, 5.0


@dataclass(frozen=True, slots=True)
class MemcachedState:
    """Counters are totals since the server began, or since `stats reset`."""

    pid: int
    began_at: int  # Unix seconds by its own clock, to a second or two
    limit_bytes: int
    used_bytes: float
    entries: int
    hits: int
    misses: int
    evicted: int
    commands: int
    cpu_seconds: float
    threads: int


@contextlib.contextmanager
def talking(address: ServerAddress) -> Iterator[Any]:
    """Lend a client of pymemcache (`Client`) with a connection of its own. Raises Gone, Refused, Unobservable."""
    try:
        from pymemcache.client.base import Client
        from pymemcache.exceptions import MemcacheError
    except ImportError as error:
        raise Unobservable("memcached is spoken to by pymemcache: pip install 'plugin-optimizer[memcached]'") from error
    place = f"unix:{address.path}" if address.path else (address.host, address.port)
    client = Client(place, connect_timeout=CONNECT_SECONDS, timeout=ANSWER_SECONDS, no_delay=True)
    try:
        yield client
    except (ConnectionRefusedError, FileNotFoundError) as error:
        raise Gone(f"nobody listens at {address.place}") from error
    except OSError as error:
        raise Unobservable(f"{address.place} cannot be reached: {error}") from error
    except MemcacheError as error:
        raise Refused(f"{address.place} refused: {error}") from error
    finally:
        client.close()


def read_state(client: Any) -> MemcachedState:
    """Ask `stats`. Raises what pymemcache raises, Unobservable for an answer of another form."""
    told: Mapping[str, Any] = {_text(name): value for name, value in client.stats().items()}
    try:
        return MemcachedState(
            pid=int(told["pid"]),
            began_at=int(told["time"]) - int(told["uptime"]),
            limit_bytes=int(told["limit_maxbytes"]),
            used_bytes=float(told["bytes"]),
            entries=int(told["curr_items"]),
            hits=int(told["get_hits"]),
            misses=int(told["get_misses"]),
            evicted=int(told["evictions"]),
            commands=sum(
                int(told.get(name, 0)) for name in ("cmd_get", "cmd_set", "cmd_touch", "delete_hits", "delete_misses")
            ),
            cpu_seconds=_seconds(told["rusage_user"]) + _seconds(told["rusage_system"]),
            threads=int(told["threads"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Unobservable(f"stats has not the form that memcached documents: {error!r}") from error


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _seconds(value: Any) -> float:
    """Read `1.234567`; pymemcache hands older servers' `1:234567` over as bytes."""
    return float(_text(value).replace(":", "."))
