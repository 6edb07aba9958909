"""Each place where a crash matters is passed where docs/SAFETY.md says it is, with the record and the plugin as it says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from unittest import mock

import pytest

from plugin_optimizer.domain import Execution, ExecutionState, Knob, Message, Outcome, PluginStatus
from plugin_optimizer.execute import crashpoints
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from ..simulator.store import open_in_memory
from .test_executor import ORDERS, Stage

State = ExecutionState
STEP = [("C09", "applying"), ("C09L", "applying"), ("C10", "applying")]
STEP_BACK = [("C20A", "rb_applying"), ("C20L", "rb_applying"), ("C20", "rb_applying")]
THERE = [
    ("C05", "claimed"), ("C06", "claimed"), ("C08", "intent"), *STEP, ("C11", "applying"), ("C14", "applied"),
    ("C15", "settling"), ("C15", "verifying"), ("C16", "verifying"),
]  # fmt: skip
KEPT = [("C15", "verifying"), ("C16A", "verifying"), ("C16P", "verifying"), ("C16D", "verifying"), ("C17", "succeeded")]
BACK = [("C19", "rb_intent"), *STEP_BACK, ("C21", "rb_applying"), ("C21R", "rolled_back")]
TAKEN_BACK = [("C19P", "rb_intent"), *STEP_BACK, ("C21", "rb_applying"), ("C21R", "rolled_back")]


@dataclass
class Passing:
    """Writes down each point that is passed, and the state on record there."""

    stage: Stage
    points: list[tuple[str, str]] = field(default_factory=list)
    seen: dict[str, object] = field(default_factory=dict)
    look: Callable[[], object] = lambda: None

    def __call__(self, point: str) -> None:
        (execution,) = self.stage.state.executions()
        self.points.append((point, execution.state.value))
        self.seen[point] = self.look()

    def run(self, execution: Execution, until: ExecutionState) -> Execution:
        self.points.clear()
        with mock.patch.object(crashpoints, "hook", self):
            return self.stage.run(execution, until=frozenset({until}))


@pytest.fixture
def stage() -> Iterator[Stage]:
    store = open_in_memory(lambda *_: None)
    store.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(ORDERS, {"workers": Knob("workers", 2, 1, 16, kind="workers")})
    yield Stage(store, simulated, SimulatedTouchpoint({"orders": simulated}))
    store.close()


def test_what_is_kept_and_undone_later_passes_every_point_of_its_way(stage: Stage) -> None:
    """In the order of the deeds, each between the write or deed before it and the one after it."""
    passing = Passing(stage)
    done = passing.run(stage.approve(2, 3), State.SUCCEEDED)
    assert passing.points == [*THERE, *KEPT]
    stage.state.ask_rollback(done.id, "ann", stage.now)
    passing.run(done, State.ROLLED_BACK)
    assert passing.points == TAKEN_BACK


def test_what_did_not_help_passes_every_point_of_the_way_back(stage: Stage) -> None:
    """Nothing was made to last, so nothing is taken back of it."""
    stage.judge.outcome = Outcome.WORSE
    passing = Passing(stage)
    passing.run(stage.approve(2, 3), State.ROLLED_BACK)
    assert passing.points == [*THERE, *BACK]


@pytest.mark.parametrize(("value", "end"), [(9, ("C22", "foreign")), (None, ("C13", "gone"))])
def test_what_is_lost_on_the_way_passes_the_point_of_its_record(
    stage: Stage, value: int | None, end: tuple[str, str]
) -> None:
    """A foreign value, a plugin that is gone: on record before anything is concluded from it."""
    passing, execution = Passing(stage), stage.approve(2, 3)
    stage.run(execution, until=frozenset({State.APPLYING}))
    stage.simulated.gone = value is None
    stage.simulated.knobs["workers"] = Knob("workers", value or 2, 1, 16, kind="workers")
    passing.run(execution, State.NEEDS_OPERATOR)
    assert passing.points == [end]


def test_a_refused_step_was_announced_before_it_was_refused(stage: Stage) -> None:
    """Announced, ordered, and on record as of unknown fate."""
    stage.simulated.refusing = True
    passing = Passing(stage)
    refused = passing.run(stage.approve(2, 3), State.UNKNOWN)
    assert passing.points[-4:] == [*STEP, ("C12", "unknown")]
    assert refused.reason == Message("touchpoint_refused", {"detail": "orders refuses"})
    assert refused.step is not None
    assert refused.updated_at == refused.step.at  # at once, not when the step has not shown


def test_nothing_is_done_before_the_record_says_so(stage: Stage) -> None:
    """At an announcement no step was taken, after it one; made to last and desired only behind their own points."""
    passing = Passing(stage)
    passing.look = lambda: (
        len(stage.simulated.effects), dict(stage.simulated.kept), [d.value for d in stage.state.desired()],
    )  # fmt: skip
    done = passing.run(stage.approve(2, 3), State.SUCCEEDED)
    seen = dict(passing.seen)
    assert [seen[point] for point in ("C09", "C09L", "C10")] == [(0, {}, []), (0, {}, []), (1, {}, [])]
    kept = {"workers": 3}
    assert [seen[p] for p in ("C16", "C16A", "C16P", "C16D")] == [
        (1, {}, []),
        (1, {}, []),
        (1, kept, []),
        (1, kept, [3]),
    ]
    stage.state.ask_rollback(done.id, "ann", stage.now)
    passing.run(done, State.ROLLED_BACK)
    back = {"workers": 2}
    assert [passing.seen[p] for p in ("C19P", "C20A", "C20L", "C20")] == [
        (1, back, []),
        (1, back, []),
        (1, back, []),
        (2, back, []),
    ]


def test_a_production_run_needs_no_hook() -> None:
    """Without one a point does nothing, and one that has no name is none for a hook either."""
    crashpoints.reached("C05")
    heard: list[str] = []
    with mock.patch.object(crashpoints, "hook", heard.append):
        crashpoints.reached(None)
        crashpoints.reached("C05")
    assert heard == ["C05"]
