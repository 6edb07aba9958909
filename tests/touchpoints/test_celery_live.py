"""Real Celery workers with a real Redis: found, measured, grown and shrunk without a task lost or run twice."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from plugin_optimizer.domain import InvalidValue, Metric, Plugin, Refused, Value
from plugin_optimizer.testing.touchpoint_contract import TouchpointSubject
from plugin_optimizer.touchpoints.celery import CeleryTouchpoint
from plugin_optimizer.touchpoints.celery.pause import PauseFile
from tests.celery_service import TASKS, CeleryWorker, redis_server, start_celery
from tests.gunicorn_service import wait_for

pytestmark = pytest.mark.live
Start = Callable[..., CeleryWorker]
PATIENCE_SECONDS = 120.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:
        url = stack.enter_context(redis_server(tmp_path))

        def _start(*extra: str, **settings: str) -> CeleryWorker:
            return stack.enter_context(start_celery(tmp_path, f"{url}/2", *extra, **settings))  # type: ignore[arg-type]

        yield _start


def found(touchpoint: CeleryTouchpoint, worker: CeleryWorker) -> Plugin:
    return next(plugin for plugin in touchpoint.discover() if plugin.address["pid"] == str(worker.pid))


def workers(touchpoint: CeleryTouchpoint, plugin: Plugin) -> Value:
    return next(knob.value for knob in touchpoint.knobs(plugin) if knob.name == "workers")


def go(touchpoint: CeleryTouchpoint, plugin: Plugin, to: int) -> None:
    subject = TouchpointSubject(touchpoint, plugin, "workers", to, plugin, PATIENCE_SECONDS)
    seen = subject.go(to)
    assert min(float(value) for value in seen) >= 1, seen


def samples(touchpoint: CeleryTouchpoint, plugin: Plugin) -> dict[Metric, float]:
    return {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}


def fetches(worker: CeleryWorker) -> bool:
    return bool(worker.ask("active_queues"))


def paused(touchpoint: CeleryTouchpoint, worker: CeleryWorker) -> bool:
    pause = PauseFile(touchpoint.home, worker.node).read()
    return pause is not None and not pause.gave_up and not fetches(worker)


def all_ran_once(worker: CeleryWorker, names: list[str]) -> None:
    wait_for(lambda: len(worker.runs("end")) >= len(names), PATIENCE_SECONDS)
    time.sleep(0.5)  # a second run of a task would begin about now
    assert sorted(worker.runs("begin")) == sorted(names)
    assert sorted(worker.runs("end")) == sorted(names)


def test_a_worker_is_found_and_measured(start: Start, home: Path) -> None:
    """Processes, what waits, what is busy, how long a task takes and how long one has to wait."""
    worker, touchpoint = start("-c", "2"), CeleryTouchpoint(home)
    plugin = found(touchpoint, worker)
    assert re.fullmatch(r"mail-celery(-\d+)?", plugin.plugin_id)  # others of the same name may run on this host
    assert plugin.address["node"] == worker.node
    worker.send([f"t{n}" for n in range(60)], 0.25)
    wait_for(lambda: len(worker.runs("begin")) >= 4)
    seen = samples(touchpoint, plugin)
    assert (seen[Metric.UP], seen[Metric.WORKERS], seen[Metric.BUSY_RATIO]) == (1, 2, 1)
    assert Metric.QUEUE_WAIT_SECONDS not in seen
    wait_for(lambda: len(worker.runs("begin")) >= 20)
    seen = samples(touchpoint, plugin)
    left = 60 - len(worker.runs("begin"))
    assert left - 8 <= seen[Metric.QUEUE_LENGTH] <= left + 8
    assert 0.2 <= seen[Metric.SERVICE_TIME_SECONDS] <= 0.6
    waits = seen[Metric.QUEUE_LENGTH] * 0.25 / 2
    assert 0.7 * waits <= seen[Metric.QUEUE_WAIT_SECONDS] <= 2.5 * waits
    assert seen[Metric.MEMORY_BYTES] > seen[Metric.WORKER_MEMORY_BYTES] > 1e6
    assert touchpoint.pool(plugin).kind == "prefork"


def test_failures_are_counted_where_the_probe_is_included(start: Start, home: Path) -> None:
    """One more option on the command line: the share that failed, and what a task took, to the millisecond."""
    worker, touchpoint = start("-c", "2", "-I", "plugin_optimizer.probe.celery_tasks"), CeleryTouchpoint(home)
    plugin = found(touchpoint, worker)
    assert Metric.ERROR_RATIO not in samples(touchpoint, plugin)
    worker.send([f"g{n}" for n in range(9)], 0.1)
    worker.send([f"b{n}" for n in range(3)], 0.1, "fail")
    wait_for(lambda: len(worker.runs("end")) == 12)
    time.sleep(0.5)  # a task is counted when it has returned
    seen = samples(touchpoint, plugin)
    assert seen[Metric.ERROR_RATIO] == 0.25
    assert 0.1 <= seen[Metric.SERVICE_TIME_SECONDS] <= 0.2
    touchpoint.discover()
    assert len(list((home / "celery-tasks").iterdir())) <= 2


def test_a_broker_that_stands_in_the_code_alone_is_found_by_its_connection(start: Start, home: Path) -> None:
    """Nothing on the command line, nothing in the environment: the worker is asked where it is connected to."""
    source = TASKS.replace('Celery("tasks")', 'Celery("tasks", broker=os.environ["PLACE"])')
    worker, touchpoint = start("-c", "1", source=source, variable="PLACE"), CeleryTouchpoint(home)
    plugin = found(touchpoint, worker)
    assert workers(touchpoint, plugin) == 1
    go(touchpoint, plugin, 2)


def test_growing_and_shrinking_under_load_loses_and_repeats_nothing(start: Start, home: Path) -> None:
    """200 tasks while the pool goes up and down: each began once and ended once, and there was always a process."""
    worker, touchpoint = start("-c", "1"), CeleryTouchpoint(home)
    plugin, names = found(touchpoint, worker), [f"t{n}" for n in range(200)]
    worker.send(names, 0.1)
    for to in (3, 1, 4, 2, 1):
        go(touchpoint, plugin, to)
        assert len(worker.children()) == to
    all_ran_once(worker, names)
    wait_for(lambda: fetches(worker))
    assert PauseFile(home, worker.node).read() is None


def test_no_order_leads_to_a_pool_without_processes(start: Start, home: Path) -> None:
    """Zero is no value of the knob, and a shrink that asks for more than may go leaves one."""
    worker, touchpoint = start("-c", "2"), CeleryTouchpoint(home)
    plugin = found(touchpoint, worker)
    with pytest.raises(InvalidValue):
        touchpoint.turn(plugin, "workers", 0)
    master = touchpoint._lookup.find(plugin)
    touchpoint._steps.shrink(touchpoint._lookup.control(plugin, master), master, 9, None)
    wait_for(lambda: len(worker.children()) == 1)
    wait_for(lambda: PauseFile(home, worker.node).read() is None)
    assert len(worker.children()) == 1
    worker.send(["after"], 0.0)
    all_ran_once(worker, ["after"])


def test_busy_processes_are_left_alone_and_the_reason_is_told(start: Start, home: Path) -> None:
    """While every process has a long task nothing is taken away, the worker fetches again, and the next order says why."""
    until_released = 'while not os.path.exists("released"): time.sleep(0.05)'
    worker = start("-c", "2", source=TASKS.replace("time.sleep(seconds)", until_released))
    touchpoint = CeleryTouchpoint(home)
    plugin, names = found(touchpoint, worker), ["a", "b", "c"]
    worker.send(names, 0.0)
    wait_for(lambda: len(worker.runs("begin")) == 2)
    touchpoint._steps.drain_seconds = 2.0
    touchpoint.turn(plugin, "workers", 1)
    wait_for(
        lambda: (pause := PauseFile(home, worker.node).read()) is not None and bool(pause.gave_up), PATIENCE_SECONDS
    )
    assert fetches(worker)
    with pytest.raises(Refused, match=r"fetched and not begun|busy"):
        touchpoint.turn(plugin, "workers", 1)
    assert workers(touchpoint, plugin) == 2
    (worker.directory / "released").touch()
    all_ran_once(worker, names)


def test_the_consumer_comes_back_after_the_engine_was_killed_in_a_drain(start: Start, home: Path) -> None:
    """The one who ordered dies at once; the shrink goes on without it, and the worker fetches again."""
    worker, touchpoint = start("-c", "3"), CeleryTouchpoint(home)
    plugin, names = found(touchpoint, worker), [f"t{n}" for n in range(24)]
    worker.send(names, 0.5)
    wait_for(lambda: len(worker.runs("begin")) >= 3)
    order = (
        "import os, sys; from pathlib import Path; from plugin_optimizer.domain import Plugin\n"
        "from plugin_optimizer.touchpoints.celery import CeleryTouchpoint\n"
        f"CeleryTouchpoint(Path({str(home)!r})).turn(Plugin('mail-celery', 'celery', {dict(plugin.address)!r}), 'workers', 1)\n"
        "os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    died = subprocess.run([sys.executable, "-c", order], env=environment, capture_output=True, timeout=PATIENCE_SECONDS)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    wait_for(lambda: len(worker.children()) < 3, PATIENCE_SECONDS)
    wait_for(lambda: fetches(worker))
    all_ran_once(worker, names)


def test_the_consumer_comes_back_after_the_shrinking_process_was_killed(start: Start, home: Path) -> None:
    """What even a SIGKILL leaves behind is on record, and the next look of whichever engine puts it right."""
    worker, touchpoint = start("-c", "2"), CeleryTouchpoint(home)
    plugin, names = found(touchpoint, worker), [f"t{n}" for n in range(16)]
    worker.send(names, 1.0)
    wait_for(lambda: len(worker.runs("begin")) >= 2)
    touchpoint.turn(plugin, "workers", 1)
    wait_for(lambda: paused(touchpoint, worker))
    pause = PauseFile(home, worker.node).read()
    assert pause is not None
    os.kill(pause.by_pid, signal.SIGKILL)
    wait_for(lambda: pause.orphaned)
    assert not fetches(worker)
    samples(CeleryTouchpoint(home), plugin)
    assert fetches(worker)
    assert PauseFile(home, worker.node).read() is None
    all_ran_once(worker, names)


def test_a_change_of_mind_brings_the_consumer_back_at_once(start: Start, home: Path) -> None:
    """An order to grow ends the shrink that is under way."""
    worker, touchpoint = start("-c", "2"), CeleryTouchpoint(home)
    plugin, names = found(touchpoint, worker), [f"t{n}" for n in range(12)]
    worker.send(names, 1.5)
    wait_for(lambda: len(worker.runs("begin")) >= 2)
    touchpoint.turn(plugin, "workers", 1)
    wait_for(lambda: paused(touchpoint, worker))
    touchpoint.turn(plugin, "workers", 4)
    assert fetches(worker)
    wait_for(lambda: len(worker.children()) == 4)
    all_ran_once(worker, names)


def test_an_autoscaler_is_respected(start: Start, home: Path) -> None:
    """Where `--autoscale` owns the pool its bounds are the knobs, and the count is refused with the reason."""
    worker, touchpoint = start("--autoscale=3,1"), CeleryTouchpoint(home)
    plugin = found(touchpoint, worker)
    bounds = {knob.name: knob.value for knob in touchpoint.knobs(plugin) if knob.unit == "workers"}
    assert bounds == {"autoscale_max": 3, "autoscale_min": 1}
    assert "autoscale" in touchpoint.not_offered(plugin)["workers"]
    with pytest.raises(Refused, match="autoscale"):
        touchpoint.turn(plugin, "workers", 2)
    with pytest.raises(Refused, match="or more"):
        touchpoint.turn(plugin, "autoscale_min", 5)
    names = [f"t{n}" for n in range(30)]
    worker.send(names, 0.3)
    wait_for(lambda: len(worker.children()) == 3)
    TouchpointSubject(touchpoint, plugin, "autoscale_max", 1, plugin, PATIENCE_SECONDS).go(1)
    wait_for(lambda: len(worker.children()) == 1)
    all_ran_once(worker, names)


@pytest.mark.parametrize("pool", ["solo", "threads"])
def test_a_pool_without_processes_is_measured_and_not_turned(start: Start, home: Path, pool: str) -> None:
    """Nothing but the rate of its tasks, a reason, and a refusal with the same words."""
    worker, touchpoint = start("-P", pool), CeleryTouchpoint(home)
    plugin = found(touchpoint, worker)
    assert {knob.name for knob in touchpoint.knobs(plugin)} == {"rate_limit.tasks.fail", "rate_limit.tasks.nap"}
    why = touchpoint.not_offered(plugin)["workers"]
    assert "prefork" in why
    with pytest.raises(Refused, match="prefork"):
        touchpoint.turn(plugin, "workers", 2)
    assert samples(touchpoint, plugin)[Metric.UP] == 1


def test_a_restart_and_a_hang_up_are_other_lives(start: Start, home: Path) -> None:
    """Both take the pool back to what is configured, which is no foreign hand."""
    worker, touchpoint = start("-c", "1"), CeleryTouchpoint(home)
    plugin = found(touchpoint, worker)
    first = touchpoint.incarnation(plugin)
    assert touchpoint.incarnation(plugin) == first
    go(touchpoint, plugin, 2)
    assert touchpoint.incarnation(plugin) == first
    time.sleep(4)  # a worker tells its age in whole seconds
    logged = worker.log.count(" ready.")
    worker.hang_up()
    wait_for(lambda: worker.log.count(" ready.") > logged)
    second = touchpoint.incarnation(plugin)
    assert second != first
    wait_for(lambda: workers(touchpoint, plugin) == 1)
    worker.restart()
    assert touchpoint.incarnation(plugin) not in {first, second}


def test_what_cannot_be_asked_is_still_watched(start: Start, home: Path) -> None:
    """Without a way to the broker its processes are measured, and what would open one is said."""
    worker, touchpoint = start("-c", "2"), CeleryTouchpoint(home)
    plugin = Plugin("mail-celery", "celery", {**found(touchpoint, worker).address, "broker": "redis://127.0.0.1:1/0"})
    seen = samples(touchpoint, plugin)
    assert (seen[Metric.WORKERS], seen[Metric.UP]) == (2, 1)
    assert Metric.QUEUE_LENGTH not in seen
    assert touchpoint.knobs(plugin) == []
    assert "cannot be asked" in touchpoint.not_offered(plugin)["workers"]
