"""The replay against the engine itself: a real engine lives through a history, then the replay says what it said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hindsight.history import BUSY, CALM, LAG, SLO, T0, Service, ask, outside, set_to

from plugin_optimizer.bootstrap import build, make_loop
from plugin_optimizer.config import Config, Engine, Statsd
from plugin_optimizer.domain import (
    Attributes,
    CacheTrace,
    ErrorGroup,
    Knob,
    Plugin,
    Policies,
    Policy,
    Pool,
    RequestTrace,
    Sample,
)
from plugin_optimizer.knowledge.recordings import open_recorded_past
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

SERVICE = Service("orders", ((3, CALM, 2), (3, BUSY, 2)))
PLUGIN = Plugin("orders", "gunicorn")
UNTIL = T0 + 360.0
STEP = 5.0


@dataclass
class Requests:
    """What probes of the service would have brought by `now`."""

    trace: RequestTrace
    now: float = T0
    read_until: float = T0

    def plugins(self) -> Sequence[str]:
        return ["orders"]

    def read(self, plugin_id: str) -> RequestTrace:
        end, begin = self.now - LAG / 2, self.read_until
        self.read_until = end
        return self.trace.where((self.trace.end >= begin) & (self.trace.end < end))

    def caches(self, plugin_id: str) -> Sequence[CacheTrace]:
        return []

    def errors(self, plugin_id: str) -> Sequence[ErrorGroup]:
        return []

    def attributes(self, plugin_id: str) -> Mapping[int, Attributes]:
        return {}


@dataclass(slots=True)
class Touchpoint(SimulatedTouchpoint):
    """A gunicorn of two workers."""

    kind: str = "gunicorn"
    looks: list[float] = field(default_factory=list)

    def sense(self, plugin: Plugin, now: float) -> Iterable[Sample]:
        return outside(plugin.plugin_id, now, 2)

    def pool(self, plugin: Plugin) -> Pool | None:
        return set_to(T0, 2).pool


def test_the_replay_says_what_the_engine_said(tmp_path: Path) -> None:
    """The same suggestion, at the very turn at which the engine offered it; and the engine's recordings are what it rests on."""
    knobs: dict[str, Knob] = {knob.name: knob for knob in set_to(T0, 2).knobs}
    config = Config(
        engine=Engine(state_dir=str(tmp_path), home=str(tmp_path / "home"), start=False, discover=False),
        statsd=Statsd(enabled=False),
        policy_overrides={"": {"response_time_seconds": SLO}},
        plugins=(PLUGIN,),
    )
    system = build(config)
    system.touchpoints = {"gunicorn": Touchpoint({"orders": SimulatedPlugin(PLUGIN, knobs)})}
    loop = make_loop(system, "test:1")
    requests = Requests(SERVICE.requests())
    loop.engine.requests = loop.engine.sensing.requests = requests
    try:
        now = T0
        while now < UNTIL:
            now += STEP
            requests.now = now
            loop.engine.turn(now, lambda: requests.now)
        loop.close()
        offered = [(s.proposal.type, s.proposal.change, s.created_at) for s in system.state.suggestions()]
    finally:
        system.close()
    policies = Policies(Policy(response_time_seconds=SLO))
    report = ask(
        tmp_path, policies, services=[SERVICE], since=T0 + STEP, until=UNTIL, every_seconds=STEP, thorough=True
    )
    assert offered
    assert [(line.proposal.type, line.proposal.change, line.opened_at) for line in report.lines] == offered[::-1]
    past = open_recorded_past(tmp_path / "requests.db")
    assert len(past.requests("orders", T0, UNTIL)) > 0.99 * len(requests.trace.where(requests.trace.end < UNTIL - LAG))
    past.close()
