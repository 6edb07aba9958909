"""Requests that hold each other up are told from requests that merely wait for a worker."""

from dataclasses import replace

import pytest
from crowds import crowd

from plugin_optimizer.domain import Pool, RequestTrace
from plugin_optimizer.models.contention import contention
from plugin_optimizer.models.shares import Bottleneck, shares_of
from plugin_optimizer.testing.simulated_service import SimulatedService

SEEDS = range(20)


def alone(seed: int, workers: int, share: float, scv: float = 1.0, wander: float = 0.0) -> RequestTrace:
    """A minute of requests that share nothing but the queue."""
    service = SimulatedService(
        workers=workers, rate=workers * share / 0.105, scv=scv, wander=wander, history_seconds=60.0
    )
    return replace(service, after_seconds=0.0, settle_seconds=0.0).run(seed)


def test_a_pool_of_connections_behind_the_workers_is_seen_before_workers_are_added() -> None:
    """Four workers, three connections, 93 % of them taken: always surely, and nothing shows that
    a further worker would be worth half of one.
    """
    found = [contention(crowd(seed, 3), 4) for seed in SEEDS]
    assert all(each.proven for each in found)
    assert sum(each.spoils for each in found) >= 18


@pytest.mark.parametrize("connections", [4, 8])
def test_connections_enough_for_all_workers_spoil_nothing(connections: int) -> None:
    """The same requests: each has a connection at once."""
    assert not any(contention(crowd(seed, connections), 4).proven for seed in SEEDS)


@pytest.mark.parametrize(("workers", "share"), [(2, 0.97), (4, 0.95), (8, 0.9)])
@pytest.mark.parametrize(("scv", "wander"), [(0.0, 0.0), (1.0, 0.0), (4.0, 0.0), (0.0, 0.2), (1.0, 0.2), (4.0, 0.2)])
def test_requests_that_share_nothing_are_never_taken_for_rivals(
    workers: int, share: float, scv: float, wander: float
) -> None:
    """360 nearly full pools, whatever their requests are like, and though all of them are slower for half a minute now and then."""
    assert not any(contention(alone(seed, workers, share, scv, wander), workers).spoils for seed in SEEDS)


def test_a_lock_is_seen_however_few_workers_there_are() -> None:
    """Two workers, everything under one lock: the second adds nothing."""
    world = SimulatedService(workers=2, rate=6.0, lock_share=1.0, history_seconds=60.0, before_seconds=60.0)
    found = [contention(replace(world, after_seconds=0.0).run(seed), 2) for seed in SEEDS]
    assert all(each.spoils and each.worth < 0.4 for each in found)


def test_the_bottleneck_is_what_they_contend_for() -> None:
    """Where the time goes says so, if it is told of the pool; threads are left to another look."""
    trace = crowd(0, 3)
    shares = shares_of(trace, 2.0, Pool("sync", 4))
    assert shares is not None
    assert shares.bottleneck is Bottleneck.CONTENTION
    threads = shares_of(trace, 2.0, Pool("gthread", 1, threads=4))
    assert threads is not None
    assert threads.bottleneck is Bottleneck.WORKERS


def test_one_worker_has_no_rivals_and_few_requests_say_nothing() -> None:
    """Nobody to be compared with: neither proven nor spoilt."""
    for trace, slots in ((crowd(1, 3), 1), (crowd(1, 3, seconds=1.5), 4), (RequestTrace.empty(), 4)):
        found = contention(trace, slots)
        assert not found.proven
        assert not found.spoils
