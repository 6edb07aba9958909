"""A real gunicorn whose change the judge cannot tell: both numbers of workers take turns, and that decides."""

import time
from pathlib import Path

import pytest
from gunicorn_service import start_gunicorn, wait_for
from open_loop import OpenLoop

from plugin_optimizer.bootstrap import build
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import (
    FINAL,
    Arm,
    Change,
    Direction,
    Execution,
    ExecutionState,
    Goal,
    Message,
    Metric,
    Outcome,
    Prediction,
    Proposal,
    Purpose,
    Risk,
    SuggestionType,
)

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]

APP = """
import random, time
from plugin_optimizer.probe import instrument

def serve(environ, start_response):
    time.sleep(min(1.0, random.expovariate(10.0)))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]

app = instrument(serve, plugin="taking-turns")
"""
NAME = "taking-turns"
PAST_SECONDS = 75.0  # six blocks and more: how much they differ by themselves
GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)


def test_what_cannot_be_judged_in_its_time_is_compared_on_live_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two or four workers for what keeps two busy for two thirds; the judge has 20 s, which are too few for any verdict."""
    home = str(tmp_path / "home")
    monkeypatch.setenv("PLUGIN_OPTIMIZER_HOME", home)
    environment = {"PLUGIN_OPTIMIZER_HOME": home}
    with start_gunicorn(tmp_path, APP, workers=2, config="workers = 2\n", name=NAME, env=environment) as service:
        engine = {"interval_seconds": 1.0, "state_dir": str(tmp_path / "state"), "home": home, "discover": False}
        system = build(
            parse_config(
                {
                    "engine": engine,
                    "statsd": {"enabled": False},
                    "policy": {"settle_seconds": 6.0, "verify_seconds": 20.0, "switchback_seconds": 600.0},
                    "plugins": {NAME: {"name": NAME, "bind": f"127.0.0.1:{service.port}"}},
                }
            )
        )
        try:
            with OpenLoop(service.port, 13.0) as load:
                system.runner.start()
                time.sleep(PAST_SECONDS)
                change = Change(NAME, "workers", 2, 4, GOAL)
                title = Message("increase_workers", {"from_workers": 2, "to_workers": 4})
                kind = SuggestionType.INCREASE_WORKERS
                promised = Prediction(Metric.RESPONSE_TIME_P95_SECONDS, 0.5, 0.25, 0.2, 0.3, "replay")
                proposal = Proposal(NAME, kind, title, change, promised, Risk.LOW, confidence=0.5)
                suggestion = system.state.offer(proposal, time.time(), time.time() + 600.0)
                execution, _ = system.state.approve(suggestion.id, None, "admin", None, time.time())

                def present() -> Execution:
                    return system.state.execution(execution.id)

                seen: set[tuple[Arm | None, int]] = set()

                def ended() -> bool:
                    now = present()
                    if now.state is ExecutionState.COMPARING and now.comparison and now.comparison.began:
                        seen.add((now.comparison.next_arm, len(service.worker_pids())))
                    return now.state in FINAL

                wait_for(ended, 700.0, "the comparison to end")
                last = present()
        finally:
            system.close()
        assert last.verdict is not None
        assert last.verdict.method == "switchback", last.verdict
        assert last.comparison is not None
        assert tuple(block.arm for block in last.comparison.blocks) == last.comparison.order
        assert {(Arm.BEFORE, 2), (Arm.AFTER, 4)} <= seen
        helped = last.verdict.outcome is Outcome.BETTER
        assert (last.state, len(service.worker_pids())) == (
            (ExecutionState.SUCCEEDED, 4) if helped else (ExecutionState.ROLLED_BACK, 2)
        )
        assert {status for _, _, status in load.answers} == {200}
