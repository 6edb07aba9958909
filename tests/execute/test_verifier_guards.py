"""Breakage is seen at once, and an ordinary day is not called breakage."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Pool, Purpose, Verdict, Window
from plugin_optimizer.execute.verifier import guard
from plugin_optimizer.testing.simulated_service import EPOCH, SimulatedService

GOAL = Goal(Metric.RESPONSE_TIME_P95_SECONDS, Direction.DOWN, Purpose.IMPROVE, slo=1.0)
STEP = 5.0


def side(begin: float, windows: int, **series: object) -> Observation:
    levels = {"up": 1.0, "requests": 50.0, "error_ratio": 0.0, **series}
    metrics = {
        Metric(name): np.broadcast_to(np.asarray(value, dtype=np.float32), (1, windows)).copy()
        for name, value in levels.items()
    }
    return Observation(Window(("p",), begin + STEP * np.arange(1, windows + 1), STEP, metrics))


def tripped(before: Observation, after: Observation, goal: Goal = GOAL) -> str | None:
    verdict = guard(goal, "p", before, after)
    if verdict is None:
        return None
    assert isinstance(verdict, Verdict)
    assert (verdict.outcome, verdict.method) == (Outcome.WORSE, "guard")
    return verdict.reasons[0].code


USUAL = side(EPOCH, 24)


def test_nothing_is_said_while_nothing_broke() -> None:
    """The same as before, from the first window on."""
    assert all(tripped(USUAL, side(EPOCH + 120, windows)) is None for windows in range(1, 30))


def test_errors_trip_as_soon_as_twenty_requests_show_them() -> None:
    """A tenth of 50 requests failing where none did: at once."""
    assert tripped(USUAL, side(EPOCH + 120, 1, error_ratio=0.1)) == "guard_errors"


def test_a_few_errors_more_are_no_breakage() -> None:
    """One error in 50 requests, or 0.5 points more of many."""
    assert tripped(USUAL, side(EPOCH + 120, 1, error_ratio=0.02)) is None
    many = side(EPOCH, 24, error_ratio=0.05), side(EPOCH + 120, 60, error_ratio=0.055)
    assert tripped(*many) is None


def test_nineteen_requests_are_too_few_to_accuse() -> None:
    """Below 20 requests the error guard is silent."""
    assert tripped(USUAL, side(EPOCH + 120, 1, error_ratio=1.0, requests=19)) is None


def test_errors_that_begin_late_do_not_drown() -> None:
    """After 300 good windows a minute of 4 % errors trips."""
    ratio = np.zeros(300)
    ratio[-12:] = 0.04
    assert tripped(USUAL, side(EPOCH + 120, 300, error_ratio=ratio)) == "guard_errors"


def test_silence_after_our_own_act_is_a_failure() -> None:
    """Three windows without any data trip, two do not."""
    nothing = {"up": np.nan, "requests": np.nan, "error_ratio": np.nan}
    assert tripped(USUAL, side(EPOCH + 120, 3, **nothing)) == "guard_no_data"
    assert tripped(USUAL, side(EPOCH + 120, 2, **nothing)) is None


def fleet(begin: float, windows: int, *, silent: tuple[str, ...] = ()) -> Observation:
    """Two plugins beside `p`; those named were not measured."""
    names = ("p", "q", "r")
    seen = np.array([[np.nan if name in silent else 1.0] * windows for name in names], dtype=np.float32)
    metrics = {Metric.UP: seen, Metric.REQUESTS: seen * 50}
    return Observation(Window(names, begin + STEP * np.arange(1, windows + 1), STEP, metrics))


def test_silence_of_everybody_is_the_measuring_that_is_late() -> None:
    """On a host that is too busy nobody is measured for a while: no change is blamed for it until it has lasted a minute."""
    usual, everybody = fleet(EPOCH, 24), ("p", "q", "r")
    assert tripped(usual, fleet(EPOCH + 120, 3, silent=("p",))) == "guard_no_data"
    assert tripped(usual, fleet(EPOCH + 120, 3, silent=("p", "q"))) == "guard_no_data"
    assert tripped(usual, fleet(EPOCH + 120, 11, silent=everybody)) is None
    assert tripped(usual, fleet(EPOCH + 120, 12, silent=everybody)) == "guard_no_data"


def test_those_who_were_silent_before_excuse_nobody() -> None:
    """Only one of three was ever measured: its silence is its own."""
    usual = fleet(EPOCH, 24, silent=("q", "r"))
    assert tripped(usual, fleet(EPOCH + 120, 3, silent=("p", "q", "r"))) == "guard_no_data"


def test_a_plugin_that_is_gone_trips() -> None:
    """Looked for twice and not there; once may be a planned restart."""
    assert tripped(USUAL, side(EPOCH + 120, 3, up=[1, 0, 0], requests=np.nan)) == "guard_down"
    assert tripped(USUAL, side(EPOCH + 120, 3, up=[1, 1, 0])) is None


def test_workers_that_hang_trip_though_their_processes_live() -> None:
    """No request is completed for 15 s where 150 were expected; quiet plugins are left alone."""
    assert tripped(USUAL, side(EPOCH + 120, 3, requests=0)) == "guard_no_requests"
    assert tripped(side(EPOCH, 24, requests=2), side(EPOCH + 120, 3, requests=0)) is None


def test_restarts_trip_unless_they_are_the_purpose() -> None:
    """A worker died that nobody replaced on purpose; recycling replaces them on purpose."""
    after = side(EPOCH + 120, 4, restarts=[0, 0, 1, 0])
    recycling = Goal(Metric.MEMORY_BYTES, Direction.DOWN, Purpose.REPAIR)
    assert tripped(side(EPOCH, 24, restarts=0), after) == "guard_restarts"
    assert tripped(side(EPOCH, 24, restarts=0), after, recycling) is None


def test_restarts_that_were_usual_before_do_not_accuse() -> None:
    """A plugin that restarted every other window before may go on doing so."""
    assert tripped(side(EPOCH, 24, restarts=[0, 1] * 12), side(EPOCH + 120, 4, restarts=[0, 1, 0, 1])) is None


def test_memory_near_its_limit_trips_unless_it_was_there_before() -> None:
    """Above 0.9 of the limit, twice in a row."""
    full = side(EPOCH + 120, 3, memory_ratio=[0.5, 0.92, 0.93])
    assert tripped(side(EPOCH, 24, memory_ratio=0.5), full) == "guard_memory"
    assert tripped(side(EPOCH, 24, memory_ratio=0.95), full) is None


def test_requests_over_the_slo_trip_after_three_windows() -> None:
    """Far fewer workers than needed: most requests wait beyond 1 s, and that is seen within a minute."""
    world = SimulatedService(workers=4, workers_after=1, settle_seconds=0, after_seconds=60)
    assert tripped(*world.observe(1)) == "guard_slow"


def test_a_service_that_came_to_answer_few_is_still_looked_at() -> None:
    """Two workers of half a second each where six requests come in a second: 20 answers in 5 s there are never."""
    world = SimulatedService(
        workers=8, workers_after=2, rate=6, service_seconds=0.08, service_after=7, settle_seconds=0, after_seconds=120
    )
    before, after = world.observe(1)
    seen = Observation(after.window, after.trace.where(after.trace.end <= world.changed_at + 90))
    assert tripped(before, seen) == "guard_slow"


@pytest.mark.parametrize("rate", [20.0, 3.0])
@pytest.mark.parametrize("seed", range(20))
def test_an_ordinary_day_never_trips(seed: int, rate: float) -> None:
    """The same service with 2 % errors, looked at every 5 s for two minutes: silence, with many requests and with few."""
    world = SimulatedService(
        workers=4 if rate > 10 else 1,
        rate=rate,
        scv=4,
        error_ratio=0.02,
        error_ratio_after=0.02,
        load_after=1.15,
        settle_seconds=0,
        after_seconds=120,
    )
    before, after = world.observe(seed)
    for columns in range(1, len(after.window.times) + 1):
        now = float(after.window.times[columns - 1])
        metrics = {metric: values[:, :columns] for metric, values in after.window.metrics.items()}
        window = Window(("p",), after.window.times[:columns], STEP, metrics)
        seen = Observation(window, after.trace.where(after.trace.end <= now))
        assert tripped(before, seen) is None


def slow_with(world: SimulatedService, seed: int = 3, pools: tuple[Pool, Pool] | None = None) -> str | None:
    """Return what trips where the objective is twice the usual p95, looked at every 5 s for three minutes."""
    before, after = world.observe(seed)
    goal = replace(GOAL, slo=2 * float(np.quantile(before.trace.sojourn, 0.95)))
    for seconds in range(30, 181, 5):
        until = after.window.times[0] + seconds
        seen = Observation(after.window, after.trace.where(after.trace.end <= until))
        verdict = guard(goal, "p", before, seen, pools)
        if verdict is not None:
            return verdict.reasons[0].code
    return None


NEARLY_FULL = SimulatedService(rate=28, before_seconds=180, settle_seconds=0, after_seconds=180)


def test_waiting_that_more_load_explains_accuses_nobody() -> None:
    """A third more requests, each of which takes as long as before; fewer workers with the usual load do trip."""
    assert slow_with(replace(NEARLY_FULL, load_after=1.33)) is None
    assert slow_with(replace(NEARLY_FULL, workers_after=2)) == "guard_slow"


def test_more_load_does_not_excuse_slower_work() -> None:
    """A third more requests, each of which takes 70 % longer."""
    assert slow_with(replace(NEARLY_FULL, load_after=1.33, service_after=1.7)) == "guard_slow"


def test_errors_that_came_in_waves_before_may_come_in_waves() -> None:
    """Half a minute of 16 % among 2 %, as before; the same of a service whose errors never came so trips."""
    wave, usual = np.repeat([0.16, 0.02], 6), np.repeat([0.02, 0.16], [30, 6])
    waves = [
        tripped(side(EPOCH, 36, error_ratio=usual), side(EPOCH + 180, n, error_ratio=wave[:n])) for n in range(1, 13)
    ]
    assert waves == [None] * 12
    assert tripped(side(EPOCH, 36, error_ratio=0.02), side(EPOCH + 180, 6, error_ratio=0.16)) == "guard_errors"


def test_waiting_that_would_have_been_there_without_the_change_accuses_nobody() -> None:
    """One worker less, and bursts that overflow the old number as well: the same requests wait as long there."""
    fewer = SimulatedService(
        workers=6, workers_after=5, rate=45, bursts=0.6, scv=2, before_seconds=120, settle_seconds=0, after_seconds=180
    )
    accused = [seed for seed in (19, 45, 54, 55) if slow_with(fewer, seed) == "guard_slow"]
    assert accused == [19, 45, 54, 55]
    assert [slow_with(fewer, seed, fewer.pools) for seed in accused] == [None] * 4


def test_waiting_where_as_many_are_served_as_fast_accuses_nobody() -> None:
    """Bursts on nine of ten busy slots, whose queue stays for minutes; where the change let fewer in, or slowed them, it trips."""
    crowd = SimulatedService(
        workers=4, rate=36, bursts=0.6, scv=2, before_seconds=120, settle_seconds=0, after_seconds=180
    )
    assert [slow_with(crowd, seed) for seed in range(40)] == [None] * 40
    assert slow_with(replace(crowd, workers_after=3)) == "guard_slow"
    assert slow_with(replace(crowd, service_after=1.5)) == "guard_slow"


def test_a_replay_excuses_neither_too_few_workers_nor_slower_work() -> None:
    """Fewer workers, and a change that makes each request 70 % slower, which a replay would take as it is."""
    fewer, slower = replace(NEARLY_FULL, workers_after=2), replace(NEARLY_FULL, workers_after=5, service_after=1.7)
    assert slow_with(fewer, pools=fewer.pools) == "guard_slow"
    assert slow_with(slower, pools=slower.pools) == slow_with(slower) == "guard_slow"
