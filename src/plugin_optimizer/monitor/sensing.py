"""One look at every plugin: from outside by its touchpoint, request by request where a probe or StatsD tells."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from ..contracts import RequestSource, Touchpoint
from ..domain import (
    CacheServer,
    CacheTrace,
    Fault,
    Gone,
    Knob,
    Metric,
    Plugin,
    Policies,
    Pool,
    Refusal,
    RequestTrace,
    Sample,
    SeenSettings,
    Unobservable,
)
from .archive import TraceArchive
from .cache_samples import CacheCounters
from .gate_records import RecordGate, believable
from .probe_source import RECORDS_LAG_SECONDS
from .reported.source import ReportedFigures
from .request_samples import samples_of_statsd, samples_of_trace
from .statsd import StatsdListener

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Sensed:
    """What one look brought: samples; the knobs, pools and caches of the plugins that could be read; refused records."""

    samples: list[Sample] = field(default_factory=list)
    knobs: dict[str, tuple[Knob, ...]] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    caches: dict[str, tuple[CacheTrace, ...]] = field(default_factory=dict)
    servers: dict[str, CacheServer] = field(default_factory=dict)
    traces: dict[str, RequestTrace] = field(default_factory=dict)  # requests read by this look
    refusals: list[Refusal] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def settings(self, now: float, cores: int) -> dict[str, SeenSettings]:
        """Return how the plugins that could be read are set, on a host with `cores`."""
        return {name: SeenSettings(now, cores, knobs, self.pools.get(name)) for name, knobs in self.knobs.items()}


@dataclass(slots=True)
class Sensing:
    """Looks at plugins. Remembers when it last looked, so that each request is counted once."""

    touchpoints: Mapping[str, Touchpoint]
    requests: RequestSource
    statsd: StatsdListener | None
    archive: TraceArchive
    interval_seconds: float
    looked_at: dict[str, float] = field(default_factory=dict)
    counters: CacheCounters = field(default_factory=CacheCounters)
    records: RecordGate = field(default_factory=RecordGate)
    reported: ReportedFigures | None = None  # what others measure

    def look(self, plugins: Mapping[str, Plugin], policies: Policies, now: float) -> Sensed:
        """Look at all of them. What raises becomes a fault on record; the others are still looked at."""
        sensed = Sensed()
        if self.reported is not None:
            self._read(sensed, "metrics sent to us", partial(self.reported.receive, now))
        for plugin in plugins.values():
            touchpoint = self.touchpoints.get(plugin.touchpoint)
            if touchpoint is None:
                sensed.faults.append(
                    Fault(f"touchpoint {plugin.touchpoint}", f"unknown kind, named by {plugin.plugin_id}")
                )
                continue
            name, first = plugin.plugin_id, len(sensed.samples)
            self._read(sensed, f"knobs of {name}", partial(_read_knobs, sensed, touchpoint, plugin))
            self._read(sensed, f"sensors of {name}", partial(_outside, sensed, touchpoint, plugin, policies, now))
            self._read(sensed, f"cache of {name}", partial(_cache_server, sensed, touchpoint, plugin))
            self._read(sensed, f"requests of {name}", partial(self._requests, sensed, plugin, now))
            self._read(sensed, f"caches of {name}", partial(self._caches, sensed, name, now))
            self._read(sensed, f"metrics of {name}", partial(self._reported, sensed, plugin, policies, now, first))
        return sensed

    def close(self) -> None:
        """Listen, scrape and pull no more."""
        if self.statsd is not None:
            self.statsd.close()
        if self.reported is not None:
            self.reported.close()

    def _read(self, sensed: Sensed, part: str, reading: Callable[[], None]) -> None:
        try:
            reading()
        except Gone:
            pass  # that it is not there is a sample (`up`), not a fault
        except Unobservable as error:
            log.info("%s: %s", part, error)
            sensed.faults.append(Fault(part, f"unobservable: {error}"))  # people ask why nothing is known
        except Exception as error:
            log.exception("%s", part)
            sensed.faults.append(Fault(part, f"{type(error).__name__}: {error}"))

    def _requests(self, sensed: Sensed, plugin: Plugin, now: float) -> None:
        begin = self.looked_at.get(plugin.plugin_id, now - self.interval_seconds)
        self.looked_at[plugin.plugin_id] = now
        pool = sensed.pools.get(plugin.plugin_id)
        slots = pool.workers * pool.threads if pool else None
        trace, refused = self.records.admit(plugin.plugin_id, self.requests.read(plugin.plugin_id), now)
        sensed.refusals.extend(refused)
        batch = self.statsd.drain(self._prefix(plugin)) if self.statsd else None
        self.archive.add(plugin.plugin_id, trace, now)
        sensed.traces[plugin.plugin_id] = trace
        if self._has_probe(plugin.plugin_id, trace):
            recent = self.archive.between(plugin.plugin_id, begin - 120.0, now)
            cores = self._cores(sensed, plugin) if "host" in plugin.address else None
            samples = samples_of_trace(
                plugin.plugin_id, recent, begin, now, slots, lag_seconds=RECORDS_LAG_SECONDS, cores=cores
            )
            sensed.samples.extend(samples)
        elif batch is not None and self._has_statsd(plugin):
            sensed.samples.extend(samples_of_statsd(plugin.plugin_id, batch, begin, now, slots))
            if self.reported is not None and not batch.is_empty:
                self.reported.heard(plugin.plugin_id, now)

    def _cores(self, sensed: Sensed, plugin: Plugin) -> float:
        """Return how many cores the host of a part may use."""
        pool = sensed.pools.get(plugin.address.get("host", ""))
        return min(pool.cores, pool.workers * pool.threads) if pool else float(os.cpu_count() or 1)

    def _caches(self, sensed: Sensed, plugin_id: str, now: float) -> None:
        caches = sensed.caches[plugin_id] = believable(self.requests.caches(plugin_id))
        sensed.samples.extend(self.counters.sample(plugin_id, caches, now))
        if resets := self.counters.resets.get(plugin_id):
            sensed.refusals.append(Refusal(plugin_id, Metric.CACHE_HIT_RATIO.value, "reset", resets))

    def _has_probe(self, plugin_id: str, trace: RequestTrace) -> bool:
        return len(trace) > 0 or plugin_id in self.requests.plugins()

    def _has_statsd(self, plugin: Plugin) -> bool:
        return self.statsd is not None and self._prefix(plugin) in self.statsd.prefixes()

    def _prefix(self, plugin: Plugin) -> str:
        settings = self.reported.metrics.get(plugin.plugin_id) if self.reported is not None else None
        return (settings.statsd if settings else "") or plugin.address.get("statsd_prefix", plugin.plugin_id)

    def _reported(self, sensed: Sensed, plugin: Plugin, policies: Policies, now: float, first: int) -> None:
        """Add what others measured of what we did not measure ourselves in this look (samples from `first` on)."""
        if self.reported is None:
            return
        pool = sensed.pools.get(plugin.plugin_id)
        found = self.reported.of(plugin.plugin_id, now, pool.workers * pool.threads if pool else None)
        own = {sample.metric for sample in sensed.samples[first:]}
        limited = _of_limit(found.samples, policies.of(plugin.plugin_id).memory_limit_bytes)
        sensed.samples.extend(sample for sample in limited if sample.metric not in own)
        sensed.refusals.extend(found.refusals)
        if found.trouble:
            raise Unobservable(found.trouble)


def _read_knobs(sensed: Sensed, touchpoint: Touchpoint, plugin: Plugin) -> None:
    sensed.knobs[plugin.plugin_id] = tuple(touchpoint.knobs(plugin))
    pool = touchpoint.pool(plugin)
    if pool is not None:
        sensed.pools[plugin.plugin_id] = pool


def cache_server_of(touchpoint: Touchpoint, plugin: Plugin) -> CacheServer | None:
    """Ask a touchpoint of caches how its plugin does as one; the others have no such question. Raises Gone, Unobservable."""
    tell: Callable[[Plugin], CacheServer | None] | None = getattr(touchpoint, "cache_server", None)
    return tell(plugin) if tell is not None else None


def _cache_server(sensed: Sensed, touchpoint: Touchpoint, plugin: Plugin) -> None:
    server = cache_server_of(touchpoint, plugin)
    if server is not None:
        sensed.servers[plugin.plugin_id] = server


def _outside(sensed: Sensed, touchpoint: Touchpoint, plugin: Plugin, policies: Policies, now: float) -> None:
    """Add the touchpoint's samples; the memory ratio is of the policy's limit where it sets one."""
    limit = policies.of(plugin.plugin_id).memory_limit_bytes
    sensed.samples.extend(_of_limit(list(touchpoint.sense(plugin, now)), limit))


def _of_limit(samples: Sequence[Sample], limit_bytes: float | None) -> list[Sample]:
    """Return the samples, with the memory ratio of this limit where there is one."""
    if limit_bytes is None:
        return list(samples)
    memory = [s for s in samples if s.metric is Metric.MEMORY_BYTES]
    others = [s for s in samples if s.metric is not Metric.MEMORY_RATIO]
    return others + [replace(s, metric=Metric.MEMORY_RATIO, value=s.value / limit_bytes) for s in memory]
