"""Limits of tasks on a real worker with a real Redis: those that are turned are kept, the others are refused with the reason."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from plugin_optimizer.domain import InvalidValue, Metric, Plugin, Refused, Unobservable, Value
from plugin_optimizer.touchpoints.celery import CeleryTouchpoint
from tests.celery_service import TASKS, CeleryWorker, redis_server, start_celery
from tests.gunicorn_service import wait_for

pytestmark = pytest.mark.live
Start = Callable[..., CeleryWorker]
NAP_RATE = "rate_limit.tasks.nap"


@pytest.fixture
def touchpoint(tmp_path: Path) -> CeleryTouchpoint:
    return CeleryTouchpoint(tmp_path / "home")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:
        url = stack.enter_context(redis_server(tmp_path))

        def _start(*extra: str, source: str = TASKS) -> CeleryWorker:
            return stack.enter_context(start_celery(tmp_path, f"{url}/0", *extra, source=source))

        yield _start


def found(touchpoint: CeleryTouchpoint, pid: int) -> Plugin:
    return next(plugin for plugin in touchpoint.discover() if plugin.address["pid"] == str(pid))


def value(touchpoint: CeleryTouchpoint, plugin: Plugin, name: str) -> Value:
    return next(knob.value for knob in touchpoint.knobs(plugin) if knob.name == name)


def test_a_rate_limit_holds_and_once_lifted_every_task_has_run_once(start: Start, touchpoint: CeleryTouchpoint) -> None:
    """60 a minute: five tasks cannot have begun before three seconds; those held back run when it is lifted."""
    worker = start("-c", "2")
    plugin, names = found(touchpoint, worker.pid), [f"t{number}" for number in range(10)]
    touchpoint.turn(plugin, NAP_RATE, 60)
    assert value(touchpoint, plugin, NAP_RATE) == 60
    began = time.monotonic()
    worker.send(names, 0.0)
    wait_for(lambda: len(worker.runs("begin")) >= 5)
    assert time.monotonic() - began >= 3.0
    touchpoint.turn(plugin, NAP_RATE, 0)
    assert value(touchpoint, plugin, NAP_RATE) == 0
    wait_for(lambda: len(worker.runs("end")) >= len(names))
    assert sorted(worker.runs("begin")) == sorted(names)


def test_no_process_is_taken_away_while_a_rate_limit_may_hold_tasks_back(
    start: Start, touchpoint: CeleryTouchpoint
) -> None:
    """What the worker holds back it tells nobody: the order is refused, it fetches as before, and may go once it is lifted."""
    worker = start("-c", "2")
    plugin = found(touchpoint, worker.pid)
    touchpoint.turn(plugin, NAP_RATE, 600)
    with pytest.raises(Refused, match="rate limit"):
        touchpoint.turn(plugin, "workers", 1)
    assert worker.ask("active_queues")
    assert len(worker.children()) == 2
    touchpoint.turn(plugin, NAP_RATE, 0)
    touchpoint.turn(plugin, "workers", 1)
    wait_for(lambda: len(worker.children()) == 1)


def test_a_restart_takes_a_rate_limit_back_and_nobody_says_otherwise(
    start: Start, touchpoint: CeleryTouchpoint
) -> None:
    """persist() is False, and the new life of the worker has the limit of its code."""
    worker = start("-c", "1", source=TASKS.replace("@app.task\ndef nap", '@app.task(rate_limit="10/s")\ndef nap'))
    plugin = found(touchpoint, worker.pid)
    assert value(touchpoint, plugin, NAP_RATE) == 600
    touchpoint.turn(plugin, NAP_RATE, 30)
    assert touchpoint.persist(plugin, NAP_RATE, 30) is False
    life = touchpoint.incarnation(plugin)
    worker.restart()
    assert touchpoint.incarnation(plugin) != life
    assert value(touchpoint, plugin, NAP_RATE) == 600


def test_impossible_rates_change_nothing(start: Start, touchpoint: CeleryTouchpoint) -> None:
    """Below zero, beyond the bound, not a number."""
    worker = start("-c", "1")
    plugin = found(touchpoint, worker.pid)
    for wrong in (-1, 1e9, "10/s"):
        with pytest.raises(InvalidValue):
            touchpoint.turn(plugin, NAP_RATE, wrong)
    assert value(touchpoint, plugin, NAP_RATE) == 0


def test_a_worker_that_minds_no_rate_limits_offers_none(start: Start, touchpoint: CeleryTouchpoint) -> None:
    """It would take the order and go on as before."""
    source = TASKS.replace("app.conf.update(", "app.conf.update(worker_disable_rate_limits=True, ")
    worker = start("-c", "1", source=source)
    plugin = found(touchpoint, worker.pid)
    assert [knob.name for knob in touchpoint.knobs(plugin)] == ["workers"]
    with pytest.raises(Refused, match="minds no rate limits"):
        touchpoint.turn(plugin, NAP_RATE, 5)


def test_time_limits_are_not_turned_since_a_running_worker_goes_on_without(
    start: Start, touchpoint: CeleryTouchpoint
) -> None:
    """The worker answers that it did, and tells the new limit; a task outlives it. If this fails, Celery has learnt it: offer it."""
    worker = start("-c", "1")
    plugin = found(touchpoint, worker.pid)
    with pytest.raises(Refused, match="goes on with the one that it began with"):
        touchpoint.turn(plugin, "time_limit.tasks.nap", 1)
    assert worker.ask("time_limit", task_name="tasks.nap", hard=1, soft=None) == {"ok": "time limits set successfully"}
    assert "tasks.nap [time_limit=1]" in worker.ask("registered", taskinfoitems=["time_limit"])
    worker.send(["long"], 4.0)
    wait_for(lambda: worker.runs("end") == ["long"] or "Hard time limit" in worker.log)
    assert "Hard time limit" not in worker.log


def test_prefetching_is_not_turned_and_the_reason_is_told(start: Start, touchpoint: CeleryTouchpoint) -> None:
    """No order changes it; what it is now is said."""
    worker = start("-c", "2", "--prefetch-multiplier", "3")
    plugin = found(touchpoint, worker.pid)
    why = touchpoint.not_offered(plugin)["prefetch_multiplier"]
    assert "may hold 6 tasks" in why
    with pytest.raises(Refused, match="--prefetch-multiplier"):
        touchpoint.turn(plugin, "prefetch_multiplier", 1)


def test_a_worker_on_rabbitmq_is_watched_and_refused_with_the_reason(
    tmp_path: Path, touchpoint: CeleryTouchpoint
) -> None:
    """A real worker that looks for its broker by AMQP: processes are measured, nothing is turned, and why is said."""
    (tmp_path / "tasks.py").write_text(TASKS)
    script = str(Path(sys.executable).with_name("celery"))
    command = [
        sys.executable,
        script,
        "-A",
        "tasks",
        "-b",
        "amqp://guest:secret@127.0.0.1:1//",
        "worker",
        "-n",
        "rabbit@%h",
    ]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "RUNS": "runs"}, stdout=log, stderr=log)
    try:
        wait_for(lambda: any(one.address["pid"] == str(process.pid) for one in touchpoint.discover()))
        plugin = found(touchpoint, process.pid)
        why = touchpoint.not_offered(plugin)["workers"]
        assert "RabbitMQ (amqp)" in why
        assert "secret" not in why
        assert touchpoint.knobs(plugin) == []
        samples = {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}
        assert samples[Metric.UP] == 1
        with pytest.raises(Unobservable, match="RabbitMQ"):
            touchpoint.turn(plugin, "workers", 2)
    finally:
        process.terminate()
        process.wait(30)


ELSEWHERE = """
import os
from celery import Celery, signals

app = Celery("tasks", broker="{broker}", backend=os.environ["BACKEND"])
app.conf.broker_transport_options = {{"data_folder_in": "box", "data_folder_out": "box", "control_folder": "control"}}


@signals.worker_ready.connect
def ready(**_):
    app.backend.client.ping()
    app.backend.client.lpush("celery", *"abc")  # what looks like three tasks that wait, and is not this worker's queue
    open("ready", "w").close()
"""


@pytest.mark.parametrize("broker", ["filesystem://", "memory://"])
def test_no_queue_is_read_where_only_results_go_through_redis(
    tmp_path: Path, touchpoint: CeleryTouchpoint, broker: str
) -> None:
    """Its broker stands in its code, and the one Redis it speaks to is not that: no length rather than a wrong one, and why."""
    (tmp_path / "tasks.py").write_text(ELSEWHERE.format(broker=broker))
    for name in ("box", "control"):
        (tmp_path / name).mkdir()
    command = [sys.executable, str(Path(sys.executable).with_name("celery")), "-A", "tasks", "worker", "-n", "apart@%h"]
    with redis_server(tmp_path) as url, (tmp_path / "log").open("wb") as log:
        environment = {**os.environ, "BACKEND": f"{url}/0"}
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
        try:
            wait_for((tmp_path / "ready").exists, what=f"{broker}: {(tmp_path / 'log').read_text()[-2000:]}")
            plugin = found(touchpoint, process.pid)
            samples = {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}
            assert samples[Metric.UP] == 1
            assert Metric.QUEUE_LENGTH not in samples
            assert touchpoint.knobs(plugin) == []
            assert "apart@" in touchpoint.not_offered(plugin)["workers"]
            with pytest.raises(Unobservable):
                touchpoint.turn(plugin, "workers", 2)
        finally:
            process.terminate()
            process.wait(60)
