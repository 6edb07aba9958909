"""Where more workers cannot help or are out of reach: the reason, and what can be tried instead, in words people can read."""

from dataclasses import replace

import numpy as np
import pytest
from backoffice import START, Service, Turn, office, orders, poisson, record, reports, think

from plugin_optimizer.domain import CpuQuota, Fleet, Knob, Policy, Proposal, SuggestionType, Window
from plugin_optimizer.wording import render

LIMITED = Policy(response_time_seconds=0.4, sustain_seconds=15.0)


def rng_of(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def turn_of(service: Service, **pool: object) -> Turn:
    return think(*seen(service, **pool))


def seen(service: Service, **pool: object) -> tuple[Window, Fleet]:
    """Return what is seen of one service whose pool differs by `pool`."""
    window, fleet = office([service], START + 120.0)
    view = fleet.views[service.plugin_id]
    assert view.pool is not None
    changed = replace(view, pool=replace(view.pool, **pool))  # type: ignore[arg-type]
    return window, replace(fleet, views={service.plugin_id: changed})


def advice(turn: Turn, plugin_id: str) -> list[str]:
    """Return the codes of what is advised, having checked that both languages have words for them."""
    (proposal,) = [p for p in turn.of(plugin_id) if p.type is SuggestionType.OPTIMIZE_RESPONSE_TIME]
    assert proposal.change is None
    for message in proposal.evidence:
        assert render(message, "ko") != render(message, "en")
    return [message.code for message in proposal.evidence]


def workers_of(turn: Turn, plugin_id: str) -> int:
    (proposal,) = [p for p in turn.of(plugin_id) if p.type is SuggestionType.INCREASE_WORKERS]
    assert proposal.change is not None
    return int(proposal.change.after)


def hurried(slo_seconds: float) -> Service:
    """Return the orders, with less time for each."""
    service = orders(rng_of(0))
    return replace(service, policy=replace(service.policy, response_time_seconds=slo_seconds))


def computing(cpu: float = 0.35, delay: float = 0.0, io: float = 0.0) -> Service:
    """Four a second of requests that take so much of each."""
    arrival = poisson(rng_of(3), 4.0, 120.0)
    wall = np.full(len(arrival), cpu + delay + io)
    return Service("sums", 12, record(arrival, wall, 12, cpu=cpu, run_delay=delay), replace(LIMITED, max_workers=12))


@pytest.mark.parametrize(
    ("service", "pool", "refusal", "tried"),
    [
        (computing(0.2, 0.3), {"quota": CpuQuota(0.05, 0.1, 2.0), "cores": 0.5}, "cpu_limited", "try_quota"),
        (computing(0.2, 0.3), {}, "cpu_limited", "try_cores"),
        (computing(0.45), {"cores": 8.0}, "workers_do_not_help", "try_code"),
        (computing(0.01, 0.0, 0.5), {}, "workers_do_not_help", "try_cached_answers"),
    ],
    ids=["throttled", "cores", "computing", "dependency"],
)
def test_what_more_workers_cannot_heal_is_refused_with_what_can(
    service: Service, pool: dict[str, object], refusal: str, tried: str
) -> None:
    """A quota, too few cores, slow code, something slow behind: each gets its own advice."""
    turn = turn_of(service, **pool)
    assert turn.why("sums", "workers") == refusal
    assert tried in advice(turn, "sums")


@pytest.mark.parametrize("utilisation", [0.6, 0.75, 0.84])
def test_as_many_workers_as_cores_that_all_compute_want_no_more(utilisation: float) -> None:
    """Two workers on two cores, no waits for a core: requests queue, and another worker would only share the cores."""
    rng = rng_of(1)
    arrival = poisson(rng, utilisation * 2 / 0.1, 120.0)
    cpu = rng.exponential(0.095, len(arrival))
    policy = replace(LIMITED, response_time_seconds=0.3)
    turn = turn_of(Service("sums", 2, record(arrival, cpu + 0.003, 2, cpu=cpu), policy))
    assert turn.why("sums", "workers") in {"cpu_limited", "workers_do_not_help"}
    assert {"limited_by_cpu", "try_cores"} <= set(advice(turn, "sums"))


def test_where_computing_cannot_be_measured_nothing_is_said_of_it() -> None:
    """Under gevent or Tornado's executor: how much waits for a worker is known, what the rest is made of is not."""
    service = computing(0.01, 0.0, 0.5)
    nothing = np.zeros(len(service.trace))
    turn = turn_of(replace(service, trace=replace(service.trace, cpu=nothing, run_delay=nothing)))
    told = advice(turn, "sums")
    assert "time_inside_unknown" in told
    assert not {"time_goes", "limited_by_dependency", "try_cached_answers"} & set(told)


BOUNDS = {
    "at_bound": ({"max_workers": 2}, "try_more_allowed"),
    "memory_bound": ({"memory_limit_bytes": 150e6}, "try_memory"),
    "connections_bound": ({"max_connections": 50, "connections_per_worker": 20}, "try_connections"),
}


@pytest.mark.parametrize("bound", BOUNDS)
def test_a_bound_is_named_and_what_would_move_it(bound: str) -> None:
    """Requests wait, and nobody may add a worker: which limit it is, and advice instead of silence."""
    policy, tried = BOUNDS[bound]
    service = orders(rng_of(0))
    turn = turn_of(replace(service, policy=replace(service.policy, **policy)))  # type: ignore[arg-type]
    assert turn.why("orders", "workers") == bound
    told = advice(turn, "orders")
    assert [code for code in told if code in (bound, tried)] == [bound, tried]


def test_no_plan_needs_more_connections_than_the_database_allows() -> None:
    """By hand: 80 % of 75 connections at 20 a worker are 3 workers, where 4 would be right; with room for them, 4."""
    service = hurried(0.3)
    wanted = workers_of(turn_of(service), "orders")
    pool = Knob("db.pool_size", 20, 1, 100, unit="connections", kind="connections")
    for allowed, expected in ((75, 3), (25 * wanted, wanted)):
        policy = replace(service.policy, max_connections=allowed)
        for told in (
            replace(service, policy=policy, knobs=(pool,)),
            replace(service, policy=replace(policy, connections_per_worker=20)),
        ):
            assert workers_of(turn_of(told), "orders") == expected
    assert wanted > 3


def test_a_plan_that_ends_at_a_bound_says_so() -> None:
    """Better, but not good enough: what keeps it from the count that would be."""
    service = hurried(0.25)
    policy = replace(service.policy, max_connections=75, connections_per_worker=20)
    (proposal,) = turn_of(replace(service, policy=policy)).of("orders")
    assert {"slo_out_of_reach", "connections_bound"} <= {message.code for message in proposal.evidence}


@pytest.mark.parametrize(
    ("pool", "reason", "tried"),
    [
        ({"kind": "gthread", "threads": 2}, "model_not_valid", "try_one_process"),
        ({"kind": "gevent"}, "topology_not_modelled", None),
    ],
)
def test_a_server_that_is_not_modelled_gets_advice(pool: dict[str, object], reason: str, tried: str | None) -> None:
    """Processes with threads that did otherwise than they say: no count is computed, but a better topology is known; event loops."""
    turn = turn_of(orders(rng_of(0)), **pool)
    assert turn.why("orders", "workers") == reason
    told = advice(turn, "orders")
    assert reason in told
    assert tried is None or tried in told


# The next hour


def by_day(rise: float) -> tuple[tuple[float, float], ...]:
    """Return a week in which the load rose by `rise` within the hour after this time of the day."""
    now, at = START + 120.0, START + 120.0 - 300.0 * np.arange(2_016)[::-1]
    since = (at - 150.0 - now) % 86_400.0
    return tuple(zip(at.tolist(), (14.0 * np.where(since < 3_600.0, rise, 1.0)).tolist(), strict=True))


def planned(service: Service, past: tuple[tuple[float, float], ...]) -> Proposal:
    window, fleet = seen(service)
    view = replace(fleet.views[service.plugin_id], past_load=past)
    (proposal,) = think(window, replace(fleet, views={service.plugin_id: view})).of(service.plugin_id)
    return proposal


def test_workers_are_planned_for_the_next_hour() -> None:
    """A load that doubles at this time of every day needs more workers than one that stays; the suggestion says why."""
    calm, rising = (planned(orders(rng_of(0)), by_day(rise)) for rise in (1.0, 2.0))
    assert calm.change is not None
    assert rising.change is not None
    assert calm.change.after == workers_of(turn_of(orders(rng_of(0))), "orders") < rising.change.after
    told = {message.code: message.params for message in rising.evidence}
    assert told["load_rises_daily"]["load_ratio"] == pytest.approx(2.0)
    assert "load_rises_daily" not in {message.code for message in calm.evidence}


def test_the_planned_count_really_stands_the_next_hour() -> None:
    """The same services at twice the rate behind the planned workers: within the objective; one less breaks it."""
    rising = planned(orders(rng_of(0)), by_day(2.0))
    assert rising.change is not None
    workers = int(rising.change.after)
    arrival = poisson(rng_of(5), 28.0, 600.0)
    wall = rng_of(6).gamma(4.0, 0.130 / 4, len(arrival))
    assert float(np.quantile(record(arrival, wall, workers).sojourn, 0.95)) <= 0.6
    assert float(np.quantile(record(arrival, wall, workers - 2).sojourn, 0.95)) > 0.6


def test_nothing_is_given_back_that_the_next_hour_needs() -> None:
    """Eight workers for a third of one: fewer if the load stays, not so few if it triples within the hour."""
    service = reports(rng_of(1))
    few, more = (planned(service, by_day(rise)) for rise in (1.0, 3.0))
    assert few.change is not None
    assert more.change is not None
    assert few.change.after < more.change.after < 8
