"""The whole loop on a real Celery worker: a queue grows, processes are suggested, made, proven, and kept over a restart."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery_service import CeleryWorker, redis_server, start_celery

from plugin_optimizer.bootstrap import System, build
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import FINAL, ExecutionState, Metric, Outcome, Suggestion, SuggestionState, SuggestionType

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]
TASK_SECONDS = 0.25


@contextmanager
def arriving(worker: CeleryWorker, per_second: float) -> Iterator[list[str]]:
    """Send tasks in an open loop while the block runs; yield the names of those that were sent."""
    sent, stop, chance = list[str](), threading.Event(), random.Random(1)

    def send() -> None:
        while not stop.wait(chance.expovariate(per_second)):
            name = f"t{len(sent)}"
            worker.send([name], TASK_SECONDS)
            sent.append(name)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield sent
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def system_of(tmp_path: Path) -> Iterator[Callable[[CeleryWorker], System]]:
    made: list[System] = []

    def make(worker: CeleryWorker) -> System:
        document = {
            "engine": {
                "interval_seconds": 1.0,
                "window_seconds": 120.0,
                "state_dir": str(tmp_path / "state"),
                "home": str(tmp_path / "home"),
                "discover": False,
            },
            "statsd": {"enabled": False},
            "policy": {
                "response_time_seconds": 3.0,
                "settle_seconds": 15.0,
                "verify_seconds": 200.0,
                "sustain_seconds": 10.0,
            },
            "plugins": {"mail": {"touchpoint": "celery", "node": worker.node, "cwd": str(worker.directory)}},
        }
        system = build(parse_config(document))
        made.append(system)
        system.runner.start()
        until(lambda: system.runner.active, 60.0, "the runner to start")
        return system

    yield make
    for system in made:
        system.close()


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.2)


def suggested(system: System) -> Suggestion | None:
    found = system.state.suggestions(plugin_id="mail", state=SuggestionState.OPEN)
    return next((s for s in found if s.proposal.change is not None), None)


def test_a_backlog_is_found_worked_off_proven_and_the_processes_kept(
    tmp_path: Path, system_of: Callable[[CeleryWorker], System]
) -> None:
    """From a real queue that grows to enough processes, each task run once; a restarted worker gets them again."""
    with redis_server(tmp_path) as url, start_celery(tmp_path, f"{url}/0", "-c", "2") as worker:
        system = system_of(worker)
        with arriving(worker, 12.0) as sent:
            until(lambda: suggested(system), 240.0, "a suggestion")
            suggestion = suggested(system)
            assert suggestion is not None
            assert suggestion.proposal.type is SuggestionType.INCREASE_WORKERS
            assert suggestion.proposal.change is not None
            target = int(suggestion.proposal.change.after)
            execution, _ = system.state.approve(suggestion.id, suggestion.revision, "admin", None, time.time())
            until(lambda: system.state.execution(execution.id).state in FINAL, 400.0, "the verdict")
            done = system.state.execution(execution.id)
            assert done.state is ExecutionState.SUCCEEDED, done.reason
            assert done.verdict is not None
            assert (done.verdict.outcome, done.verdict.metric) == (Outcome.BETTER, Metric.QUEUE_LENGTH)
            assert len(worker.children()) == target
            assert not done.persisted
            until(lambda: len(sent) - len(worker.runs("begin")) < 12, 200.0, "the backlog to go")
        until(lambda: len(worker.runs("end")) == len(sent), 60.0, "every task to end")
        assert sorted(worker.runs("begin")) == sorted(sent)
        worker.restart()
        assert len(worker.children()) == 2
        until(lambda: len(worker.children()) == target, 200.0, "the kept number after a restart")
        assert system.state.verify_audit() > 0
