"""The engine remembers what is normal from turn to turn, and its detectors are told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from plugin_optimizer.analyze import DETECTORS
from plugin_optimizer.domain import Cycle, FindingKind, Metric, Plugin, Policies, Sample, Severity
from plugin_optimizer.engine import Engine
from plugin_optimizer.execute.keeper import Keeper
from plugin_optimizer.execute.offers import Offers
from plugin_optimizer.knowledge import open_samples, open_state
from plugin_optimizer.monitor.archive import TraceArchive
from plugin_optimizer.monitor.probe_source import ProbeSource
from plugin_optimizer.monitor.sensing import Sensing
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

MINUTE, START = 60.0, 1_699_833_600.0


@dataclass(slots=True)
class Measured(SimulatedTouchpoint):
    """A simulated plugin whose CPU share is `share`, a little restless."""

    share: float = 0.05
    seen: list[float] = field(default_factory=list)

    def sense(self, plugin: Plugin, now: float) -> Iterable[Sample]:
        self.seen.append(now)
        value = self.share + 0.002 * (len(self.seen) % 5)
        return [Sample(plugin.plugin_id, Metric.UP, now, 1.0), Sample(plugin.plugin_id, Metric.CPU_RATIO, now, value)]


def turned(engine: Engine, turns: int) -> list[Cycle]:
    begin = engine.now or START
    return [engine.turn(begin + MINUTE * n + (7 if not engine.now else 0), lambda: 0.0) for n in range(1, turns + 1)]


@pytest.fixture
def touchpoint() -> Measured:
    plugin = Plugin("orders", "simulated", {"name": "orders"})
    return Measured({"orders": SimulatedPlugin(plugin, {})})


def engine_over(touchpoint: Measured, directory: Path) -> Engine:
    state, samples = open_state(directory / "state.db"), open_samples(directory / "samples.db")
    archive, source = TraceArchive(), ProbeSource(directory / "home")
    return Engine(
        state=state,
        samples=samples,
        touchpoints={"simulated": touchpoint},
        requests=source,
        sensing=Sensing({"simulated": touchpoint}, source, None, archive, MINUTE),
        archive=archive,
        detectors=[make() for make in DETECTORS.values()],
        planners=[],
        policies=Policies,
        configured=[],
        interval_seconds=MINUTE,
        window_seconds=30 * MINUTE,
        discover=True,
        offers=Offers(state, 3600.0),
        keeper=Keeper(state),
    )


def test_a_jump_becomes_a_finding_of_the_turn(tmp_path: Path, touchpoint: Measured) -> None:
    """Two quiet hours without a finding; then twenty times the CPU is one, INFO since nobody is hurt, begun when it jumped."""
    engine = engine_over(touchpoint, tmp_path)
    quiet = turned(engine, 130)
    assert not any(cycle.findings for cycle in quiet)
    assert not any(cycle.faults for cycle in quiet)
    touchpoint.share = 0.79
    jumped = engine.now + MINUTE
    told = [f for cycle in turned(engine, 3) for f in cycle.findings if f.kind is FindingKind.DEVIATION]
    assert told
    assert (told[0].plugin_id, told[0].metric, told[0].severity) == ("orders", Metric.CPU_RATIO, Severity.INFO)
    assert abs(told[0].since - jumped) <= MINUTE
    engine.state.close()
    engine.samples.close()


def test_a_memory_that_fails_is_a_fault_and_the_loop_goes_on(
    tmp_path: Path, touchpoint: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong in our own parts is on record."""
    engine = engine_over(touchpoint, tmp_path)
    monkeypatch.setattr(type(engine.anomalies), "_join", lambda *_: 1 / 0)
    (cycle,) = turned(engine, 1)
    assert [fault.part for fault in cycle.faults] == ["AnomalyWatch"]
    assert cycle.plugins == 1
    engine.state.close()
    engine.samples.close()
