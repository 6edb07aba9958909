"""Zeros of a living thing and figures that stand still count as missing, never as low; an idle service is left in peace."""

from collections.abc import Mapping

import numpy as np
import pytest

from plugin_optimizer.domain import Metric, Sample
from plugin_optimizer.monitor.gate import Gate
from plugin_optimizer.monitor.gate_doubt import Doubt
from plugin_optimizer.monitor.gate_silence import silences_of

STEP = 5.0
Look = Mapping[Metric, float]


def busy(rng: np.random.Generator) -> dict[Metric, float]:
    """Forty requests or so in five seconds on half a core."""
    requests = float(rng.poisson(40))
    return {
        Metric.UP: 1.0,
        Metric.WORKERS: 2.0,
        Metric.CPU_CORES: 0.5 * float(rng.uniform(0.9, 1.1)),
        Metric.CPU_RATIO: 0.25 * float(rng.uniform(0.9, 1.1)),
        Metric.MEMORY_BYTES: 1e8,
        Metric.MEMORY_RATIO: 0.1,
        Metric.WORKER_MEMORY_BYTES: 4e7,
        Metric.REQUESTS: requests,
        Metric.THROUGHPUT_PER_SECOND: requests / STEP,
        Metric.BUSY_RATIO: 0.4 * float(rng.uniform(0.9, 1.1)),
        Metric.RESPONSE_TIME_P95_SECONDS: 0.2 * float(rng.uniform(0.9, 1.1)),
    }


class Watched:
    """One plugin behind a gate, after two good minutes."""

    def __init__(self, looks: int = 24, seed: int = 1) -> None:
        self.gate, self.rng, self.now = Gate(), np.random.default_rng(seed), 1_000_000.0
        for _ in range(looks):
            assert self.look(busy(self.rng)) == {}

    def look(self, values: Look, seconds: float = STEP) -> dict[str, str]:
        """Return what was refused, by metric."""
        self.now += seconds
        samples = [Sample("orders", metric, self.now, value) for metric, value in values.items()]
        admitted, refused = self.gate.admit(samples, self.now)
        assert len(admitted) + sum(r.count for r in refused) == len(samples)
        return {r.metric: r.reason for r in refused}

    def with_(self, **others: float) -> dict[Metric, float]:
        return {**busy(self.rng), **{Metric(name): value for name, value in others.items()}}


@pytest.mark.parametrize("metric", ["memory_bytes", "memory_ratio", "worker_memory_bytes", "workers"])
def test_a_living_plugin_uses_memory_and_has_workers(metric: str) -> None:
    """Zero of any of these is a mistake while the plugin is up, and the truth when it is down."""
    assert Watched(0).look(Watched().with_(**{metric: 0.0})) == {metric: "implausible_zero"}
    assert Watched(0).look({Metric.UP: 0.0, Metric(metric): 0.0}) == {}


@pytest.mark.parametrize("cores", [0.0, 0.09])
def test_processes_that_stop_computing_while_requests_go_on_are_not_believed(cores: float) -> None:
    """To nothing, and by more than 80 %: missing."""
    watched = Watched()
    refused = watched.look(watched.with_(cpu_cores=cores, cpu_ratio=cores / 2))
    assert refused == {"cpu_cores": "implausible_zero", "cpu_ratio": "implausible_zero"}


@pytest.mark.parametrize("requests", [0.0, 7.0])
def test_requests_that_end_while_processes_go_on_computing_are_not_believed(requests: float) -> None:
    """Google, December 2020: usage was reported as zero; whoever believed it took away what was in use."""
    watched = Watched()
    refused = watched.look(watched.with_(requests=requests, throughput_per_second=requests / STEP, busy_ratio=0.01))
    assert refused == dict.fromkeys(["requests", "throughput_per_second", "busy_ratio"], "implausible_zero")


def test_a_fall_that_nobody_else_could_see_is_not_believed_for_ten_minutes() -> None:
    """Without a second source a fall is missing data; after ten minutes it is how things are."""
    watched = Watched()
    alone = {Metric.UP: 1.0, Metric.CPU_CORES: 0.01}
    reasons = [watched.look(alone).get("cpu_cores") for _ in range(130)]
    assert set(reasons[:118]) == {"implausible_zero"}
    assert reasons[-1] is None


def test_a_service_that_is_left_alone_is_idle_and_not_suspicious() -> None:
    """Load ends: requests, busy share and CPU fall together, and all of it is believed."""
    watched = Watched()
    idle = {"requests": 0.0, "throughput_per_second": 0.0, "busy_ratio": 0.0, "cpu_cores": 0.004, "cpu_ratio": 0.002}
    quiet: dict[Metric, float] = {
        m: v for m, v in watched.with_(**idle).items() if m is not Metric.RESPONSE_TIME_P95_SECONDS
    }
    for _ in range(200):
        assert watched.look(quiet) == {}


@pytest.mark.parametrize("seed", range(5))
def test_a_service_with_few_requests_is_not_suspicious(seed: int) -> None:
    """One request in five seconds or none, as chance has it."""
    watched = Watched(0, seed)
    for _ in range(300):
        requests = float(watched.rng.poisson(1.0))
        values = {Metric.UP: 1.0, Metric.REQUESTS: requests, Metric.CPU_CORES: 0.002 * requests}
        assert watched.look(values) == {}


def test_load_that_comes_and_goes_is_believed_where_both_sources_see_it() -> None:
    """Half a minute of load, half a minute of none, for an hour."""
    watched = Watched()
    idle = {"requests": 0.0, "throughput_per_second": 0.0, "busy_ratio": 0.0, "cpu_cores": 0.003, "cpu_ratio": 0.001}
    for turn in range(720):
        assert watched.look(watched.with_() if turn // 6 % 2 else watched.with_(**idle)) == {}


@pytest.mark.parametrize("metric", ["cpu_cores", "cpu_ratio", "busy_ratio", "response_time_p95_seconds"])
def test_a_figure_that_stands_still_while_work_goes_on_is_frozen(metric: str) -> None:
    """Noise never repeats itself to the last digit six times; as soon as it moves it is believed again."""
    watched = Watched()
    reasons = [watched.look(watched.with_(**{metric: 0.3})).get(metric) for _ in range(10)]
    assert reasons == [None] * 5 + ["frozen"] * 5
    assert watched.look(watched.with_()) == {}


def test_a_quantile_of_buckets_may_stand_still_while_its_mean_moves() -> None:
    """A histogram tells its quantiles by the bounds of its buckets: the same number again and again is no stopped source.

    Where the mean stands still as well, it is one.
    """
    watched = Watched()
    p95, mean = Metric.RESPONSE_TIME_P95_SECONDS.value, Metric.RESPONSE_TIME_SECONDS.value
    for turn in range(20):
        assert watched.look(watched.with_(**{p95: 0.095, mean: 0.05 + turn / 1e4})) == {}
    reasons = [watched.look(watched.with_(**{mean: 0.05, p95: 0.095})).get(p95) for _ in range(10)]
    assert reasons[:4] == [None] * 4
    assert reasons[-4:] == ["frozen"] * 4


def test_the_ends_of_a_scale_are_not_frozen() -> None:
    """All workers busy all the time, or nothing computed at all: that is where noise ends."""
    watched = Watched(0)
    values = {Metric.UP: 1.0, Metric.REQUESTS: 5.0, Metric.BUSY_RATIO: 1.0, Metric.CPU_CORES: 0.0}
    assert all(watched.look(values) == {} for _ in range(50))


def test_what_is_refused_is_said_where_people_ask_why_a_plugin_is_silent() -> None:
    """One sentence for each reason, with how many samples of what."""
    watched = Watched()
    watched.now += STEP
    values = watched.with_(cpu_cores=0.0, cpu_ratio=0.0, memory_bytes=float("nan"))
    _, refused = watched.gate.admit([Sample("orders", m, watched.now, v) for m, v in values.items()], watched.now)
    said = {s.reason.code: dict(s.reason.params) for s in silences_of(refused)}
    assert said == {
        "gate_implausible_zero": {"refused": 2, "metrics": "cpu_cores, cpu_ratio"},
        "gate_not_finite": {"refused": 1, "metrics": "memory_bytes"},
    }


def test_busy_workers_that_are_counted_may_stand_still_or_be_none() -> None:
    """One of four processes with a long task, look after look, is no frozen sensor; none at the moment of a look no lie."""
    doubt = Doubt()
    for turn in range(20):
        at = 1_000.0 + 5.0 * turn
        figures = {Metric.CPU_CORES: 0.5, Metric.REQUESTS: 3.0, Metric.QUEUE_LENGTH: 2.0, Metric.BUSY_RATIO: 0.25}
        samples = [Sample("mail", metric, at, value) for metric, value in figures.items()]
        assert Metric.BUSY_RATIO not in doubt.reasons("mail", samples)
    idle = [Sample("mail", m, 2_000.0, v) for m, v in {**figures, Metric.BUSY_RATIO: 0.0}.items()]
    assert Metric.BUSY_RATIO not in doubt.reasons("mail", idle)
