"""The whole loop on a real gunicorn under real load: find, suggest, change, judge, keep or undo, remember."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gunicorn_service import GunicornService, start_gunicorn
from open_loop import OpenLoop

from plugin_optimizer.bootstrap import System, build
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import (
    FINAL,
    Change,
    Direction,
    Execution,
    ExecutionState,
    Goal,
    Message,
    Metric,
    Outcome,
    Proposal,
    Purpose,
    Risk,
    Suggestion,
    SuggestionState,
    SuggestionType,
)

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]

SLOW_BANK = """
import time
from plugin_optimizer.probe import instrument

def serve(environ, start_response):
    time.sleep(0.12)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"paid"]

app = instrument(serve, plugin="orders")
"""

# Every request writes under one lock, and the more workers wait for it the longer each turn takes: a queue in
# front of a resource that thrashes. More workers make it worse, whatever the queue in front of gunicorn says.
THRASHING_LOCK = """
import fcntl, os, time
from plugin_optimizer.probe import instrument

WAITING = os.environ["WAITING_DIRECTORY"]

def serve(environ, start_response):
    mine = os.path.join(WAITING, str(os.getpid()))
    open(mine, "w").close()
    with open(os.path.join(WAITING, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        time.sleep(0.02 * max(1, len(os.listdir(WAITING)) - 1) ** 1.5)
    os.unlink(mine)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"written"]

app = instrument(serve, plugin="ledger")
"""


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.2)


@pytest.fixture
def systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, int], System]]:
    """Makes systems over one state directory; stops them all at the end."""
    monkeypatch.setenv("PLUGIN_OPTIMIZER_HOME", str(tmp_path / "home"))
    made: list[System] = []

    def make(plugin_id: str, port: int) -> System:
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
                "response_time_seconds": 0.4,
                "settle_seconds": 15.0,
                "verify_seconds": 150.0,
                "sustain_seconds": 10.0,
            },
            "plugins": {plugin_id: {"name": plugin_id, "bind": f"127.0.0.1:{port}"}},
        }
        system = build(parse_config(document))
        made.append(system)
        system.runner.start()
        until(lambda: system.runner.active, 60.0, "the runner to start")
        return system

    yield make
    for system in made:
        system.close()


def service(tmp_path: Path, name: str, source: str, workers: int) -> GunicornService:
    environment = {"PLUGIN_OPTIMIZER_HOME": str(tmp_path / "home"), "WAITING_DIRECTORY": str(tmp_path / "waiting")}
    (tmp_path / "waiting").mkdir(exist_ok=True)
    return start_gunicorn(
        tmp_path, source, workers=workers, config=f"# our settings\nworkers = {workers}\n", name=name, env=environment
    )


def finished(system: System, execution: Execution, seconds: float) -> Execution:
    until(lambda: system.state.execution(execution.id).state in FINAL, seconds, f"the verdict of {execution.id}")
    return system.state.execution(execution.id)


def open_suggestion(system: System, plugin_id: str) -> Suggestion | None:
    found = system.state.suggestions(plugin_id=plugin_id, state=SuggestionState.OPEN)
    return next((s for s in found if s.proposal.change is not None), None)


def test_too_few_workers_are_found_fixed_proven_and_kept(tmp_path: Path, systems: Callable[[str, int], System]) -> None:
    """From a real queue to the suggested number of real processes, p95 inside the SLO, and still there after HUP."""
    with service(tmp_path, "orders", SLOW_BANK, 2) as orders, OpenLoop(orders.port, 14.0) as load:
        system = systems("orders", orders.port)
        until(lambda: open_suggestion(system, "orders"), 240.0, "a suggestion for orders")
        suggestion = open_suggestion(system, "orders")
        assert suggestion is not None
        assert suggestion.proposal.type is SuggestionType.INCREASE_WORKERS
        assert suggestion.proposal.change is not None
        assert suggestion.proposal.prediction is not None
        target = suggestion.proposal.change.after
        approved_at = time.time()
        first, made = system.state.approve(suggestion.id, suggestion.revision, "admin", "once", time.time())
        again, made_again = system.state.approve(suggestion.id, suggestion.revision, "admin", "twice", time.time())
        assert (made, made_again, again.id) == (True, False, first.id)
        done = finished(system, first, 400.0)
        assert done.state is ExecutionState.SUCCEEDED, done.reason
        assert done.verdict is not None
        assert done.verdict.outcome is Outcome.BETTER
        assert len(orders.worker_pids()) == target
        before = load.p95(approved_at - 60.0, approved_at)
        until(lambda: recent(load) < min(0.4, before), 120.0, "twenty seconds inside the SLO")
        assert done.verdict.after < 0.4
        assert done.persisted
        old = set(orders.worker_pids())
        orders.signal(signal.SIGHUP)
        until(lambda: not old & set(orders.worker_pids()), 60.0, "another generation of workers")
        orders.wait_for_workers(int(target))
        assert f"workers = {target}\n" in orders.config_path.read_text()
        assert system.state.verify_audit() > 0


def recent(load: OpenLoop) -> float:
    """Return p95 of the last twenty seconds that are answered."""
    now = time.time()
    return load.p95(now - 21.0, now - 1.0)


def harmful(plugin_id: str) -> Proposal:
    goal = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
    return Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.INCREASE_WORKERS,
        title=Message("increase_workers", {"before": 2, "after": 5}),
        change=Change(plugin_id, "workers", 2, 5, goal),
        prediction=None,
        risk=Risk.LOW,
        confidence=0.5,
    )


def test_a_change_that_makes_things_worse_is_undone_by_itself(
    tmp_path: Path, systems: Callable[[str, int], System]
) -> None:
    """A real service whose latency rises with its workers: the judge says worse, and the old count is back."""
    with service(tmp_path, "ledger", THRASHING_LOCK, 2) as ledger, OpenLoop(ledger.port, 14.0):
        system = systems("ledger", ledger.port)
        time.sleep(45.0)  # there must be a past to compare with
        suggestion = system.state.offer(harmful("ledger"), time.time(), time.time() + 600.0)
        execution, _ = system.state.approve(suggestion.id, None, "admin", None, time.time())
        until(lambda: len(ledger.worker_pids()) == 5, 90.0, "five workers")
        done = finished(system, execution, 400.0)
        assert done.state is ExecutionState.ROLLED_BACK
        assert done.verdict is not None
        assert done.verdict.outcome is Outcome.WORSE
        ledger.wait_for_workers(2)
        assert "workers = 2\n" in ledger.config_path.read_text()


def test_an_engine_that_dies_in_the_middle_is_continued_by_the_next(
    tmp_path: Path, systems: Callable[[str, int], System]
) -> None:
    """The second engine finds the execution where the first left it, and brings it to its end."""
    with service(tmp_path, "orders", SLOW_BANK, 2) as orders, OpenLoop(orders.port, 14.0):
        first = systems("orders", orders.port)
        time.sleep(30.0)
        suggestion = first.state.offer(harmful("orders"), time.time(), time.time() + 600.0)
        execution, _ = first.state.approve(suggestion.id, None, "admin", None, time.time())
        until(lambda: first.state.execution(execution.id).step is not None, 90.0, "the first step")
        first.close()
        assert first.state.execution(execution.id).state not in FINAL
        second = systems("orders", orders.port)
        done = finished(second, execution, 400.0)
        assert done.state is ExecutionState.SUCCEEDED
        orders.wait_for_workers(5)
