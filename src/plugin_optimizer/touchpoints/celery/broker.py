"""Where a worker's broker is, and how many tasks wait there. Redis only."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from ...domain import Refused, Unobservable
from ..process_identity import read_command
from .process import CeleryMaster

VARIABLES = ("CELERY_BROKER_URL", "CELERY_BROKER_WRITE_URL")  # what Celery reads by itself
SCHEMES = frozenset({"redis", "rediss", "redis+socket"})
REDIS_PORT = 6379
SECONDS = 1.0
# kombu.transport.redis.Channel: a queue is a list for each step of priority
PRIORITIES = ("", "\x06\x163", "\x06\x166", "\x06\x169")
UNACKNOWLEDGED = "unacked"

NAMES = {"amqp": "RabbitMQ", "amqps": "RabbitMQ", "sqs": "Amazon SQS", "kafka": "Kafka", "confluentkafka": "Kafka"}


class BrokerNotSupported(Unobservable):
    """A worker's broker is another one than Redis: no look will change that."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Tasks at the broker: waiting in the queues, and fetched by some worker but not acknowledged (of the whole database)."""

    length: int
    unacknowledged: int


def configured_url(text: str) -> str:
    """Return the URL that a plugin's `broker` names: itself, `env:NAME` or `file:/path`. Raises Refused."""
    if text.startswith("env:"):
        text = os.environ.get(text.removeprefix("env:"), "")
    elif text.startswith("file:"):
        try:
            text = Path(text.removeprefix("file:")).expanduser().read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Refused(f"the broker's URL cannot be read: {error.strerror}") from error
    if urlsplit(text).scheme not in SCHEMES:
        raise Refused(f"broker: expected a URL of {', '.join(sorted(SCHEMES))}, or env:NAME or file:/path with one")
    return text


def broker_urls(master: CeleryMaster) -> Iterator[str]:
    """Yield where its broker may be, the surest first: command line, environment, then what it is connected to.

    Raises BrokerNotSupported where that is known to be no Redis.
    """
    stated = _stated(master)
    if stated:
        _check_supported(master.node, stated)
        yield stated
        return
    for (host, port), own in _redis_connections(master.pid).items():
        yield from (f"redis://{host}:{port}/{database}" for database in _databases(host, port, own))


def _stated(master: CeleryMaster) -> str:
    """Return the broker's URL where the command line or the environment tells it, else an empty text."""
    found = (master.options.broker, *(master.environment.get(name, "") for name in VARIABLES))
    return next((url for url in found if url), "")


def _check_supported(node: str, url: str) -> None:
    scheme = urlsplit(url).scheme
    if scheme in SCHEMES:
        return
    name = NAMES.get(scheme.partition("+")[0].removeprefix("py"), "no Redis")
    raise BrokerNotSupported(
        f"the broker of {node} is {name} ({scheme}); queues are read and workers asked through Redis alone, so its "
        "processes are watched and nothing is turned"
    )


def without_password(url: str) -> str:
    """Return the URL as it may be shown."""
    parts = urlsplit(url)
    if parts.password is None and parts.username is None:
        return url
    place = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"***@{place}").geturl()


def waiting_at(url: str, queues: Sequence[str]) -> Waiting:
    """Count what waits, in one round trip. Raises Unobservable."""
    names = [queue + step for queue in queues for step in PRIORITIES]
    with _client(url) as client, _redis_failures():
        pipeline = client.pipeline(transaction=False)
        for name in names:
            pipeline.llen(name)
        pipeline.hlen(UNACKNOWLEDGED)
        *lengths, unacknowledged = pipeline.execute()
    return Waiting(sum(int(length) for length in lengths), int(unacknowledged))


def _redis_connections(pid: int) -> Mapping[tuple[str, int], frozenset[str]]:
    """Return the Redis servers a process is connected to, with its own ends (`host:port`): those of this host by their
    program, others by their port.
    """
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return {}
    found: dict[tuple[str, int], set[str]] = {}
    for one in connections:
        if one.raddr and one.status == psutil.CONN_ESTABLISHED:
            found.setdefault((one.raddr.ip, one.raddr.port), set()).add(f"{one.laddr.ip}:{one.laddr.port}")
    servers = sorted(place for place in found if place[1] == REDIS_PORT or _redis_listens(place[1]))
    return {place: frozenset(found[place]) for place in servers}


def _redis_listens(port: int) -> bool:
    for connection in psutil.net_connections("tcp"):
        if connection.status != psutil.CONN_LISTEN or not connection.laddr or connection.pid is None:
            continue
        if connection.laddr.port == port:
            try:
                name = Path(read_command(connection.pid)[0]).name
            except (Unobservable, IndexError):
                continue
            return name.startswith(("redis-server", "valkey-server"))
    return False


def _databases(host: str, port: int, own: frozenset[str]) -> list[int]:
    """Return the databases that these connections use; none where the server wants a password."""
    try:
        with _client(f"redis://{host}:{port}/0") as client, _redis_failures():
            clients = client.client_list()
    except Unobservable:
        return []
    return sorted({int(one["db"]) for one in clients if one.get("addr") in own})


def _client(url: str) -> Any:
    """Raises Refused where the package is not there, Unobservable for a URL it does not understand."""
    try:
        import redis
    except ImportError as error:
        raise Refused("reading Celery's queues needs the package: pip install 'plugin-optimizer[celery]'") from error
    url = url.replace("redis+socket://", "unix://").replace("?virtual_host=", "?db=")
    try:
        return redis.Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
    except ValueError as error:
        raise Unobservable(f"the broker's URL is not understood: {error}") from error


@contextmanager
def _redis_failures() -> Iterator[None]:
    from redis.exceptions import RedisError

    try:
        yield
    except (RedisError, OSError) as error:
        raise Unobservable(f"the broker cannot be read: {error}") from error
