"""A setting nobody can compute, tuned on a real gunicorn under real load: suggestion, execution, verdict, and again."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from gunicorn_service import GunicornService, start_gunicorn
from open_loop import OpenLoop

from plugin_optimizer.bootstrap import HostLoop, System, build, make_loop
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import (
    FINAL,
    Execution,
    ExecutionState,
    Message,
    Outcome,
    SuggestionState,
    SuggestionType,
)
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.knowledge.state import offers
from plugin_optimizer.plan import PLANNERS, ConfigPlanner

pytestmark = [pytest.mark.live, pytest.mark.timeout(400)]

MOST_SECONDS = 240.0
START, BEST, MOST = 4, 16, 128
# Items are fetched in batches: each batch costs a round trip, and a larger one is waited for longer.
BATCHES = f"""
import time
from plugin_optimizer.probe import instrument, tunable

batch = tunable("batch_size", {START}, minimum=1, maximum={MOST}, kind="performance", plugin="batches")

def serve(environ, start_response):
    time.sleep(0.48 / batch.value + 0.001875 * batch.value)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"fetched"]

app = instrument(serve, plugin="batches")
"""


def seconds_of(batch: float) -> float:
    return 0.48 / batch + 0.001875 * batch


@dataclass
class Tuning:
    """Turns the loop and ticks the executor as a runner does, and clicks on every experiment that is suggested."""

    system: System
    loop: HostLoop
    ended: list[Execution] = field(default_factory=list)

    def run(self, seconds: float) -> Message | None:
        """Return why no further experiment is made, None where that was not said in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            turned = time.monotonic()
            self.loop.turn()
            self._approve()
            while time.monotonic() < turned + 1.0:
                self.loop.tick()
                time.sleep(0.2)
            reason = self._reason()
            if reason is not None and reason.code in ("experiments_settled", "experiments_fenced"):
                return reason
        return None

    def _approve(self) -> None:
        executions = self.system.state.executions(plugin_id="batches")
        self.ended = [e for e in reversed(executions) if e.state in FINAL]
        if any(e.state not in FINAL for e in executions):
            return
        for found in self.system.state.suggestions(plugin_id="batches", state=SuggestionState.OPEN):
            if found.proposal.type is SuggestionType.UPDATE_CONFIG:
                self.system.state.approve(found.id, found.revision, "admin", None, time.time())
                return

    def _reason(self) -> Message | None:
        cycle = self.system.state.latest_cycle()
        silences = cycle.silences if cycle is not None else ()
        return next((s.reason for s in silences if (s.plugin_id, s.planner) == ("batches", "config")), None)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[GunicornService]:
    environment = {"PLUGIN_OPTIMIZER_HOME": str(tmp_path / "home")}
    with start_gunicorn(
        tmp_path, BATCHES, extra=("--worker-class", "gthread", "--threads", "32"), name="batches", env=environment
    ) as running:
        yield running


@pytest.fixture
def tuning(tmp_path: Path, service: GunicornService, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tuning]:
    """The engine with shorter times than the defaults: windows of 1 s, 16 s of one value before a change, 3 s of rest."""
    monkeypatch.setenv("PLUGIN_OPTIMIZER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(offers, "FIRST_REST_SECONDS", 3.0)
    document = {
        "engine": {
            "interval_seconds": 1.0,
            "window_seconds": 120.0,
            "state_dir": str(tmp_path / "state"),
            "home": str(tmp_path / "home"),
            "discover": False,
        },
        "statsd": {"enabled": False},
        "policy": {  # an objective that no value reaches: it is the optimiser that has to stop
            "response_time_seconds": 0.05,
            "settle_seconds": 6.0,
            "verify_seconds": 24.0,
            "sustain_seconds": 5.0,
            "cooldown_seconds": 1.0,
            "experiments_per_day": 20,
        },
        "plugins": {"batches": {"name": "batches", "bind": f"127.0.0.1:{service.port}"}},
    }
    system = build(parse_config(document))
    loop = make_loop(system, "test:1:1")
    loop.executor.verifier = ChangeVerifier(window_seconds=1.0, least_requests=100)
    loop.engine.planners = [*(make() for name, make in PLANNERS.items() if name != "config"), PATIENT]
    yield Tuning(system, loop)
    loop.close()
    system.close()


PATIENT = ConfigPlanner(rest_seconds=3.0, steady_seconds=16.0, least_seconds=16.0)


def test_a_setting_is_tuned_by_experiments_that_prove_themselves_and_then_left_alone(
    service: GunicornService, tuning: Tuning
) -> None:
    """From 4 to within 10 % of the best response time; what did not help is undone; then it says why it stops."""
    with OpenLoop(service.port, 60.0) as load:
        reason = tuning.run(MOST_SECONDS)
    told = [
        (e.change.before, e.change.after, e.state.value, e.verdict and round(e.verdict.effect, 3)) for e in tuning.ended
    ]
    assert reason is not None, told
    assert reason.code == "experiments_settled", (reason, told)
    value = float(str(reason.params["value"]))
    assert seconds_of(value) <= 1.1 * seconds_of(BEST), told
    kept = [e for e in tuning.ended if e.state is ExecutionState.SUCCEEDED]
    assert kept
    assert all(e.verdict is not None and e.verdict.outcome is Outcome.BETTER for e in kept), told
    assert {e.state for e in tuning.ended} <= {ExecutionState.SUCCEEDED, ExecutionState.ROLLED_BACK}
    assert all(status == 200 for _, _, status in load.answers)
