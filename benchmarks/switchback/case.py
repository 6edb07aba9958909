"""One comparison on a real gunicorn: its load in one thread, its workers turned by the product's touchpoint in another."""

import asyncio
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmarks.closed_loop.arrivals import arrivals
from benchmarks.closed_loop.pool import ROOT, pools
from benchmarks.closed_loop.scenario import Expected, Folder, Load, Scenario, Service
from benchmarks.closed_loop.sending import Answer, Sender
from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Metric, Plugin, Purpose, RequestTrace, Verdict, Window
from plugin_optimizer.domain.comparison import Arm, Comparison
from plugin_optimizer.execute.switchback_guard import BrokenArm, broken_arm
from plugin_optimizer.execute.switchback_judge import SwitchbackJudge
from plugin_optimizer.execute.verifier import GOAL_SHARE
from plugin_optimizer.models.switchback import BlockShape, pair_deviation
from plugin_optimizer.monitor.probe_source import ProbeSource
from plugin_optimizer.touchpoints.gunicorn import GunicornTouchpoint

ALPHA = 0.05
REQUESTS_PER_SECOND, SERVICE_SECONDS = 20.0, 0.11
BEFORE_SECONDS = 60.0
AFTER_SECONDS = 8.0  # in which the last requests are answered and read
LOOK_SECONDS = 0.1
TURN_SECONDS = 30.0
GOALS = (Metric.RESPONSE_TIME_SECONDS, Metric.RESPONSE_TIME_P95_SECONDS)


@dataclass(frozen=True, slots=True)
class Case:
    """What is compared: `workers` (before, after) under Poisson arrivals, exponential service times."""

    workers: tuple[int, int]
    comparison: Comparison
    slo_seconds: float = 2.0

    @property
    def seconds(self) -> float:
        """Return how long requests are sent: turning takes its time too, so a quarter more than the blocks."""
        return BEFORE_SECONDS + 1.25 * self.comparison.seconds + AFTER_SECONDS

    @property
    def folder(self) -> Folder:
        load = Load(REQUESTS_PER_SECOND, target="/?io={io}&cpu={cpu}", io_seconds=SERVICE_SECONDS)
        name = f"switchback-{self.workers[0]}-{self.workers[1]}"
        source = ("--pythonpath", str(ROOT / "src"))  # the probe of this source tree
        service = Service(name, load, "benchmarks.closed_loop.plain_app:app", self.workers[0], options=source)
        return Folder(ROOT, Scenario("Two numbers of workers in turn", (service,), {name: Expected()}), name)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it: a verdict for each of GOALS, how the requests went for clients, how long turns took."""

    case: Case
    verdicts: tuple[Verdict, ...]
    answers: tuple[Answer, ...]
    turns: tuple[float, ...]
    deviation: float
    broken: BrokenArm | None = None


@dataclass(slots=True)
class Turner:
    """Turns the workers of one service as the executor does: one step, seen, then the next."""

    touchpoint: GunicornTouchpoint
    plugin: Plugin
    took: list[float] = field(default_factory=list)

    def to(self, workers: int) -> None:
        """Return when that many are seen; raise TimeoutError where they do not come."""
        began, seen = time.monotonic(), self._seen()
        while seen != workers:
            if time.monotonic() - began > TURN_SECONDS:
                raise TimeoutError(f"{seen} workers after {TURN_SECONDS:g} s, {workers} were asked for")
            self.touchpoint.turn(self.plugin, "workers", workers)
            asked = time.monotonic()
            while (now := self._seen()) == seen and time.monotonic() - asked < TURN_SECONDS:
                time.sleep(LOOK_SECONDS)
            seen = now
        self.took.append(time.monotonic() - began)

    def _seen(self) -> int:
        return next(int(knob.value) for knob in self.touchpoint.knobs(self.plugin) if knob.name == "workers")


def compare(case: Case) -> Result:
    """Run one case; it takes about `case.seconds`."""
    with tempfile.TemporaryDirectory(prefix="switchback-") as name:
        home = Path(name) / "home"
        home.mkdir(mode=0o700)
        with pools(case.folder, Path(name), {"PLUGIN_OPTIMIZER_HOME": str(home)}) as running:
            (pool,) = running.values()
            sender = Sender(pool, *arrivals(pool.service.load, case.seconds, case.comparison.seed))
            thread = threading.Thread(target=lambda: asyncio.run(sender.run(time.monotonic())), daemon=True)
            thread.start()
            return _compared(case, sender, home)


def _compared(case: Case, sender: Sender, home: Path) -> Result:
    source, plugin_id = ProbeSource(home), sender.pool.service.name
    time.sleep(BEFORE_SECONDS)
    touchpoint = GunicornTouchpoint(home)
    plugin = next(plugin for plugin in touchpoint.discover() if plugin.plugin_id == plugin_id)
    turner, plan, broken = Turner(touchpoint, plugin), case.comparison, None
    before = _seen(plugin_id, source.read(plugin_id))
    trace = RequestTrace.empty()
    while (arm := plan.next_arm) is not None and broken is None:
        turner.to(case.workers[0] if arm is Arm.BEFORE else case.workers[1])
        plan = plan.begin(time.time())
        time.sleep(plan.block_seconds)
        plan = plan.end(time.time())
        trace = RequestTrace.merge(trace, source.read(plugin_id))
        broken = broken_arm(_goal(GOALS[0], case), plugin_id, before, _seen(plugin_id, trace), plan.blocks)
    turner.to(case.workers[0])  # it ends with the old value
    time.sleep(AFTER_SECONDS)
    observed = _seen(plugin_id, RequestTrace.merge(trace, source.read(plugin_id)))
    judge = SwitchbackJudge(GOAL_SHARE * ALPHA)
    verdicts = tuple(judge.judge(_goal(metric, case), plugin_id, observed, plan) for metric in GOALS)
    deviation = pair_deviation(GOALS[0], before.trace, BlockShape(plan.block_seconds, plan.dropped_seconds))
    return Result(
        replace(case, comparison=plan), verdicts, tuple(sender.answers), tuple(turner.took), deviation, broken
    )


def _goal(metric: Metric, case: Case) -> Goal:
    return Goal(metric, Direction.DOWN, Purpose.IMPROVE, slo=case.slo_seconds)


def _seen(plugin_id: str, trace: RequestTrace) -> Observation:
    return Observation(Window((plugin_id,), np.empty(0), 1.0), trace)
