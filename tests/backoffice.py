"""A back office in numbers: recorded requests, samples and views as the demo's services would leave them.

The queue is simulated here by looking for the first free worker, request by request: another way than the
models under test take, with what a real server adds (time outside the handler, a clock that ticks in 4 ms).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.analyze import DETECTORS
from plugin_optimizer.domain import (
    Attributes,
    CacheTrace,
    CpuQuota,
    ErrorGroup,
    Finding,
    Fleet,
    Knob,
    Metric,
    Plugin,
    PluginStatus,
    PluginView,
    Policies,
    Policy,
    Pool,
    Proposal,
    RequestTrace,
    SettingChange,
    Silence,
    Window,
)
from plugin_optimizer.monitor.request_samples import samples_of_trace
from plugin_optimizer.plan import PLANNERS

F64 = NDArray[np.float64]

START = 1_700_000_000.0
STEP = 5.0
HOST_CORES = 2.0
TICK = 0.004
ACCEPT, ANSWER = 0.0015, 0.001  # what a server spends on a request before and after its handler


def serve(arrival: F64, wall: F64, workers: int) -> F64:
    """Return when each request's handler begins, behind one FIFO queue."""
    free = np.zeros(workers) + arrival[0] - 1.0
    begin = np.empty(len(arrival))
    for i, (at, seconds) in enumerate(zip(arrival, wall, strict=True)):
        worker = int(np.argmin(free))
        begin[i] = max(at, free[worker]) + ACCEPT
        free[worker] = begin[i] + seconds + ANSWER
    return begin


def poisson(rng: np.random.Generator, rate: float, seconds: float, start: float = START) -> F64:
    count = rng.poisson(rate * seconds)
    return np.sort(start + rng.uniform(0, seconds, count))


def record(
    arrival: F64,
    wall: F64,
    workers: int,
    *,
    cpu: float | F64 = 0.003,
    run_delay: float | F64 = 0.0005,
    status: NDArray[np.int64] | None = None,
    error: NDArray[np.int64] | None = None,
    context: NDArray[np.int64] | None = None,
) -> RequestTrace:
    """Return what the probe would have recorded of these requests."""
    n = len(arrival)
    begin = serve(arrival, wall, workers)
    wait = np.floor((begin - arrival) / TICK) * TICK
    none = np.zeros(n, dtype=np.int64)
    return RequestTrace(
        arrival=begin - wait,
        queue_wait=wait,
        wall=wall,
        cpu=np.minimum(np.broadcast_to(np.asarray(cpu, dtype=float), n), wall),
        run_delay=np.broadcast_to(np.asarray(run_delay, dtype=float), n).copy(),
        status=none + 200 if status is None else status,
        error=none if error is None else error,
        context=none if context is None else context,
        pid=none + 100,
    ).where(np.argsort(begin - wait, kind="stable"))


@dataclass(frozen=True)
class Service:
    """One plugin as it was seen up to `now`; `samples` override or add series by metric, as functions of time."""

    plugin_id: str
    workers: int
    trace: RequestTrace
    policy: Policy
    samples: Mapping[Metric, Callable[[F64], F64]] = field(default_factory=dict)
    knobs: tuple[Knob, ...] = ()
    caches: tuple[CacheTrace, ...] = ()
    errors: tuple[ErrorGroup, ...] = ()
    attributes: Mapping[int, Attributes] = field(default_factory=dict)
    setting_changes: tuple[SettingChange, ...] = ()
    probe: bool = True
    status: PluginStatus = PluginStatus.ACTIVE
    cores: float = 2.0
    worker_memory_bytes: float = 45e6
    kind: str = "sync"


def workers_knob(value: int, maximum: int = 32) -> Knob:
    return Knob("workers", value, 1, maximum, unit="workers", kind="workers")


def office(services: Sequence[Service], now: float, span: float = 600.0, cores: int = 2) -> tuple[Window, Fleet]:
    """Return the window and the fleet as the engine would hand them over at `now`."""
    times = now - STEP * np.arange(round(span / STEP))[::-1]
    metrics = {metric: np.full((len(services), len(times)), np.nan, dtype=np.float32) for metric in Metric}
    views = {}
    for row, service in enumerate(services):
        for metric, values in _series(service, times).items():
            metrics[metric][row] = values
        views[service.plugin_id] = _view(service, now)
    return Window(tuple(s.plugin_id for s in services), times, STEP, metrics), Fleet(now, cores, views)


def _series(service: Service, times: F64) -> dict[Metric, F64]:
    born = times > START
    flat = {
        Metric.UP: 1.0,
        Metric.WORKERS: service.workers,
        Metric.RESTARTS: 0.0,
        Metric.MEMORY_BYTES: 30e6 + service.workers * service.worker_memory_bytes,
        Metric.WORKER_MEMORY_BYTES: service.worker_memory_bytes,
    }
    series = {metric: np.where(born, value, np.nan) for metric, value in flat.items()}
    for column, at in enumerate(times):
        if born[column]:
            for sample in samples_of_trace(service.plugin_id, service.trace, at - STEP, at, service.workers):
                series.setdefault(sample.metric, np.full(len(times), np.nan))[column] = sample.value
    series[Metric.CPU_CORES] = np.where(born, cores_of(service, times), np.nan)
    for metric, values in service.samples.items():
        series[metric] = np.where(born, values(times), np.nan)
    return series


def cores_of(service: Service, times: F64) -> F64:
    """Return the CPU of its processes: that of the requests, a millisecond beside each, and a little while idle."""
    ends = np.sort(service.trace.end)
    order = np.argsort(service.trace.end, kind="stable")
    spent = np.concatenate([[0.0], np.cumsum(service.trace.cpu[order] + 0.001)])
    return (spent[np.searchsorted(ends, times)] - spent[np.searchsorted(ends, times - STEP)]) / STEP + (
        0.002 * service.workers
    )


def _view(service: Service, now: float) -> PluginView:
    pool = Pool(
        service.kind,
        service.workers,
        cores=service.cores,
        spawned={100 + i: START for i in range(service.workers)},
        worker_memory_bytes=service.worker_memory_bytes,
        quota=CpuQuota(service.cores * 0.1, 0.1, HOST_CORES) if service.cores < HOST_CORES else None,
    )
    done = service.trace.where(service.trace.end <= now)
    return PluginView(
        plugin=Plugin(service.plugin_id, "gunicorn"),
        policy=service.policy,
        status=service.status,
        knobs=(workers_knob(service.workers), *service.knobs),
        pool=pool,
        trace=done if service.probe else RequestTrace.empty(),
        caches=service.caches,
        errors=service.errors,
        attributes=service.attributes,
        setting_changes=tuple(c for c in service.setting_changes if c.at <= now),
    )


@dataclass(frozen=True)
class Turn:
    findings: tuple[Finding, ...]
    proposals: tuple[Proposal, ...]
    silences: tuple[Silence, ...]

    def of(self, plugin_id: str) -> list[Proposal]:
        return [p for p in self.proposals if p.plugin_id == plugin_id]

    def why(self, plugin_id: str, planner: str) -> str:
        return next((s.reason.code for s in self.silences if (s.plugin_id, s.planner) == (plugin_id, planner)), "")


def think(window: Window, fleet: Fleet) -> Turn:
    """Run every detector and planner once."""
    policies = Policies(by_plugin={name: view.policy for name, view in fleet.views.items()})
    findings = tuple(f for make in DETECTORS.values() for f in make().detect(window, fleet, policies))
    thoughts = [t for make in PLANNERS.values() for t in make().plan(window, findings, fleet)]
    return Turn(
        findings,
        tuple(t for t in thoughts if isinstance(t, Proposal)),
        tuple(t for t in thoughts if isinstance(t, Silence)),
    )


def orders(rng: np.random.Generator, seconds: float = 120.0, workers: int = 2) -> Service:
    """14 requests a second that wait 130 ms for a bank each, two workers, SLO 0.6 s."""
    arrival = poisson(rng, 14.0, seconds)
    wall = rng.gamma(4.0, 0.130 / 4, len(arrival))
    policy = Policy(response_time_seconds=0.6, sustain_seconds=15.0)
    return Service("orders", workers, record(arrival, wall, workers), policy)


def reports(rng: np.random.Generator, seconds: float = 120.0, workers: int = 8) -> Service:
    """8 requests a second of 40 ms each on eight workers."""
    arrival = poisson(rng, 8.0, seconds)
    wall = rng.gamma(8.0, 0.040 / 8, len(arrival))
    return Service("reports", workers, record(arrival, wall, workers), Policy(response_time_seconds=0.5))


def menu(rng: np.random.Generator, seconds: float = 120.0) -> Service:
    """Healthy, two workers, watched from outside only."""
    arrival = poisson(rng, 10.0, seconds)
    wall = rng.gamma(4.0, 0.030 / 4, len(arrival))
    noise = rng.normal(0, 2e5, 2000)

    def memory(times: F64) -> F64:
        return 120e6 + noise[: len(times)]

    samples = {Metric.MEMORY_BYTES: memory, Metric.QUEUE_WAIT_SECONDS: lambda t: np.full(len(t), np.nan)}
    policy = Policy(response_time_seconds=0.5)
    return Service("menu", 2, record(arrival, wall, 2), policy, samples, probe=False)


def reservations(rng: np.random.Generator, seconds: float = 120.0, max_requests: int | None = 0) -> Service:
    """Each of 8 requests a second leaves 32 KB in one of two workers."""
    arrival = poisson(rng, 8.0, seconds)
    trace = record(arrival, rng.gamma(4.0, 0.005, len(arrival)), 2)
    noise = rng.normal(0, 5e4, 2000)

    def worker(times: F64) -> F64:
        served = np.searchsorted(trace.end, times)
        return 40e6 + served / 2 * 32_768 + noise[: len(times)]

    def total(times: F64) -> F64:
        return 25e6 + 2 * worker(times)

    limit = 512 * 2**20
    samples = {
        Metric.WORKER_MEMORY_BYTES: worker,
        Metric.MEMORY_BYTES: total,
        Metric.MEMORY_RATIO: lambda times: total(times) / limit,
    }
    knob = Knob("max_requests", max_requests or 0, 0, 1_000_000, unit="requests", kind="max_requests")
    knobs = () if max_requests is None else (knob,)
    policy = Policy(response_time_seconds=0.5, memory_limit_bytes=limit)
    return Service("reservations", 2, trace, policy, samples, knobs)


CHANNELS = ("shop", "phone", "wholesale")


def inventory(rng: np.random.Generator, seconds: float = 120.0, onset: float = 35.0, knob: bool = True) -> Service:
    """12 requests a second; since a setting changed, wholesale prices raise."""
    arrival = poisson(rng, 12.0, seconds)
    channel = rng.choice(3, len(arrival), p=(0.4, 0.4, 0.2))
    item = rng.integers(2, size=len(arrival))
    failing = (channel == 2) & (arrival > START + onset)
    trace = record(
        arrival,
        rng.gamma(4.0, 0.003, len(arrival)),
        2,
        status=np.where(failing, 500, 200).astype(np.int64),
        error=np.where(failing, -77, 0).astype(np.int64),
        context=(channel * 2 + item).astype(np.int64),
    )
    attributes = {
        c * 2 + i: Attributes(c * 2 + i, (("channel", CHANNELS[c]), ("method", "GET"), ("route", f"/prices/{i}")))
        for c in range(3)
        for i in range(2)
    }
    rounding = Knob("pricing.rounding", "exact", choices=("half_up", "exact"), kind="setting")
    changed = SettingChange("inventory", "pricing.rounding", "half_up", "exact", START + onset + 4.0)
    group = ErrorGroup(
        -77, "decimal.Inexact", "[<class 'decimal.Inexact'>]", ("prices", "price"), START + onset, START + seconds
    )
    return Service(
        "inventory",
        2,
        trace,
        Policy(response_time_seconds=0.5),
        knobs=(rounding,) if knob else (),
        errors=(group,),
        attributes=attributes,
        setting_changes=(changed,),
    )


def zipf_keys(rng: np.random.Generator, count: int, items: int = 400, exponent: float = 0.8) -> NDArray[np.uint64]:
    weights = np.arange(1, items + 1) ** -exponent
    return rng.choice(items, count, p=weights / weights.sum()).astype(np.uint64)


def lru_hits(keys: NDArray[np.uint64], size: int) -> NDArray[np.bool_]:
    """Return which accesses an LRU cache of `size` entries answers, by running one."""
    cache: dict[int, None] = {}
    hits = []
    for key in keys.tolist():
        hits.append(key in cache)
        cache.pop(key, None)
        cache[key] = None
        if len(cache) > size:
            del cache[next(iter(cache))]
    return np.array(hits, dtype=bool)


def recommendations(rng: np.random.Generator, seconds: float = 120.0, size: int = 64) -> Service:
    """20 requests a second for 400 items of which each worker's cache holds 64; a miss costs 40 ms."""
    arrival = poisson(rng, 20.0, seconds)
    keys = zipf_keys(rng, len(arrival))
    mine = rng.integers(2, size=len(arrival))
    wall, caches = np.full(len(arrival), 0.002), []
    for process in range(2):
        own = mine == process
        hits = lru_hits(keys[own], size)
        wall[np.flatnonzero(own)[~hits]] = rng.gamma(16.0, 0.040 / 16, int((~hits).sum()))
        entries = min(size, len(np.unique(keys[own])))
        caches.append(
            CacheTrace(
                "profiles", 100 + process, keys[own], size, entries, int(hits.sum()), int((~hits).sum()), 0.040, 900.0
            )
        )
    knob = Knob("cache.profiles.size", size, 16, 65_536, unit="entries", kind="cache_size")
    policy = Policy(response_time_seconds=0.5)
    return Service("recommendations", 2, record(arrival, wall, 2), policy, knobs=(knob,), caches=tuple(caches))


def loyalty(rng: np.random.Generator, seconds: float = 120.0, dies_after: float = 60.0) -> Service:
    """Crashes as a whole after a minute."""
    arrival = poisson(rng, 3.0, dies_after)
    trace = record(arrival, rng.gamma(4.0, 0.002, len(arrival)), 2)

    def up(times: F64) -> F64:
        return np.where(times <= START + dies_after, 1.0, 0.0)

    def alive(value: float) -> Callable[[F64], F64]:
        return lambda times: np.where(times <= START + dies_after, value, np.nan)

    samples = {
        Metric.UP: up,
        Metric.WORKERS: alive(2),
        Metric.MEMORY_BYTES: alive(1e8),
        Metric.WORKER_MEMORY_BYTES: alive(4e7),
    }
    status = PluginStatus.INACTIVE if seconds > dies_after + 10 else PluginStatus.ACTIVE
    return Service("loyalty", 2, trace, Policy(response_time_seconds=0.5), samples, status=status)


SERVICES = (orders, menu, reservations, inventory, reports, recommendations, loyalty)
