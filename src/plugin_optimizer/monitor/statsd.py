"""Listens to StatsD: to what gunicorn tells of requests, durations and statuses, and to the lines of plugins that are named."""

import contextlib
import math
import re
import socket
import threading
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..domain import ConfigError, Metric
from .gate import LARGEST

_DATAGRAM_BYTES = 65_535
_RECEIVE_BUFFER_BYTES = 1 << 20
_LOOK_UP_SECONDS = 0.5  # how often the thread looks whether it is to end
_PREFIXES_AT_MOST = 1_000
_DURATIONS_AT_MOST = 50_000  # of a prefix, between two drains
_COUNT_AT_MOST = 1e9
_STATUSES = range(100, 600)
_MILLISECONDS = 1e-3
_NAME = re.compile(
    r"(?:(?P<prefix>[^:|]{1,256})\.)?gunicorn\."
    r"(?P<metric>request\.duration|requests|request\.status\.(?P<status>\d{3})|workers|backlog|log\.[a-z]+)"
)
_GAUGES = frozenset(Metric) - {Metric.UP, Metric.REQUESTS, Metric.RESTARTS, Metric.OOM_KILLS}
# What a plugin whose prefix is configured may send itself: counts, timings, and gauges under our own names.
_OWN = re.compile(rf"(?P<prefix>[^:|]{{1,256}})\.(?P<metric>request\.duration|requests|errors|{'|'.join(Metric)})")


@dataclass(frozen=True, slots=True)
class StatsdBatch:
    """What one server reported since the last drain. `requests` counts them all, `dropped` durations not kept.

    `errors` counts failed requests, None where nobody ever counted any. `gauges` are the latest of each.
    """

    durations_seconds: NDArray[np.float64]
    statuses: Mapping[int, int] = field(default_factory=dict)
    dropped: int = 0
    requests: int = 0
    errors: int | None = None
    gauges: Mapping[Metric, float] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.requests or self.gauges or len(self.durations_seconds))

    @classmethod
    def empty(cls) -> Self:
        return cls(np.empty(0))


@dataclass(slots=True)
class _Series:
    durations: "array[float]" = field(default_factory=lambda: array("d"))
    statuses: dict[int, float] = field(default_factory=dict)
    requests: float = 0.0
    dropped: int = 0
    timed: float = 0.0
    errors: float | None = None
    gauges: dict[Metric, float] = field(default_factory=dict)


class Malformed(ValueError):
    """A line is not StatsD."""


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    value: float
    kind: str
    rate: float


class StatsdListener:
    """A UDP socket and a thread that counts what arrives there. Raises ConfigError if the address cannot be had.

    Port 0 takes any free one. `named` are the prefixes of plugins that send lines of their own; of all others only
    gunicorn's lines are taken. `malformed` counts lines that could not be read, `refused` those beyond the limits.
    """

    def __init__(self, host: str, port: int, named: frozenset[str] = frozenset()) -> None:
        self.malformed = 0
        self._named = named
        self.refused = 0
        self._series: dict[str, _Series] = {}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._socket = _bound(host, port)
        self._thread = threading.Thread(target=self._listen, name="statsd", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def prefixes(self) -> frozenset[str]:
        """Return the prefixes ever heard (`--statsd-prefix` of gunicorn; '' for none)."""
        with self._lock:
            return frozenset(self._series)

    def drain(self, prefix: str) -> StatsdBatch:
        """Return what came with this prefix since the last call; empty if it was never heard."""
        with self._lock:
            series = self._series.get(prefix)
            if series is None:
                return StatsdBatch.empty()
            self._series[prefix] = _Series(errors=None if series.errors is None else 0.0)
        statuses = {status: round(count) for status, count in sorted(series.statuses.items())}
        requests = round(series.requests or (series.timed if prefix in self._named else 0.0))
        errors = None if series.errors is None else round(series.errors)
        return StatsdBatch(np.array(series.durations), statuses, series.dropped, requests, errors, series.gauges)

    def close(self) -> None:
        self._ending.set()
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while not self._ending.is_set():
            # A timeout is no news; an unreachable peer's ICMP answer may surface here as an error.
            with contextlib.suppress(OSError):
                self.take(self._socket.recv(_DATAGRAM_BYTES))

    def take(self, datagram: bytes) -> None:
        """Count the metrics of one datagram, one on each line. Never raises."""
        for line in datagram.split(b"\n"):
            if line.strip():
                try:
                    self._count(_parse(line))
                except ValueError:
                    self.malformed += 1

    def _count(self, line: _Line) -> None:
        found = _NAME.fullmatch(line.name) or self._own(line.name)
        if found is None:
            return  # somebody else's metric, rightly formed
        with self._lock:
            series = self._of(found["prefix"] or "")
            if series is not None:
                _add(series, line, found["metric"], found.groupdict().get("status"))

    def _own(self, name: str) -> re.Match[str] | None:
        found = _OWN.fullmatch(name) if self._named else None
        return found if found is not None and found["prefix"] in self._named else None

    def _of(self, prefix: str) -> _Series | None:
        series = self._series.get(prefix)
        if series is None:
            if len(self._series) >= _PREFIXES_AT_MOST:
                self.refused += 1
                return None
            series = self._series[prefix] = _Series()
        return series


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigError(f"statsd.host is {host!r}; it has to be an address of this host ({error})") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        listening.settimeout(_LOOK_UP_SECONDS)
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise ConfigError(f"statsd.port: {host}:{port} cannot be listened on ({error}); name a free one") from error
    return listening


def _parse(line: bytes) -> _Line:
    """Return one metric, `name:value|kind[|@rate][|#tags]`. Raises ValueError."""
    name, separator, rest = line.decode("utf-8").strip().rpartition(":") if b"|#" not in line else _untagged(line)
    fields = rest.split("|")
    if not separator or not name or len(fields) < 2:
        raise Malformed("expected name:value|kind")
    rates = [float(part[1:]) for part in fields[2:] if part.startswith("@")]
    rate, value = (rates[0] if rates else 1.0), float(fields[0])
    if not math.isfinite(value) or not 0.0 < rate <= 1.0:
        raise Malformed("expected a finite value and a rate in (0, 1]")
    return _Line(name, value, fields[1], rate)


def _untagged(line: bytes) -> tuple[str, str, str]:
    return line.decode("utf-8").partition("|#")[0].strip().rpartition(":")


def _add(series: _Series, line: _Line, metric: str, status: str | None) -> None:
    if metric == "request.duration":
        _add_duration(series, line)
    elif line.kind == "g":
        _set_gauge(series, line, metric)
    elif line.kind != "c" or not 0.0 <= line.value <= _COUNT_AT_MOST:
        return
    elif metric == "requests":
        series.requests += line.value / line.rate
    elif metric == "errors":
        series.errors = (series.errors or 0.0) + line.value / line.rate
    elif status is not None and int(status) in _STATUSES:
        series.statuses[int(status)] = series.statuses.get(int(status), 0.0) + line.value / line.rate


def _set_gauge(series: _Series, line: _Line, metric: str) -> None:
    if metric in _GAUGES and 0.0 <= line.value <= LARGEST:
        series.gauges[Metric(metric)] = line.value


def _add_duration(series: _Series, line: _Line) -> None:
    if line.kind not in ("ms", "h") or line.value < 0.0 or len(series.durations) >= _DURATIONS_AT_MOST:
        series.dropped += 1
        return
    series.durations.append(line.value * _MILLISECONDS)
    series.timed += 1.0 / line.rate
