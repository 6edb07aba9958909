"""A real gunicorn that dies while a change of it settles or is judged: the engine notices and says so."""

import os
import signal
import time
from pathlib import Path

import pytest
from gunicorn_service import start_gunicorn, wait_for
from open_loop import OpenLoop

from plugin_optimizer.bootstrap import build
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import (
    Change,
    Direction,
    ExecutionState,
    Goal,
    Message,
    Metric,
    Proposal,
    Purpose,
    Risk,
    SuggestionType,
)

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]

APP = """
import time
from plugin_optimizer.probe import instrument

def serve(environ, start_response):
    time.sleep(0.02)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]

app = instrument(serve, plugin="SERVICE")
"""
NOTICED = {ExecutionState.GONE, ExecutionState.NEEDS_OPERATOR}
GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)


@pytest.mark.parametrize("state", [ExecutionState.SETTLING, ExecutionState.VERIFYING])
def test_a_service_that_dies_after_our_change_ends_with_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: ExecutionState
) -> None:
    """Killed while it settles or is judged: the guard sends it back, and what is gone is left to a person."""
    name, home = f"mortal-{state}", str(tmp_path / "home")
    monkeypatch.setenv("PLUGIN_OPTIMIZER_HOME", home)
    source, config = APP.replace("SERVICE", name), "workers = 2\n"
    with start_gunicorn(
        tmp_path, source, workers=2, config=config, name=name, env={"PLUGIN_OPTIMIZER_HOME": home}
    ) as service:
        system = build(
            parse_config(
                {
                    "engine": {
                        "interval_seconds": 1.0,
                        "state_dir": str(tmp_path / "state"),
                        "home": home,
                        "discover": False,
                    },
                    "statsd": {"enabled": False},
                    "policy": {
                        "settle_seconds": 5.0 if state is ExecutionState.VERIFYING else 120.0,
                        "verify_seconds": 200.0,
                    },
                    "plugins": {name: {"name": name, "bind": f"127.0.0.1:{service.port}"}},
                }
            )
        )
        try:
            with OpenLoop(service.port, 10.0):
                system.runner.start()
                time.sleep(15.0)  # a past, so that silence can be told from how it always was
                change = Change(name, "workers", 2, 3, GOAL)
                title = Message("increase_workers", {"from_workers": 2, "to_workers": 3})
                proposal = Proposal(
                    name, SuggestionType.INCREASE_WORKERS, title, change, None, Risk.LOW, confidence=0.5
                )
                suggestion = system.state.offer(proposal, time.time(), time.time() + 600.0)
                execution, _ = system.state.approve(suggestion.id, None, "admin", None, time.time())

                def present() -> ExecutionState:
                    return system.state.execution(execution.id).state

                wait_for(lambda: present() is state, 120.0, f"{state}")
                os.kill(service.master_pid, signal.SIGKILL)
                wait_for(lambda: present() in NOTICED, 240.0, "the engine to notice")
                wait_for(lambda: present() is ExecutionState.NEEDS_OPERATOR, 300.0, "a person to be asked")
                reason = system.state.execution(execution.id).reason
                assert reason is not None
                assert reason.code == "plugin_gone"
        finally:
            system.close()
