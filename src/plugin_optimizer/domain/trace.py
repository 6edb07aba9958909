"""What the probe recorded, request by request, access by access."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RequestTrace:
    """Requests of one plugin, one row each, ascending by `arrival`.

    All arrays are [n] float64, in seconds: `arrival` is Unix time, `queue_wait` the time before a worker
    took the request (NaN where it cannot be known), `wall` the time inside the worker, `cpu` and
    `run_delay` the parts of it spent computing and waiting for a core (NaN where that is not known, as under gevent). `status` is the HTTP status;
    `error` the fingerprint of the exception (0 = none); `context` the id of the attribute combination;
    `pid` the worker process.
    """

    arrival: F64
    queue_wait: F64
    wall: F64
    cpu: F64
    run_delay: F64
    status: NDArray[np.int64]
    error: NDArray[np.int64]
    context: NDArray[np.int64]
    pid: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.arrival)

    @property
    def sojourn(self) -> F64:
        """What the client felt without the network: queue wait (0 where unknown) + wall."""
        return np.where(np.isnan(self.queue_wait), 0.0, self.queue_wait) + self.wall

    @property
    def off_cpu(self) -> F64:
        """Time inside the worker spent neither computing nor waiting for a core (I/O, locks, sleep)."""
        return np.maximum(0.0, self.wall - self.cpu - self.run_delay)

    @property
    def end(self) -> F64:
        return self.arrival + self.sojourn

    def waiting_where_unknown(self) -> Self:
        """Return the same for whoever computes with all parts: what is not known to be computing counts as waiting off the CPU."""
        if not (np.isnan(self.cpu).any() or np.isnan(self.run_delay).any()):
            return self
        return replace(self, cpu=np.nan_to_num(self.cpu, nan=0.0), run_delay=np.nan_to_num(self.run_delay, nan=0.0))

    @property
    def cpu_known(self) -> bool:
        """Tell whether anybody measured what these requests computed: no request computes nothing at all."""
        return bool((self.cpu > 0).any())

    def between(self, begin: float, end: float) -> Self:
        """Return the requests that *arrived* in [begin, end)."""
        return self.where((self.arrival >= begin) & (self.arrival < end))

    def where(self, mask: NDArray[np.bool_]) -> Self:
        return type(self)(*(getattr(self, name)[mask] for name in self.__slots__))

    @classmethod
    def empty(cls) -> Self:
        zero, none = np.empty(0), np.empty(0, dtype=np.int64)
        return cls(zero, zero, zero, zero, zero, none, none, none, none)

    @classmethod
    def merge(cls, *traces: "RequestTrace") -> Self:
        """Return all requests of several traces, by arrival."""
        if not traces:
            return cls.empty()
        columns = {name: np.concatenate([getattr(t, name) for t in traces]) for name in cls.__slots__}
        order = np.argsort(columns["arrival"], kind="stable")
        return cls(*(columns[name][order] for name in cls.__slots__))


@dataclass(frozen=True, slots=True)
class CacheTrace:
    """Recent accesses of one cache in one worker process, oldest first.

    `keys` is [n] of 64-bit hashes (unlike in other processes). The counters are totals since the process
    began; `load_seconds` is the mean time a miss costs (NaN before the first miss).
    """

    name: str
    pid: int
    keys: NDArray[np.uint64]
    capacity: int
    entries: int
    hits: int
    misses: int
    load_seconds: float
    entry_bytes: float


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Errors with one fingerprint: the same exception from the same place."""

    fingerprint: int
    exception: str
    message: str
    frames: tuple[str, ...]
    first_seen: float
    last_seen: float


@dataclass(frozen=True, slots=True)
class Attributes:
    """One combination of request attributes (route, method, and those the application named)."""

    context: int
    values: tuple[tuple[str, str], ...]
