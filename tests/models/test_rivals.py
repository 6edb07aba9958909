"""What two plugins share behind their workers is seen in the requests of the one while those of the other are under way."""

from dataclasses import replace

import pytest
from crowds import crowds

from plugin_optimizer.domain import Fleet, Plugin, PluginView, Policy, Pool, RequestTrace
from plugin_optimizer.models.contention import Contention, contention
from plugin_optimizer.models.rivals import beside_rivals, strongest_rival
from plugin_optimizer.models.shares import Bottleneck, shares_of
from plugin_optimizer.testing.simulated_service import SimulatedService

SEEDS = range(10)


def alone(seed: int, workers: int, share: float, scv: float, wander: float) -> RequestTrace:
    """A minute of requests that share nothing but their own queue."""
    rate = workers * share / 0.105
    service = SimulatedService(workers=workers, rate=rate, scv=scv, wander=wander, history_seconds=60.0)
    return replace(service, after_seconds=0.0, settle_seconds=0.0).run(seed)


def view_of(name: str, trace: RequestTrace, pool: Pool | None) -> PluginView:
    return PluginView(Plugin(name, "gunicorn"), Policy(), pool=pool, trace=trace)


@pytest.mark.parametrize("steady", [True, False])
def test_a_database_that_another_plugin_takes_from_is_seen_where_the_own_requests_do_not_show_it(steady: bool) -> None:
    """Two workers each, two connections: alone, the front would not know why; beside the back it is sure within a minute and a half."""
    for seed in SEEDS:
        front, back = crowds(seed, 2, [(2, 7.8), (2, 3.4)], 90.0, steady)
        found = strongest_rival(front, 2, {"back": back})
        assert found.spoils
        assert found.rival == "back"
        assert found.worth < 0.7
    assert sum(contention(crowds(s, 2, [(2, 7.8), (2, 3.4)], 90.0, steady)[0], 2).spoils for s in SEEDS) <= 3


@pytest.mark.parametrize("steady", [True, False])
def test_connections_enough_for_both_are_no_rivalry(steady: bool) -> None:
    """Each has a connection at once, however busy the other is."""
    for seed in SEEDS:
        front, back = crowds(seed, 8, [(4, 26.0), (4, 22.0)], 60.0, steady)
        assert not strongest_rival(front, 4, {"back": back}).spoils


@pytest.mark.parametrize(("scv", "wander"), [(0.0, 0.0), (1.0, 0.0), (4.0, 0.0), (1.0, 0.2), (4.0, 0.2)])
def test_plugins_that_share_nothing_are_not_taken_for_rivals(scv: float, wander: float) -> None:
    """Full pools beside five others, all of them slower for half a minute now and then: the looks at five are one look."""
    for seed in SEEDS:
        others = {f"p{k}": alone(1_000 + 10 * seed + k, 4, 0.8, scv, wander) for k in range(5)}
        assert not strongest_rival(alone(seed, 2, 0.97, scv, wander), 2, others).spoils


def test_the_surest_of_several_rivals_is_named_and_several_looks_make_less_sure() -> None:
    """Beside four that have nothing to do with it the right one is named, less surely than alone."""
    front, back = crowds(3, 2, [(2, 7.8), (2, 3.4)], 90.0)
    others = {f"p{k}": alone(k, 4, 0.8, 1.0, 0.0) for k in range(4)}
    among, by_itself = strongest_rival(front, 2, {**others, "back": back}), strongest_rival(front, 2, {"back": back})
    assert among.rival == "back"
    assert by_itself.deviations > among.deviations > 0.9 * by_itself.deviations


def test_a_rival_makes_the_bottleneck_contention_and_threads_are_left_alone() -> None:
    """The shares of the requests say so; a pool of threads, or one without waiting, keeps its shares."""
    front, back = crowds(1, 2, [(2, 7.8), (2, 3.4)], 90.0)
    for pool, bottleneck in ((Pool("sync", 2), Bottleneck.CONTENTION), (Pool("gthread", 2, 4), Bottleneck.WORKERS)):
        view = view_of("front", front, pool)
        fleet = Fleet(100.0, 2, {"front": view, "back": view_of("back", back, Pool("sync", 2))})
        shares = shares_of(front, 2.0, pool)
        assert shares is not None
        assert beside_rivals(shares, front, view, fleet).bottleneck is bottleneck


def test_nothing_is_said_of_few_requests_nobody_else_or_oneself() -> None:
    """No rival, a rival that was never seen, and one whose requests never come and go while others begin."""
    front, back = crowds(1, 2, [(2, 7.8), (2, 3.4)], 90.0)
    for others in ({}, {"back": RequestTrace.empty()}, {"back": back.where(back.arrival < 2.0)}):
        assert strongest_rival(front, 2, others) == Contention()
