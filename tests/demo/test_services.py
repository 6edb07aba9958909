"""Each service really has the fault it is there for, seen without the engine."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from gunicorn_service import wait_for

from plugin_optimizer.demo import deployment
from plugin_optimizer.demo.answers import Endpoint
from plugin_optimizer.demo.child import Child
from plugin_optimizer.demo.commands import HOST, Commands, Ports
from plugin_optimizer.demo.layout import Layout
from plugin_optimizer.demo.load import Generator, Plan, Stream, exchange
from plugin_optimizer.demo.roster import SERVICES
from plugin_optimizer.demo.tally import Tally, quantile
from plugin_optimizer.probe.channel import reports

pytestmark = pytest.mark.live
ROSTER = {service.name: service for service in SERVICES}


@dataclass
class RunningService:
    """One service of the demo under its gunicorn, with the partners it asks."""

    layout: Layout
    child: Child
    port: int

    @property
    def workers(self) -> list[psutil.Process]:
        assert self.child.pid is not None
        return psutil.Process(self.child.pid).children()

    def ask(self, target: str, method: str = "GET") -> int:
        return asyncio.run(exchange(HOST, self.port, method, target))

    def load(self, name: str, seconds: float, rate: float) -> Tally:
        generator = Generator(Plan((Stream(name, HOST, self.port, rate),), seconds, seed=2))
        asyncio.run(generator.run(lambda _: None))
        return generator.tallies[name]


@contextmanager
def running(tmp_path: Path, name: str, workers: int | None = None) -> Iterator[RunningService]:
    """Run a service as the demo does, `workers` of it where another number than the demo's is wanted."""
    service = ROSTER[name] if workers is None else replace(ROSTER[name], workers=workers)
    layout = Layout(tmp_path)
    layout.create((name,))
    deployment.prepare(layout.pricing) if name == "inventory" else None
    ports = Ports.choose(1, (name,))
    commands = Commands(layout, ports, seed=2)
    with ExitStack() as stack:
        for child in (commands.partners(), commands.service(service)):
            child.start()
            stack.callback(child.stop)
        port = ports.services[name]
        wait_for(Endpoint(HOST, ports.partners).answers)
        wait_for(Endpoint(HOST, port, "/health").answers)
        yield RunningService(layout, child, port)


def p95(tally: Tally) -> float:
    found = quantile(sorted(seconds for _, seconds, _ in tally.recent), 0.95)
    assert found is not None
    return found


def quietest(measure: Callable[[], Tally], slo: float) -> Tally:
    """Measure until nothing but the service is in the figure: a machine that stands still for a second is not its fault.

    Returns the last of five where none is inside the SLO.
    """
    for _ in range(4):
        tally = measure()
        if p95(tally) < slo:
            return tally
    return measure()


def runs(process: psutil.Process) -> bool:
    """A zombie has ended, whoever its new parent is and however late that looks."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_orders_queue_and_more_workers_help(tmp_path: Path) -> None:
    """Waiting for the bank fills two workers beyond the SLO; with four the same requests stay well inside it.

    The load is a little above the demo's, so that a short test suffices.
    """
    slo = ROSTER["orders"].policy["response_time_seconds"]
    with running(tmp_path / "two", "orders") as service:
        before = service.load("orders", 12.0, 18.0)
        cpu = sum(worker.cpu_times().user + worker.cpu_times().system for worker in service.workers)
    with running(tmp_path / "four", "orders", workers=4) as service:
        after = quietest(lambda: service.load("orders", 12.0, 18.0), slo)
    assert before.errors == after.errors == 0
    assert p95(before) > slo > p95(after)
    assert cpu < 0.3 * 2 * 12.0, "it waits, it does not compute"


def test_reservations_keep_what_they_took(tmp_path: Path) -> None:
    """Memory grows with requests, by about 32 KB each, and stays."""
    with running(tmp_path, "reservations", workers=1) as service:
        for _ in range(20):
            service.ask("/reservations?guests=2", "POST")
        before = service.workers[0].memory_info().rss
        for _ in range(400):
            assert service.ask("/reservations?guests=2", "POST") == 201
        grown = service.workers[0].memory_info().rss - before
    assert 0.8 < grown / (400 * 32 * 1024) < 1.6


def test_inventory_fails_for_one_channel_since_the_change(tmp_path: Path) -> None:
    """Before the colleague's change everybody gets a price; after it wholesale customers get a 500."""
    with running(tmp_path, "inventory") as service:
        shop, wholesale = "/prices/7?channel=shop", "/prices/7?channel=wholesale"
        assert (service.ask(shop), service.ask(wholesale)) == (200, 200)
        deployment.deploy(service.layout.pricing)
        assert (service.ask(shop), service.ask(wholesale)) == (200, 500)
        assert "decimal.Inexact" in service.child.log.read_text()


def test_the_rounding_of_inventory_is_a_knob_that_reaches_every_worker(tmp_path: Path) -> None:
    """The probe reports what each process runs with."""
    with running(tmp_path, "inventory") as service:
        service.ask("/prices/7")

        def shown() -> set[object]:
            found = [report.knob("pricing.rounding") for report in reports(service.layout.home, "inventory")]
            return {knob.value for knob in found if knob}

        wait_for(lambda: shown() == {"half_up"})
        deployment.deploy(service.layout.pricing)
        wait_for(lambda: service.ask("/prices/7") == 200 and shown() == {"exact"})


def test_recommendations_miss_most_of_the_time_and_are_not_short_of_workers(tmp_path: Path) -> None:
    """A cache of 64 for 400 wanted items; two workers are busy for less than half of the time."""
    slo = ROSTER["recommendations"].policy["response_time_seconds"]
    with running(tmp_path, "recommendations") as service:
        tally = quietest(lambda: service.load("recommendations", 15.0, 20.0), slo)
        counted = [cache for report in reports(service.layout.home, "recommendations") for cache in report.caches]
    hits, misses = (sum(getattr(cache, field) for cache in counted) for field in ("hits", "misses"))
    assert tally.errors == 0
    assert p95(tally) < slo
    assert hits + misses > 150
    assert 0.2 < hits / (hits + misses) < 0.55
    seconds = sum(cache.load_seconds_total for cache in counted) / misses
    assert seconds * 20.0 * misses / (hits + misses) / 2 < 0.5, "the share of its time that a worker loads"


def test_loyalty_crashes_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its master is killed some time after the first customer, and its workers follow."""
    monkeypatch.setenv("PLUGIN_OPTIMIZER_DEMO_LOYALTY_SECONDS", "1.5")
    with running(tmp_path, "loyalty") as service:
        workers = service.workers
        assert service.ask("/points/3") == 200
        wait_for(lambda: not service.child.alive())
        assert service.child.exit_text() == "was ended by SIGKILL"
        wait_for(lambda: not any(runs(worker) for worker in workers))


def test_the_menu_is_healthy_and_carries_no_probe(tmp_path: Path) -> None:
    """It answers quickly, without errors, and leaves nothing in the place where probes write."""
    with running(tmp_path, "menu") as service:
        tally = quietest(lambda: service.load("menu", 4.0, 10.0), 0.5)  # what its owner expects of it
        assert service.ask("/menu/brunch") == 404
    assert tally.errors == 0
    assert p95(tally) < 0.5
    assert not (service.layout.home / "plugins").exists()


def test_reports_need_few_of_their_workers(tmp_path: Path) -> None:
    """Eight requests of some 40 ms a second keep less than one of eight workers busy."""
    with running(tmp_path, "reports") as service:
        tally = service.load("reports", 5.0, 8.0)
        assert len(service.workers) == 8
    usual = quantile(sorted(seconds for _, seconds, _ in tally.recent), 0.5)  # a pause of the machine is not theirs
    assert usual is not None
    busy = usual * tally.requests / 5.0
    assert 0.15 < busy < 1.0


def test_a_tuned_worker_count_survives_the_next_start(tmp_path: Path) -> None:
    """A gunicorn configuration that is there is left as it is."""
    layout = Layout(tmp_path)
    layout.create(("menu",))
    config = layout.gunicorn_config("menu")
    config.write_text("workers = 1\n")
    with running(tmp_path, "menu") as service:
        wait_for(lambda: len(service.workers) == 1)
        assert config.read_text() == "workers = 1\n"
