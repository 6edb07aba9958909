"""Worker counts are judged by what happened against the replay of the same requests under the old count."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Pool, Purpose, RequestTrace, Verdict, Window
from plugin_optimizer.execute.verifier import ChangeVerifier, live_windows
from plugin_optimizer.testing.simulated_service import EPOCH, SimulatedService, observation

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
SAVE = replace(GOAL, purpose=Purpose.SAVE)
VERIFIER = ChangeVerifier()
WORLD = SimulatedService()
CHANGED = {Outcome.BETTER, Outcome.WORSE}


def judged(world: SimulatedService, seed: int, goal: Goal = GOAL) -> Verdict:
    before, after = world.observe(seed)
    return VERIFIER.verify(goal, "p", before, after, world.pools)


def outcomes(world: SimulatedService, trials: int, goal: Goal = GOAL) -> Counter[Outcome]:
    return Counter(judged(world, seed, goal).outcome for seed in range(trials))


def steady(workers: int, begin: float, seconds: float, pairs_per_second: int = 5) -> RequestTrace:
    """Two requests at once, 0.1 s each, again and again: with one worker the second waits 0.1 s, with two none."""
    arrival = begin + np.repeat(np.arange(0, seconds, 1 / pairs_per_second), 2)
    wait = np.tile([0.0, 0.1 if workers == 1 else 0.0], len(arrival) // 2)
    wall, zero = np.full(len(arrival), 0.1), np.zeros(len(arrival))
    none = np.zeros(len(arrival), dtype=np.int64)
    return RequestTrace(arrival, wait, wall, zero, zero, none + 200, none, none, none)


def steady_sides(workers: int, workers_after: int, seconds: float) -> tuple[Observation, Observation]:
    before, after = steady(workers, EPOCH, 60), steady(workers_after, EPOCH + 60, seconds)
    return observation(before, EPOCH, EPOCH + 60), observation(after, EPOCH + 60, EPOCH + 60 + seconds)


def test_an_example_worked_by_hand() -> None:
    """Sojourns of 0.1 and 0.2 s become 0.1 and 0.1 s: the mean falls from 0.15 to 0.10, a third less."""
    verdict = VERIFIER.verify(GOAL, "p", *steady_sides(1, 2, 60), (Pool("sync", 1), Pool("sync", 2)))
    assert verdict.outcome is Outcome.BETTER
    assert verdict.effect == pytest.approx(2 / 3, abs=0.005)
    assert (verdict.before, verdict.after) == (pytest.approx(0.2), pytest.approx(0.1))
    assert verdict.metric is Metric.RESPONSE_TIME_P95_SECONDS
    assert verdict.method == "paired_replay"


def test_the_way_back_is_worse_by_the_same_share() -> None:
    """From two workers to one: 0.10 to 0.15 s, half as much again."""
    verdict = VERIFIER.verify(GOAL, "p", *steady_sides(2, 1, 60), (Pool("sync", 2), Pool("sync", 1)))
    assert verdict.outcome is Outcome.WORSE
    assert verdict.effect == pytest.approx(1.5, abs=0.01)


def test_people_see_what_happened_beside_what_would_have() -> None:
    """Each live window holds the mean sojourn and the same without the change."""
    before, after = steady_sides(1, 2, 30)
    rows = live_windows(GOAL, "p", before, after, (Pool("sync", 1), Pool("sync", 2)))
    assert len(rows) >= 5
    assert rows[0]["at"] == EPOCH + 60
    assert all(row["observed_seconds"] == pytest.approx(0.1) for row in rows)
    assert all(row["without_seconds"] == pytest.approx(0.15, abs=0.001) for row in rows)


def test_below_the_floor_nothing_is_concluded_and_what_is_missing_is_said() -> None:
    """After 20 s: four windows and 200 requests of 500."""
    verdict = VERIFIER.verify(GOAL, "p", *steady_sides(1, 2, 20), (Pool("sync", 1), Pool("sync", 2)))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    [reason] = [r for r in verdict.reasons if r.code == "need_more_windows"]
    assert reason.params["windows"] in {2, 3}
    assert 300 <= int(str(reason.params["requests"])) <= 350


@pytest.mark.parametrize("load", [1.0, 1.15, 0.85])
@pytest.mark.parametrize("scv", [1.0, 4.0])
def test_nothing_changed_is_never_called_a_change(load: float, scv: float) -> None:
    """240 worlds over all cases, whatever the load does: no false verdict."""
    world = replace(WORLD, scv=scv, load_after=load, overhead_seconds=0.0025, after_seconds=90)
    found = Counter()
    for seed in range(40):
        before, after = world.observe(seed)
        found[VERIFIER.shadow(GOAL, "p", before, after, world.pools[0]).outcome] += 1
    assert not CHANGED & set(found)


def test_the_figure_after_is_what_it_has_come_to() -> None:
    """A backlog that drains while it is judged does not stay in the p95 that people read."""
    world = SimulatedService(
        workers=2, workers_after=5, rate=14, service_seconds=0.2, before_seconds=120, settle_seconds=20
    )
    before, after = replace(world, after_seconds=90).observe(1)
    verdict = VERIFIER.verify(GOAL, "p", before, after, world.pools)
    assert verdict.outcome is Outcome.BETTER
    assert verdict.before > 20
    assert verdict.after < 2
    assert np.quantile(after.trace.sojourn, 0.95) > 5


def test_workers_nobody_needs_change_nothing_and_that_is_said() -> None:
    """6 to 8 workers where 3 would do: "same" after 24 windows, never better."""
    found = outcomes(replace(WORLD, workers=6, workers_after=8, after_seconds=150), 20)
    assert not CHANGED & set(found)
    assert found[Outcome.SAME] >= 18


@pytest.mark.parametrize(
    ("world", "truth", "least"),
    [
        (replace(WORLD, workers=3, workers_after=4), Outcome.BETTER, 18),
        (replace(WORLD, workers=3, workers_after=4, load_after=1.25), Outcome.BETTER, 18),
        (replace(WORLD, workers=4, workers_after=3), Outcome.WORSE, 18),
        (replace(WORLD, workers=2, workers_after=4, scv=4), Outcome.BETTER, 18),
        (replace(WORLD, workers=4, workers_after=3, load_after=0.8), Outcome.WORSE, 16),
    ],
    ids=["help", "help masked by load", "harm", "overload", "harm hidden by less load"],
)
def test_real_effects_are_found_within_two_minutes(world: SimulatedService, truth: Outcome, least: int) -> None:
    """Of 20 worlds nearly all are found within 120 s, none with the wrong sign."""
    found = outcomes(replace(world, after_seconds=120), 20)
    assert found[truth] >= least
    assert not (CHANGED - {truth}) & set(found)


@pytest.mark.parametrize("seed", range(4))
def test_peeking_at_every_window_changes_nothing(seed: int) -> None:
    """A judge asked every 5 s and one asked at the end give the same verdict."""
    world = replace(WORLD, workers=3, workers_after=4, after_seconds=120)
    before, after = world.observe(seed)
    end = VERIFIER.verify(GOAL, "p", before, after, world.pools)
    begin = float(after.trace.arrival[0])
    for seconds in np.arange(30, 121, 5.0):
        now = begin + seconds
        seen = Observation(_until(after.window, now), after.trace.where(after.trace.end <= now))
        verdict = VERIFIER.verify(GOAL, "p", before, seen, world.pools)
        if verdict.outcome is not Outcome.INCONCLUSIVE:
            break
    assert (verdict.outcome, verdict.windows) == (end.outcome, end.windows)
    assert verdict.effect == pytest.approx(end.effect, rel=1e-6)


def _until(window: Window, now: float) -> Window:
    kept = window.times <= now
    metrics = {metric: values[:, kept] for metric, values in window.metrics.items()}
    return Window(window.plugin_ids, window.times[kept], window.step_seconds, metrics)


@pytest.mark.parametrize("factor", [0.25, 3.0])
def test_slower_clocks_leave_the_verdict(factor: float) -> None:
    """All times (and the window) multiplied by the same factor: the same outcome and nearly the same effect.

    Not quite the same: the tick of the clock and the overheads that are looked for have sizes of their own.
    """
    world = replace(WORLD, workers=3, workers_after=4, after_seconds=90)
    sides = world.observe(5)
    there = VERIFIER.verify(GOAL, "p", *sides, world.pools)
    scaled = replace(VERIFIER, window_seconds=VERIFIER.window_seconds * factor)
    here = scaled.verify(GOAL, "p", *(_stretched(side, factor) for side in sides), world.pools)
    assert here.outcome is there.outcome
    assert here.effect == pytest.approx(there.effect, rel=2e-3)
    assert here.before == pytest.approx(there.before * factor, rel=1e-6)


def _stretched(side: Observation, factor: float) -> Observation:
    trace, window = side.trace, side.window
    arrival = EPOCH + (trace.arrival - EPOCH) * factor
    scaled = (getattr(trace, name) * factor for name in ("queue_wait", "wall", "cpu", "run_delay"))
    stretched = RequestTrace(arrival, *scaled, trace.status, trace.error, trace.context, trace.pid)
    times = EPOCH + (window.times - EPOCH) * factor
    return Observation(Window(window.plugin_ids, times, window.step_seconds * factor, {}), stretched)


@pytest.mark.parametrize("seed", range(5))
def test_windows_that_went_missing_never_make_it_stronger(seed: int) -> None:
    """Without the requests of some windows the verdict is the same or less, never another claim."""
    world = replace(WORLD, workers=3, workers_after=4, after_seconds=90)
    before, after = world.observe(seed)
    whole = VERIFIER.verify(GOAL, "p", before, after, world.pools)
    window = np.floor((after.trace.arrival - after.trace.arrival[0]) / 5).astype(int)
    holes = replace(after, trace=after.trace.where(~np.isin(window, [1, 4, 7, 10])))
    verdict = VERIFIER.verify(GOAL, "p", before, holes, world.pools)
    assert verdict.outcome in {whole.outcome, Outcome.INCONCLUSIVE}
    assert verdict.windows < whole.windows or verdict.outcome is Outcome.INCONCLUSIVE


def test_too_many_missing_windows_mean_no_verdict() -> None:
    """Where a third of the windows holds nothing, nothing is concluded."""
    world = replace(WORLD, workers=2, workers_after=4, after_seconds=120)
    before, after = world.observe(1)
    window = np.floor((after.trace.arrival - after.trace.arrival[0]) / 5).astype(int)
    holes = replace(after, trace=after.trace.where(window % 3 > 0))
    verdict = VERIFIER.verify(GOAL, "p", before, holes, world.pools)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "missing_windows" in {reason.code for reason in verdict.reasons}


@pytest.mark.parametrize("seed", range(3))
def test_a_saving_that_is_not_worse_is_called_so(seed: int) -> None:
    """8 to 6 workers without need: non-inferior within two minutes, and it has to hold at the last look."""
    verdict = judged(replace(WORLD, workers=8, workers_after=6, after_seconds=120), seed, SAVE)
    assert verdict.outcome is Outcome.SAME
    assert verdict.windows == 23
    assert "noninferior" in {reason.code for reason in verdict.reasons}


def test_a_saving_under_which_the_promise_is_broken_is_not_called_good_enough() -> None:
    """However little the mean lost by it: beyond the objective nothing is to be given away."""
    world = replace(WORLD, workers=8, workers_after=6, after_seconds=120)
    _, after = world.observe(0)
    beyond = replace(SAVE, slo=float(np.quantile(after.trace.sojourn, 0.9)))
    verdict = judged(world, 0, beyond)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reasons[0].code == "beyond_slo_after"


def test_a_model_that_does_not_explain_the_past_may_not_judge() -> None:
    """A server that is not one FIFO queue fails the self-check, and windows judge instead."""
    world = replace(WORLD, workers=3, workers_after=4, after_seconds=60)
    before, after = world.observe(1)
    slower = replace(before.trace, queue_wait=before.trace.queue_wait + 0.05)
    verdict = VERIFIER.verify(GOAL, "p", Observation(before.window, slower), after, world.pools)
    assert verdict.method == "windows"
    assert "self_check_failed" in {reason.code for reason in verdict.reasons}


@pytest.mark.parametrize("pool", [Pool("gthread", 2, threads=3), Pool("sync", 4, reuse_port=True)])
def test_split_queues_are_not_replayed(pool: Pool) -> None:
    """Where requests are dealt to processes at random, windows judge."""
    before, after = replace(WORLD, after_seconds=60).observe(1)
    verdict = VERIFIER.verify(GOAL, "p", before, after, (pool, replace(pool, workers=pool.workers + 1)))
    assert verdict.method == "windows"


def test_the_same_observations_give_the_same_verdict() -> None:
    """Nothing is left to chance."""
    world = replace(WORLD, workers=3, workers_after=4, service_after=1.3, after_seconds=90)
    assert repr(judged(world, 11)) == repr(judged(world, 11))
