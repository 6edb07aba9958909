"""One process with threads: more of them where requests wait for something else, never where they compute."""

from dataclasses import replace

import numpy as np
import pytest
from backoffice import START, Service, Turn, office, poisson, record, think, workers_knob
from numpy.typing import NDArray

from plugin_optimizer.domain import Disruption, Knob, Mode, Policy, Pool, Proposal, SettingChange, SuggestionType
from plugin_optimizer.execute.sight import arms
from plugin_optimizer.models.server import replay_server

F64 = NDArray[np.float64]
NOW = START + 120.0
THREADS = Knob("threads", 2, 2, 64, unit="threads", disruption=Disruption.RELOAD, kind="threads")
SLO = Policy(response_time_seconds=0.5, sustain_seconds=15.0)


def gateway(threads: int = 2, knobs: tuple[Knob, ...] = (THREADS,), policy: Policy = SLO) -> Service:
    """14 requests a second that wait 130 ms for a bank each."""
    rng = np.random.default_rng(4)
    arrival = poisson(rng, 14.0, 120.0)
    wall = rng.gamma(4.0, 0.130 / 4, len(arrival))
    return Service("gateway", 1, record(arrival, wall, threads), policy, knobs=knobs)


def computing(threads: int = 2) -> Service:
    """18 requests a second that compute for 50 ms each and wait for 20 ms: one interpreter is 90 % busy."""
    rng = np.random.default_rng(4)
    arrival = poisson(rng, 18.0, 120.0)
    cpu, wait = rng.gamma(8.0, 0.050 / 8, len(arrival)), np.full(len(arrival), 0.020)
    run = replay_server(arrival, cpu, wait, threads, 1.0)
    trace = record(arrival, run.sojourn - run.wait, threads, cpu=cpu, run_delay=0.0)
    return Service("gateway", 1, trace, SLO, knobs=(THREADS,))


def turn_of(service: Service, *, workers: int = 1, threads: int = 2, most_workers: int = 32) -> Turn:
    window, fleet = office([service], NOW)
    view = fleet.views["gateway"]
    pool = Pool(
        "gthread", workers, threads, cores=2.0, spawned={100: START}, worker_memory_bytes=service.worker_memory_bytes
    )
    knobs = (workers_knob(workers, most_workers), *service.knobs)
    return think(window, replace(fleet, views={"gateway": replace(view, pool=pool, knobs=knobs)}))


def proposed(turn: Turn) -> Proposal:
    (found,) = [p for p in turn.of("gateway") if p.change is not None]
    return found


def test_threads_are_the_cheaper_change_where_requests_wait() -> None:
    """The smallest number whose replay keeps the promise, predicted, and the memory of another worker beside it."""
    found = proposed(turn_of(gateway()))
    assert found.change is not None
    assert (found.type, found.change.knob, found.change.before) == (SuggestionType.INCREASE_WORKERS, "threads", 2)
    assert 3 <= int(found.change.after) <= 6
    assert found.prediction is not None
    assert found.prediction.expected < 0.5 < found.prediction.before
    assert {"requests_wait", "replayed", "threads_are_cheaper"} <= {message.code for message in found.evidence}
    assert found.side_effects == ()


@pytest.mark.parametrize(
    ("knobs", "settings"),
    [
        ((), {}),
        ((replace(THREADS, kind="setting"),), {}),
        ((replace(THREADS, maximum=2),), {}),
        ((replace(THREADS, value=3),), {}),
    ],
    ids=["not offered", "not a pool's", "at its bound", "changing"],
)
def test_where_threads_cannot_be_turned_workers_are_suggested(
    knobs: tuple[Knob, ...], settings: dict[str, int]
) -> None:
    """As before there were any."""
    found = proposed(turn_of(gateway(knobs=knobs), **settings))
    assert found.change is not None
    assert found.change.knob == "workers"


def test_threads_help_where_no_worker_may_be_added() -> None:
    """The bound of workers is no bound of threads."""
    found = proposed(turn_of(gateway(), most_workers=1))
    assert found.change is not None
    assert found.change.knob == "threads"


def test_computing_requests_get_no_more_threads() -> None:
    """They would take turns at one interpreter: another process is suggested, or nothing."""
    service = computing()
    assert float(np.quantile(service.trace.sojourn, 0.95)) > 0.5  # there is something to be wished for
    changes = [p.change for p in turn_of(service).of("gateway") if p.change is not None]
    assert all(change.knob != "threads" for change in changes)
    turn = turn_of(service, most_workers=1)
    assert [p for p in turn.of("gateway") if p.change is not None] == []
    assert turn.why("gateway", "workers")


def test_automatic_mode_goes_a_first_step() -> None:
    """No further than the rails let pass, and it says where the way leads."""
    found = proposed(turn_of(gateway(policy=replace(SLO, response_time_seconds=0.33, mode=Mode.AUTOMATIC))))
    assert found.change is not None
    assert found.change.after == 3
    assert "first_step" in {message.code for message in found.evidence}


def test_what_is_not_computed_is_tried_where_requests_wait_for_a_slot() -> None:
    """Processes with threads whose record no model retells: an experiment with their threads, one step of at most two."""
    turn = turn_of(gateway(), workers=2)
    assert turn.why("gateway", "workers") == "model_not_valid"
    found = proposed(turn)
    assert found.change is not None
    assert (found.type, found.change.knob) == (SuggestionType.UPDATE_CONFIG, "threads")
    assert 2 < int(found.change.after) <= 4


def test_threads_are_not_tried_where_nobody_waits_for_one() -> None:
    """Slow answers of something else: more threads would only wait with them."""
    slow = gateway(40, policy=replace(SLO, response_time_seconds=0.1))
    assert turn_of(slow, workers=2, threads=20).why("gateway", "config") == "no_knob"


def test_the_judge_compares_the_slots_of_both() -> None:
    """Threads before and after, in the same number of processes."""
    change = proposed(turn_of(gateway())).change
    assert change is not None
    pools = arms(change, Pool("gthread", 1, threads=9))
    assert pools is not None
    assert [(pool.workers, pool.threads) for pool in pools] == [(1, 2), (1, change.after)]


def test_what_cannot_take_turns_waits_for_a_record_that_can_be_judged() -> None:
    """A breach is certain after half a minute, and then no one could say what threads did: nothing is suggested until it can."""
    service = gateway()
    young = replace(service, trace=service.trace.where(service.trace.arrival > NOW - 45.0))
    turn = turn_of(young)
    assert [p for p in turn.of("gateway") if p.change is not None] == []
    assert turn.why("gateway", "workers") == "too_little_data"


def test_requests_of_before_the_threads_were_turned_tell_nothing() -> None:
    """A plan is made of what came since, like after a change of workers."""
    service = gateway()
    turned = SettingChange("gateway", "threads", 8, 2, NOW - 80.0, "outside")
    found = proposed(turn_of(replace(service, setting_changes=(turned,))))
    assert int(str(found.details["requests"])) < 80 * 20
    recent = replace(turned, at=NOW - 30.0)
    assert [p for p in turn_of(replace(service, setting_changes=(recent,))).of("gateway") if p.change is not None] == []


def test_more_processes_with_threads_are_planned_where_their_record_is_retold() -> None:
    """2 × 2 threads that got their requests by chance: a count that keeps the promise, no experiment beside it, and no verdict by replay."""
    rng = np.random.default_rng(3)
    arrival = poisson(rng, 23.0, 120.0)
    home = rng.integers(2, size=len(arrival))
    cpu, waits = np.full(len(arrival), 0.005), rng.gamma(2.0, 0.06, len(arrival))
    wait, wall = np.empty(len(arrival)), np.empty(len(arrival))
    for process in (0, 1):
        own = home == process
        run = replay_server(arrival[own], cpu[own], waits[own], 2, 1.0)
        wait[own], wall[own] = run.wait, run.sojourn - run.wait
    trace = replace(record(arrival, wall, 100, cpu=0.005, run_delay=0.0), queue_wait=wait, pid=100 + home)
    found = proposed(turn_of(Service("gateway", 2, trace, SLO, knobs=(THREADS,)), workers=2))
    assert found.change is not None
    assert (found.type, found.change.knob, found.change.before) == (SuggestionType.INCREASE_WORKERS, "workers", 2)
    assert 3 <= int(found.change.after) <= 5
    assert found.prediction is not None
    assert found.prediction.expected <= 0.5 < found.prediction.before
