"""The ledger over a real state store: written by the real executor, read by the real engine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation, SampleStore
from plugin_optimizer.domain import (
    FINAL,
    Attributes,
    CacheTrace,
    Change,
    Direction,
    ErrorGroup,
    Execution,
    ExecutionState,
    Finding,
    Fleet,
    Goal,
    Knob,
    Message,
    Metric,
    Outcome,
    Plugin,
    PluginStatus,
    Policies,
    Policy,
    Pool,
    Prediction,
    Proposal,
    Purpose,
    RequestTrace,
    Risk,
    Sample,
    SettingChange,
    Silence,
    Suggestion,
    SuggestionState,
    SuggestionType,
    Verdict,
    Window,
)
from plugin_optimizer.engine import Engine
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.execute.keeper import Keeper
from plugin_optimizer.execute.ledger import Ledger
from plugin_optimizer.execute.offers import Offers
from plugin_optimizer.execute.sight import Sight
from plugin_optimizer.knowledge import SqlStateStore, open_samples, open_state
from plugin_optimizer.monitor.archive import TraceArchive
from plugin_optimizer.monitor.sensing import Sensing
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

ORDERS = Plugin("orders", "simulated")
P95 = Metric.RESPONSE_TIME_P95_SECONDS
COMPUTED = Prediction(P95, 1.0, 0.2, 0.16, 0.25, "replay")
AS_PREDICTED, TOO_SLOW = 0.2, 0.5


@dataclass
class ToldJudge:
    """Says what came of it."""

    observed: float = AS_PREDICTED
    outcome: Outcome = Outcome.BETTER

    def verify(
        self,
        change_goal: Goal,
        plugin_id: str,
        before: Observation,
        after: Observation,
        pools: tuple[Pool, Pool] | None,
    ) -> Verdict:
        return Verdict(self.outcome, P95, 0.2, 0.1, 0.3, 1.0, self.observed, 12, 600, "paired_replay")


def sight(execution: Execution, now: float) -> Sight:
    times = now - 5.0 * np.arange(36)[::-1]
    figures = {Metric.UP: np.ones((1, 36), dtype=np.float32), Metric.REQUESTS: np.full((1, 36), 50, dtype=np.float32)}
    seen = Observation(Window(("orders",), times, 5.0, figures))
    return Sight(seen, seen, seen, None)


@dataclass
class World:
    """A store, a plugin that does as it is told, an executor, and a clock that we turn."""

    path: Path
    state: SqlStateStore
    judge: ToldJudge = field(default_factory=ToldJudge)
    now: float = 1_000.0
    pause_seconds: float = 3_600.0  # between the end of one change and the next

    def __post_init__(self) -> None:
        self.state.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
        knob = Knob("workers", 2, 1, 64, kind="workers")
        self.plugin = SimulatedPlugin(ORDERS, {"workers": knob}, lag_looks=1)

    def proposal(self, by: int = 1) -> Proposal:
        before = self.plugin.knobs["workers"].value
        assert isinstance(before, int)
        goal = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
        return Proposal(
            plugin_id="orders",
            type=SuggestionType.INCREASE_WORKERS,
            title=Message("increase_workers", {"from_workers": before, "to_workers": before + by}),
            change=Change("orders", "workers", before, before + by, goal),
            prediction=COMPUTED,
            risk=Risk.LOW,
            confidence=0.9,
        )

    def live_through(self, observed: float, outcome: Outcome = Outcome.BETTER) -> Execution:
        """Suggest, approve, execute and judge one change; return how it ended."""
        self.judge.observed, self.judge.outcome = observed, outcome
        suggestion = self.state.offer(self.proposal(), self.now, self.now + 3_600.0)
        return self.run(self.state.approve(suggestion.id, None, "admin", None, self.now)[0])

    def run(self, execution: Execution) -> Execution:
        policies = Policies(Policy(settle_seconds=1.0, verify_seconds=60.0, cooldown_seconds=0.0))
        touchpoints = {"simulated": SimulatedTouchpoint({"orders": self.plugin})}
        executor = Executor(self.state, touchpoints, self.judge, lambda: policies, sight, lambda: False)
        for _ in range(400):
            executor.tick(self.now)
            self.now += 0.5
            present = self.state.execution(execution.id)
            if present.state in FINAL:
                self.now += self.pause_seconds
                return present
        raise AssertionError(f"it stayed {present.state}")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, open_state(tmp_path / "state.db"))
    yield made
    made.state.close()


def test_an_execution_that_ended_is_a_line_in_the_ledger(world: World) -> None:
    """What was predicted beside what was observed, whether it was kept or undone; newest first."""
    kept = world.live_through(AS_PREDICTED)
    undone = world.live_through(TOO_SLOW, Outcome.WORSE)
    newest, oldest = Ledger(world.state).entries()
    assert (oldest.execution_id, newest.execution_id) == (kept.id, undone.id)
    assert (oldest.observed, newest.observed) == (AS_PREDICTED, TOO_SLOW)
    assert [e.compared.held if e.compared else None for e in (oldest, newest)] == [True, False]
    assert oldest.prediction == oldest.by_model == COMPUTED
    assert oldest.uncompared is newest.uncompared is None


def test_what_has_not_ended_is_no_line_yet(world: World) -> None:
    """Nor is what was never suggested with a prediction."""
    suggestion = world.state.offer(world.proposal(), world.now, world.now + 3_600.0)
    world.state.approve(suggestion.id, None, "admin", None, world.now)
    assert Ledger(world.state).entries() == []


def test_the_ledger_is_the_same_after_a_restart(world: World) -> None:
    """Derived from what is stored: another process, another day, the same lines; also beside what was known already."""
    world.live_through(AS_PREDICTED)
    ledger = Ledger(world.state)
    first = ledger.entries()
    world.live_through(TOO_SLOW)
    again = open_state(world.path / "state.db")
    assert Ledger(again).entries() == ledger.entries()
    assert ledger.entries()[1:] == first
    again.close()


def test_a_later_undoing_by_a_person_leaves_the_line_as_it_was(world: World) -> None:
    """What was compared was compared: the way back does not change it, in memory or read anew."""
    done = world.live_through(AS_PREDICTED)
    before = Ledger(world.state).entries()
    world.state.ask_rollback(done.id, "ann", world.now)
    assert Ledger(world.state).entries() == before
    world.run(done)
    assert Ledger(world.state).entries() == before


def test_a_setting_that_somebody_turned_meanwhile_spoils_the_comparison(world: World) -> None:
    """The change was not alone: the line stays, with the reason, and counts neither way."""
    done = world.live_through(TOO_SLOW)
    assert done.verifying_at is not None
    world.state.record_setting_change(SettingChange("orders", "timeout", 5, 9, done.verifying_at))
    (entry,) = Ledger(world.state).entries()
    assert entry.observed == TOO_SLOW
    assert entry.compared is None
    assert entry.uncompared == Message("ledger_other_change", {"knob": "timeout"})


# Judged while it still filled


HITS = Metric.CACHE_HIT_RATIO
FORETOLD = Prediction(HITS, 0.5, 0.8, 0.77, 0.83, "miss_ratio_curve")


@dataclass
class EarlyJudge(ToldJudge):
    """Says after a minute that a cache helps, and that it still fills; that recycled workers take less."""

    def verify(
        self,
        change_goal: Goal,
        plugin_id: str,
        before: Observation,
        after: Observation,
        pools: tuple[Pool, Pool] | None,
    ) -> Verdict:
        if change_goal.metric is Metric.MEMORY_BYTES:
            return Verdict(Outcome.BETTER, change_goal.metric, 0.7, 0.6, 0.8, 150e6, 101e6, 12, 600, "windows")
        warming = (Message("still_warming", {"rise_ratio": 0.1}),)
        return Verdict(Outcome.BETTER, HITS, 1.2, 1.1, 1.3, 0.5, 0.6, 12, 600, "windows", warming)


def filled(samples: SampleStore, begun: float, minutes: int, level: float) -> None:
    """Let a minute pass after the other, a hit ratio in each; it is at its level after five."""
    for minute in range(1, minutes + 1):
        share = level - (0.2 * (5 - minute) / 5 if minute < 5 else 0.0)
        samples.write([Sample("orders", HITS, begun + 60.0 * minute, share)])


@pytest.fixture
def samples(tmp_path: Path) -> Iterator[SampleStore]:
    made = open_samples(tmp_path / "filling.db")
    yield made
    made.close()


def test_what_was_judged_early_is_compared_when_it_has_settled(world: World, samples: SampleStore) -> None:
    """Kept while the cache fills: no comparison yet; half an hour later its level is, also in another process."""
    world.judge = EarlyJudge()
    change = replace(world.proposal(), type=SuggestionType.ADJUST_CACHE, prediction=FORETOLD)
    suggestion = world.state.offer(change, world.now, world.now + 3_600.0)
    done = world.run(world.state.approve(suggestion.id, None, "admin", None, world.now)[0])
    assert (done.state, done.applied_at is not None) == (ExecutionState.SUCCEEDED, True)
    begun = done.applied_at or 0.0
    filled(samples, begun, 10, 0.79)
    ledger = Ledger(world.state, samples)
    (early,) = ledger.entries()
    assert (early.compared, early.uncompared) == (None, Message("ledger_warming"))
    filled(samples, begun, 40, 0.79)
    (late,) = ledger.entries()
    assert late.compared is not None
    assert late.compared.held
    assert (late.at, late.observed) == (begun + 1_920.0, pytest.approx(0.79))
    assert Ledger(world.state, samples).entries() == [late] == ledger.entries()


def test_a_late_look_teaches_the_engine(world: World, samples: SampleStore) -> None:
    """A level far from what was foretold counts as a miss within a minute of turns, with nothing new executed."""
    world.judge = EarlyJudge()
    change = replace(world.proposal(), type=SuggestionType.ADJUST_CACHE, prediction=FORETOLD)
    suggestion = world.state.offer(change, world.now, world.now + 3_600.0)
    done = world.run(world.state.approve(suggestion.id, None, "admin", None, world.now)[0])
    ledger = Ledger(world.state, samples)
    filled(samples, done.applied_at or 0.0, 10, 0.65)
    ledger.look([done])
    assert ledger.calibrated([change]) == [change]
    filled(samples, done.applied_at or 0.0, 40, 0.65)
    for _ in range(12):
        ledger.look([done])
    (widened,) = ledger.calibrated([change])
    assert widened.prediction is not None
    assert widened.prediction.low < FORETOLD.low
    assert widened.confidence < change.confidence


def test_recycled_workers_are_compared_over_their_next_lives(world: World, samples: SampleStore) -> None:
    """Judged when the first lives had just ended, at the least they ever take: compared by the mean of the next two."""
    memory = Prediction(Metric.MEMORY_BYTES, 150e6, 115e6, 103e6, 127e6, "growth")
    world.judge = EarlyJudge()
    change = world.proposal().change
    assert change is not None
    recycled = replace(change, goal=replace(change.goal, metric=Metric.MEMORY_BYTES, effect_seconds=600.0))
    made = replace(world.proposal(), type=SuggestionType.RECYCLE_WORKERS, prediction=memory, change=recycled)
    suggestion = world.state.offer(made, world.now, world.now + 3_600.0)
    done = world.run(world.state.approve(suggestion.id, None, "admin", None, world.now)[0])
    begun = done.applied_at or 0.0
    ledger = Ledger(world.state, samples)
    for minute in range(1, 31):
        share = (60.0 * minute - 30.0) % 600.0 / 600.0
        samples.write([Sample("orders", Metric.MEMORY_BYTES, begun + 60.0 * minute, 100e6 + 30e6 * share)])
        (entry,) = ledger.entries()
        assert (entry.compared is not None) == (minute == 30)
    assert (entry.observed, entry.at) == (pytest.approx(115e6, rel=0.01), begun + 1_800.0)


# In the engine


@dataclass(frozen=True)
class OnePlan:
    """Proposes one thing, always."""

    proposal: Proposal
    name: str = "one"

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        yield self.proposal


class NoRequests:
    """A source without a probe."""

    def plugins(self) -> Sequence[str]:
        return ()

    def read(self, plugin_id: str) -> RequestTrace:
        return RequestTrace.empty()

    def caches(self, plugin_id: str) -> Sequence[CacheTrace]:
        return ()

    def errors(self, plugin_id: str) -> Sequence[ErrorGroup]:
        return ()

    def attributes(self, plugin_id: str) -> Mapping[int, Attributes]:
        return {}


def engine(world: World) -> Engine:
    touchpoints = {"simulated": SimulatedTouchpoint({"orders": world.plugin})}
    archive, source = TraceArchive(), NoRequests()
    return Engine(
        state=world.state,
        samples=open_samples(world.path / "samples.db"),
        touchpoints=touchpoints,
        requests=source,
        sensing=Sensing(touchpoints, source, None, archive, 5.0),
        archive=archive,
        detectors=(),
        planners=(OnePlan(world.proposal()),),
        policies=Policies,
        configured=(ORDERS,),
        interval_seconds=5.0,
        window_seconds=60.0,
        discover=False,
        offers=Offers(world.state, 86_400.0),
        keeper=Keeper(world.state),
    )


def suggested(made: Engine, world: World) -> Suggestion:
    cycle = made.turn(world.now, lambda: world.now)
    assert cycle.faults == ()
    (suggestion,) = world.state.suggestions(state=SuggestionState.OPEN)
    return suggestion


def test_what_missed_widens_what_is_suggested_next(world: World) -> None:
    """Two misses on record: the engine's next suggestion says so, is wider and less confident."""
    for _ in range(2):
        world.live_through(TOO_SLOW)
    made = engine(world)
    proposal = suggested(made, world).proposal
    made.samples.close()
    assert proposal.prediction is not None
    assert proposal.prediction.low < COMPUTED.low
    assert proposal.prediction.high >= TOO_SLOW
    assert proposal.confidence < 0.9
    assert proposal.evidence[-1].code == "predictions_widened"
    assert proposal.evidence[-1].params["held"] == 0


def test_a_planner_that_forgets_its_prediction_is_a_fault(world: World) -> None:
    """A change that could never be compared is not suggested, whoever planned it; the fault says what is missing."""
    made = engine(world)
    made.planners = (OnePlan(replace(world.proposal(), prediction=None)),)
    cycle = made.turn(world.now, lambda: world.now)
    made.samples.close()
    assert [fault.part for fault in cycle.faults] == ["OnePlan"]
    assert "says what it will do" in cycle.faults[0].error
    assert not world.state.suggestions(state=SuggestionState.OPEN)


def test_the_engine_learns_while_it_runs(world: World) -> None:
    """An execution that ends between two turns counts at the next one; the model is measured by its own interval."""
    made, world.pause_seconds = engine(world), 5.0
    assert suggested(made, world).proposal.evidence == ()
    for expected in (1, 2):
        open_now = world.state.suggestions(state=SuggestionState.OPEN)[0]
        world.judge.observed = TOO_SLOW
        world.run(world.state.approve(open_now.id, None, "admin", None, world.now)[0])
        made.planners = (OnePlan(world.proposal()),)
        proposal = suggested(made, world).proposal
        assert proposal.evidence[-1].params["predictions"] == expected
    made.samples.close()
    shown = made.ledger.entries()[0]
    assert shown.by_model == COMPUTED
    assert shown.prediction.high > COMPUTED.high
    assert replace(shown.prediction, low=COMPUTED.low, high=COMPUTED.high) == COMPUTED
