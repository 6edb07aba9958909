"""What earlier changes taught is read off the executions of a real store, and read again when another one ended."""

from collections.abc import Iterator
from dataclasses import replace
from math import isnan
from pathlib import Path

import pytest

from plugin_optimizer.domain import (
    Execution,
    ExecutionState,
    Knob,
    Message,
    Metric,
    Outcome,
    Sample,
    Verdict,
)
from plugin_optimizer.execute.past_trials import PastTrials, trial_of
from plugin_optimizer.knowledge import SqliteSampleStore, SqlStateStore, open_samples, open_state
from tests.knowledge.lives import BACK, TO_APPLYING, TO_SUCCEEDED, claimed, walk
from tests.knowledge.proposals import NOW, proposal

S = ExecutionState
BATCH = Knob("batch", 8, 1, 128, kind="performance")
BETTER = Verdict(Outcome.BETTER, Metric.RESPONSE_TIME_P95_SECONDS, 0.8, 0.7, 0.9, 1.0, 0.8, 12, 900, "windows")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SqlStateStore]:
    store = open_state(f"sqlite:///{tmp_path / 'state.db'}")
    yield store
    store.close()


@pytest.fixture
def samples(tmp_path: Path) -> Iterator[SqliteSampleStore]:
    store = open_samples(tmp_path / "samples.db")
    yield store
    store.close()


def kept(state: SqlStateStore, before: int, after: int, at: float) -> Execution:
    begun = claimed(state, proposal(before=before, after=after, knob="batch"), at)
    return walk(state, replace(begun, verdict=BETTER), *TO_SUCCEEDED, at=at)


def undone(state: SqlStateStore, before: int, after: int, at: float, reason: str, outcome: Outcome) -> Execution:
    begun = claimed(state, proposal(before=before, after=after, knob="batch"), at)
    judged = walk(state, begun, *TO_APPLYING, S.APPLIED, S.SETTLING, S.VERIFYING, at=at)
    verdict = replace(BETTER, outcome=outcome, effect=1.5, low=1.3, high=1.7)
    return walk(state, replace(judged, verdict=verdict, reason=Message(reason)), *BACK, at=at + 60.0)


def test_kept_and_undone_changes_are_trials_in_the_order_in_which_they_ended(
    state: SqlStateStore, samples: SqliteSampleStore
) -> None:
    """8 → 16 was kept, 16 → 32 worse: two trials, with their verdicts and since when what runs has been running."""
    kept(state, 8, 16, NOW)
    undone(state, 16, 32, NOW + 1000.0, "did_not_help", Outcome.WORSE)
    good, bad = PastTrials(state, samples).of("orders", [BATCH], state.executions())
    assert (good.before, good.after, good.kept, good.harmful, good.effect) == (8, 16, True, False, 0.8)
    assert (bad.before, bad.after, bad.kept, bad.harmful, bad.refused) == (16, 32, False, True, False)
    assert (bad.low, bad.high) == (1.3, 1.7)
    assert good.steady_since == NOW
    assert bad.steady_since == bad.ended_at == NOW + 1060.0


def test_what_never_took_effect_teaches_nothing(state: SqlStateStore, samples: SqliteSampleStore) -> None:
    """Aborted before anything was turned: no trial."""
    walk(state, claimed(state, proposal(knob="batch")), S.ABORTED)
    assert PastTrials(state, samples).of("orders", [BATCH], state.executions()) == ()


def test_what_a_person_took_back_is_known_as_that(state: SqlStateStore, samples: SqliteSampleStore) -> None:
    """It had been kept; now it is refused, though its verdict was better."""
    done = kept(state, 8, 16, NOW)
    trials = PastTrials(state, samples)
    assert trials.of("orders", [BATCH], state.executions())[0].kept
    asked = state.ask_rollback(done.id, "ann", NOW + 500.0)
    walk(state, asked, S.RB_APPLYING, S.ROLLED_BACK, at=NOW + 510.0)
    (taken,) = trials.of("orders", [BATCH], state.executions())
    assert (taken.kept, taken.refused, taken.outcome) == (False, True, Outcome.BETTER)


def test_the_load_of_that_time_is_remembered(state: SqlStateStore, samples: SqliteSampleStore) -> None:
    """20 requests a second while it was watched; where nobody counted, it is not known."""
    samples.write([Sample("orders", Metric.THROUGHPUT_PER_SECOND, NOW + 5.0 * i, 20.0) for i in range(1, 11)])
    undone(state, 16, 32, NOW, "did_not_help", Outcome.SAME)
    (seen,) = PastTrials(state, samples).of("orders", [BATCH], state.executions())
    assert seen.load_per_second == pytest.approx(20.0)
    assert isnan(trial_of(state.executions()[0]).load_per_second)


def test_plugins_without_a_knob_to_experiment_with_are_not_looked_up(
    samples: SqliteSampleStore, state: SqlStateStore
) -> None:
    """Ten thousand plugins cost nothing: no knob of kind `performance`, no query."""
    kept(state, 8, 16, NOW)
    trials = PastTrials(state, samples)
    assert trials.of("orders", [replace(BATCH, kind="setting")], state.executions()) == ()
    assert trials.known == {}
