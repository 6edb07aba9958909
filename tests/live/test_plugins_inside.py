"""What each Blueprint of a running application uses agrees with what the kernel counted for its processes."""

import threading
from pathlib import Path

import psutil
import pytest

from plugin_optimizer.monitor.inside import InsideSource
from plugin_optimizer.monitor.probe_source import ProbeSource
from tests.gunicorn_service import GunicornService, start_gunicorn, wait_for

pytestmark = pytest.mark.live
SHOP = """
import time
from flask import Blueprint, Flask
from plugin_optimizer.probe import instrument
app = Flask("shop")
pricing, stock = Blueprint("pricing", __name__), Blueprint("stock", __name__)
@pricing.get("/price")
def price():
    began = time.thread_time()
    while time.thread_time() - began < 0.02:
        pass
    return "1"
@stock.get("/stock")
def level():
    time.sleep(0.02)
    return "2"
app.register_blueprint(pricing)
app.register_blueprint(stock)
instrument(app, plugin="shop")
"""
EACH = 60


def ask(service: GunicornService, path: str) -> None:
    def some() -> None:
        for _ in range(EACH // 4):
            assert service.get(path).status == 200

    threads = [threading.Thread(target=some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def cpu_seconds(service: GunicornService) -> float:
    """Return the CPU time of all workers so far, as the kernel counts it."""
    return sum(sum(child.cpu_times()[:2]) for child in psutil.Process(service.master_pid).children())


@pytest.mark.parametrize("threads", [1, 4])
def test_cpu_of_plugins_in_shared_processes_is_within_a_tenth_of_the_kernels(tmp_path: Path, threads: int) -> None:
    """Two processes, one thread each or four: the one that computes gets what was computed, the one that waits next to nothing."""
    home = tmp_path / "home"
    environment = {"PYTHONPATH": str(Path(__file__).parents[2] / "src"), "PLUGIN_OPTIMIZER_HOME": str(home)}
    extra = ("--threads", str(threads))
    with start_gunicorn(tmp_path, SHOP, workers=2, env=environment, extra=extra) as service:
        ask(service, "/price")  # whatever is done once is done
        source = InsideSource(ProbeSource(home))
        seen = {"shop.pricing": 0, "shop.stock": 0}
        used = dict.fromkeys(seen, 0.0)

        def read(note: bool = True) -> int:
            for name in seen:
                trace = source.read(name)
                seen[name] += len(trace)
                used[name] += float(trace.cpu.sum()) if note else 0.0
            return sum(seen.values())

        wait_for(lambda: read(note=False) == EACH)
        before = cpu_seconds(service)
        ask(service, "/price")
        computed = cpu_seconds(service) - before
        ask(service, "/stock")
        wait_for(lambda: read() == 3 * EACH)
        assert used["shop.pricing"] == pytest.approx(computed, rel=0.1)
        assert used["shop.stock"] < 0.1 * used["shop.pricing"]
