"""What may be asked of the agent, and how it answers. Nothing else is understood; there is no free-form command."""

import math
import os
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from ..domain import CpuQuota, Metric, Plugin, Pool, Refused, Sample
from ..execute.orders import Fence, Order

MOST_REQUEST_BYTES = 64 * 1024
MOST_ANSWER_BYTES = 4 * 1024 * 1024
LONGEST_LIFE_SECONDS = 15.0
# Of agents on other hosts, 2 is the first. Whoever changes what is sent raises PROTOCOL, and lets OLDEST_PROTOCOL follow one behind:
# `tests/agent/test_protocol_2.py` holds today's bytes to those recorded from the version that brought it.
PROTOCOL = 2
OLDEST_PROTOCOL = 2  # that this version still speaks
KNOWN_METRICS = frozenset(metric.value for metric in Metric)
LIFE_SECONDS = 8.0  # no longer than a step is waited for before its fate counts as unknown
Kind = TypeVar("Kind")


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="operation"):
    """The base of all questions; `operation` in the message says which one it is."""


class Kinds(Question, frozen=True, tag="kinds"):
    """Which kinds of touchpoint are there."""


class Discover(Question, frozen=True, tag="discover"):
    kind: str


class Sense(Question, frozen=True, tag="sense"):
    plugin: Plugin
    at: float


class AskPool(Question, frozen=True, tag="pool"):
    plugin: Plugin


class AskKnobs(Question, frozen=True, tag="knobs"):
    plugin: Plugin


class Incarnation(Question, frozen=True, tag="incarnation"):
    plugin: Plugin


class AskCache(Question, frozen=True, tag="cache"):
    """How does it do as a cache; null where it is none."""

    plugin: Plugin


class Turn(Question, frozen=True, tag="turn"):
    order: Order


class Persist(Question, frozen=True, tag="persist"):
    order: Order


class Bar(Question, frozen=True, tag="bar"):
    """Obey nothing older than `fence` for this plugin any more."""

    plugin_id: str
    fence: Fence


class Held(Question, frozen=True, tag="held"):
    """Who has held a plugin's fence, at `at`, for longer than an order takes."""

    at: float


class Fetch(Question, frozen=True, tag="fetch"):
    """What was sensed of a plugin, and is numbered above `after` in the spool of that name; it is watched from now on."""

    plugin: Plugin
    spool: str
    after: int


AnyQuestion = (
    Kinds | Discover | Sense | AskPool | AskKnobs | AskCache | Incarnation | Turn | Persist | Bar | Held | Fetch
)


class Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The agent's first word on each connection; what is asked on it has to repeat the challenge."""

    challenge: str


class Greeting(msgspec.Struct, frozen=True):
    """The same of an agent on another host, which has another clock and another start.

    It speaks every version from `oldest` to `version`; `now` is its CLOCK_BOOTTIME. Later versions may say more.
    """

    challenge: str
    version: int
    oldest: int
    boot_id: str
    now: float


class Spooled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Samples in the order of their times, the number of the last one, and how many were given up before they were fetched."""

    spool: str
    number: int
    lost: int
    samples: list[Sample]


class Figure(msgspec.Struct, frozen=True):
    """A sample as it is read: an agent of a later version measures what we have no name for, and says more than we read."""

    plugin_id: str
    metric: str
    at: float
    value: float


class Fetched(msgspec.Struct, frozen=True):
    """What was fetched, as it is read."""

    spool: str
    number: int
    lost: int
    samples: list[Figure]


def samples_of(figures: list[Figure]) -> list[Sample]:
    """Return those whose metric we know."""
    return [Sample(f.plugin_id, Metric(f.metric), f.at, f.value) for f in figures if f.metric in KNOWN_METRICS]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question, good for one connection (`challenge`), one place on it (`number`), this start of the host and
    until `expires` (seconds of CLOCK_BOOTTIME, which no one sets).
    """

    challenge: str
    number: int
    nonce: str
    boot_id: str
    expires: float
    question: AnyQuestion


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="told"):
    result: msgspec.Raw


class Failed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="failed"):
    """What the touchpoint or the actuator raised."""

    error: Literal["refused", "stale", "gone", "unobservable", "not_found", "invalid", "other"]
    message: str
    code: str = ""


class QuotaView(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A CpuQuota as JSON knows it."""

    cpu_seconds: float
    period_seconds: float
    cores: float


class PoolView(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A Pool as JSON knows it: a memory that is not known is null."""

    kind: str
    workers: int
    threads: int
    cores: float
    reuse_port: bool
    spawned: dict[int, float]
    worker_memory_bytes: float | None
    quota: QuotaView | None

    @classmethod
    def of(cls, pool: Pool) -> "PoolView":
        memory = pool.worker_memory_bytes if math.isfinite(pool.worker_memory_bytes) else None
        spawned, quota = dict(pool.spawned), pool.quota
        limit = None if quota is None else QuotaView(quota.cpu_seconds, quota.period_seconds, quota.cores)
        return cls(pool.kind, pool.workers, pool.threads, pool.cores, pool.reuse_port, spawned, memory, limit)

    def pool(self) -> Pool:
        memory = math.nan if self.worker_memory_bytes is None else self.worker_memory_bytes
        given = self.quota
        quota = None if given is None else CpuQuota(given.cpu_seconds, given.period_seconds, given.cores)
        return Pool(self.kind, self.workers, self.threads, self.cores, self.reuse_port, self.spawned, memory, quota)


def read(payload: bytes, kind: type[Kind]) -> Kind:
    """Return the message. Raises Refused unless it is exactly what we would have written ourselves.

    That leaves no room for unknown fields at any depth, for names given twice, or for another way of writing a value.
    """
    try:
        message = msgspec.json.decode(payload, type=kind)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Refused(f"a message of another form was expected: {error}") from error
    if msgspec.json.encode(message) != payload:
        raise Refused("a message holds more than its form has room for")
    return message


def boot_id() -> str:
    """Return the name of this start of the host; the host's name where the kernel does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return os.uname().nodename
