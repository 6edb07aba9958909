"""One conversation with a Redis server. What redis-py raises becomes what a caller of a touchpoint can act on."""

import contextlib
from collections.abc import Iterator
from typing import Any

from ...domain import Gone, Refused, Unobservable
from ..server_address import ServerAddress

PORT = 6379
CONNECT_SECONDS, ANSWER_SECONDS = 2.0, 5.0
NAME_IT = 'name its password by password = "$VARIABLE" or password_file'
CLIENT_NAME = "plugin-optimizer"
ABSENT = (ConnectionRefusedError, FileNotFoundError)


class ConfigForbidden(Refused):
    """The server does not let us read or set its configuration: an access list, or a managed service."""


def open_client(address: ServerAddress) -> Any:
    """Return a client of redis-py (`redis.Redis`) with a connection of its own; nothing is sent yet. Raises Unobservable."""
    try:
        from redis import Connection, ConnectionPool, Redis, SSLConnection, UnixDomainSocketConnection
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise Unobservable("Redis is spoken to by redis-py: pip install 'plugin-optimizer[redis]'") from error
    settings: dict[str, Any] = {
        "username": address.username or None,
        "password": address.password(),
        "db": address.database,
        "client_name": CLIENT_NAME,
        "socket_timeout": ANSWER_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }
    if address.path:
        pool = ConnectionPool(connection_class=UnixDomainSocketConnection, path=address.path, **settings)
        return Redis(connection_pool=pool)
    settings |= {"host": address.host, "port": address.port, "socket_connect_timeout": CONNECT_SECONDS}
    if address.tls:
        settings |= {"ssl_ca_certs": address.ca_file or None}
    kind = SSLConnection if address.tls else Connection
    return Redis(connection_pool=ConnectionPool(connection_class=kind, **settings))


@contextlib.contextmanager
def told_plainly(address: ServerAddress) -> Iterator[None]:
    """Turn an error of redis-py into Gone (nobody listens), ConfigForbidden, Refused (the server said no) or Unobservable."""
    from redis import exceptions as raised

    where = address.place
    try:
        yield
    except raised.AuthenticationError as error:
        raise Unobservable(f"{where} does not let us in ({error}): {NAME_IT}") from error
    except (raised.BusyLoadingError, raised.TimeoutError) as error:
        raise Unobservable(f"{where} does not answer yet: {error}") from error
    except (raised.ConnectionError, OSError) as error:
        if any(isinstance(cause, ABSENT) for cause in _causes(error)):
            raise Gone(f"nobody listens at {where}") from error
        raise Unobservable(f"{where} cannot be reached: {error}") from error
    except raised.ResponseError as error:
        raise _answered(where, str(error)) from error


def _answered(where: str, text: str) -> Exception:
    if text.startswith("NOAUTH") or "WRONGPASS" in text:
        return Unobservable(f"{where} does not let us in: {NAME_IT}")
    forbidden = "config" in text.lower() and ("unknown command" in text.lower() or "no permissions" in text.lower())
    if forbidden:
        return ConfigForbidden(f"{where} forbids CONFIG: {text}")
    return Refused(f"{where} refused: {text}")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
