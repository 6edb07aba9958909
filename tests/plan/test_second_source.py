"""Nothing is taken away on the word of one source, and nothing is given automatically on the word of a liar."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from backoffice import F64, START, Service, Turn, cores_of, office, orders, recommendations, reports, think

from plugin_optimizer.domain import Metric, RequestTrace

NOW = START + 120.0


def turn_of(service: Service) -> Turn:
    return think(*office([service], NOW))


def measured(service: Service, cores: Callable[[F64], F64]) -> Service:
    """The service with CPU of its processes as somebody else measured it."""
    return replace(service, samples={**service.samples, Metric.CPU_CORES: cores})


def roomy(rng: np.random.Generator) -> Service:
    """A cache of 4096 entries for 400 items."""
    service = recommendations(rng, size=4096)
    caches = tuple(replace(c, entry_bytes=50_000.0) for c in service.caches)
    return replace(service, caches=caches)


@pytest.mark.parametrize("make", [reports, roomy])
def test_nothing_is_reduced_on_one_source(make: Callable[[np.random.Generator], Service]) -> None:
    """Workers and caches: with the CPU of the processes there is a plan, without it or against it there is none."""
    service = make(np.random.default_rng(1))
    (plan,) = turn_of(service).proposals
    assert plan.change is not None
    assert plan.change.direction == "down"
    planner = "workers" if make is reports else "cache"
    unknown = turn_of(measured(service, lambda t: np.full(len(t), np.nan)))
    assert (unknown.proposals, unknown.why(service.plugin_id, planner)) == ((), "one_source_only")
    starved = turn_of(measured(service, lambda t: np.full(len(t), 1.8)))
    assert (starved.proposals, starved.why(service.plugin_id, planner)) == ((), "sources_disagree")


@pytest.mark.parametrize(("gaps", "reason"), [(1, ""), (2, "one_source_only")])
def test_nine_tenths_of_a_minute_have_to_be_there(gaps: int, reason: str) -> None:
    """Of twelve looks one may be missing."""
    service = reports(np.random.default_rng(1))

    def cores(times: F64) -> F64:
        values = cores_of(service, times)
        values[-gaps - 2 : -2] = np.nan
        return values

    turn = turn_of(measured(service, cores))
    assert (len(turn.proposals), turn.why("reports", "workers")) == (0 if reason else 1, reason)


def inflated(trace: RequestTrace, **factors: float) -> RequestTrace:
    return replace(trace, **{name: getattr(trace, name) * factor for name, factor in factors.items()})


@pytest.mark.parametrize("factors", [{"cpu": 10.0}, {"wall": 10.0}, {"wall": 10.0, "cpu": 10.0, "queue_wait": 10.0}])
def test_who_exaggerates_gets_no_workers_by_itself(factors: dict[str, float]) -> None:
    """Ten times the CPU, or more time inside requests than all slots have: at most a suggestion for a person."""
    honest = orders(np.random.default_rng(1))
    liar = measured(replace(honest, trace=inflated(honest.trace, **factors)), lambda t: cores_of(honest, t))
    for proposal in turn_of(liar).proposals:
        assert proposal.change is None or proposal.confidence < 0.7


def test_without_a_second_source_a_person_decides_on_more() -> None:
    """The suggestion stands, says why, and is not confident enough for automatic mode."""
    service = measured(orders(np.random.default_rng(1)), lambda t: np.full(len(t), np.nan))
    (proposal,) = turn_of(service).proposals
    assert proposal.confidence < 0.7
    assert "unconfirmed" in [m.code for m in proposal.evidence]
