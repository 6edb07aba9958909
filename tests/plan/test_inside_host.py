"""Plugins inside one application share its workers: who takes them is named, at the host and at the one that waits."""

from dataclasses import replace

import numpy as np
from backoffice import START, Service, Turn, office, poisson, record, think

from plugin_optimizer.domain import Attributes, Message, Plugin, Policy, SuggestionType
from plugin_optimizer.models.inside_host import busiest_part
from plugin_optimizer.wording import render

POLICY = Policy(response_time_seconds=0.4, sustain_seconds=15.0)
ORDERS, REPORTS = 1, 2
KINDS = {
    number: Attributes(number, (("method", "GET"), ("route", f"/{name}"), ("blueprint", name)))
    for number, name in ((ORDERS, "orders"), (REPORTS, "reports"))
}


def shared_workers() -> Turn:
    """Two workers: twelve quick orders a second, and two reports of 0.9 s each, which take nearly all of their time."""
    rng = np.random.default_rng(5)
    arrivals = [poisson(rng, rate, 120.0) for rate in (12.0, 2.0)]
    arrival = np.concatenate(arrivals)
    kinds = np.repeat([ORDERS, REPORTS], [len(each) for each in arrivals])
    order = np.argsort(arrival)
    arrival, kinds = arrival[order], kinds[order]
    trace = record(arrival, np.where(kinds == REPORTS, 0.9, 0.02), 2, context=kinds)
    services = [
        Service("shop", 2, trace, POLICY, attributes=KINDS),
        Service("shop.orders", 2, trace.where(trace.context == ORDERS), POLICY, attributes={ORDERS: KINDS[ORDERS]}),
    ]
    window, fleet = office(services, START + 120.0)
    part = Plugin("shop.orders", "blueprint", {"host": "shop", "blueprint": "orders"})
    inside = replace(fleet.views["shop.orders"], plugin=part, pool=None, knobs=())
    return think(window, replace(fleet, views={**fleet.views, "shop.orders": inside}))


def told(turn: Turn, plugin_id: str, kind: SuggestionType) -> dict[str, Message]:
    (proposal,) = [p for p in turn.of(plugin_id) if p.type is kind]
    for message in proposal.evidence:
        assert render(message, "ko") != render(message, "en")
    return {message.code: message for message in proposal.evidence}


def test_the_host_says_which_of_its_parts_takes_the_workers() -> None:
    """More workers are suggested for it, and reports named as the reason."""
    taken = told(shared_workers(), "shop", SuggestionType.INCREASE_WORKERS)["workers_taken_by"].params
    assert taken["part"] == "reports"
    assert 0.8 < float(str(taken["share_ratio"])) < 0.95


def test_a_part_that_waits_learns_for_whom_and_where_workers_are_turned() -> None:
    """It has none of its own: the advice leads to the host."""
    turn = shared_workers()
    found = told(turn, "shop.orders", SuggestionType.OPTIMIZE_RESPONSE_TIME)
    assert found["workers_taken_by"].params["part"] == "reports"
    assert found["try_host"].params["host"] == "shop"
    assert turn.why("shop.orders", "workers") == "no_knob"


def test_nobody_is_named_where_there_is_only_one_part_or_none_takes_half() -> None:
    """What belongs to no Blueprint counts as a part without a name."""
    arrival = poisson(np.random.default_rng(1), 8.0, 60.0)
    for kinds, named in ((1, None), (2, "orders"), (3, None)):
        trace = record(arrival, np.full(len(arrival), 0.05), 2, context=np.arange(len(arrival)) % kinds + ORDERS)
        view = office([Service("shop", 2, trace, POLICY, attributes=KINDS)], START + 60.0)[1].views["shop"]
        taking = busiest_part(view, view.trace)
        assert (taking.part if taking else None) in (named, None if named is None else "reports")
