"""What is risky or shared is changed only by somebody who says which state of it they have seen."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, offer

from plugin_optimizer.domain import Reversibility, Risk


def make_knob(system: SmallSystem, reversibility: Reversibility) -> None:
    add_plugin(system)
    system.known_knobs["orders"] = (replace(system.known_knobs["orders"][0], reversibility=reversibility),)


RISKY = [
    (Risk.HIGH, Reversibility.REVERSIBLE),
    (Risk.LOW, Reversibility.LOSSY),
    (Risk.MEDIUM, Reversibility.IRREVERSIBLE),
]


@pytest.mark.parametrize(("risk", "reversibility"), RISKY)
@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}])
def test_a_risky_change_needs_the_revision(
    operator: Api, system: SmallSystem, risk: Risk, reversibility: Reversibility, headers: dict[str, str]
) -> None:
    """428 that names it and says how to send it, the seed's members included; with it 202."""
    make_knob(system, reversibility)
    suggestion = offer(system, risk=risk)
    seen = operator.get(f"/suggestions/{suggestion.id}").json
    assert seen["requires_revision"] is True
    refused = operator.post(f"/execute/{suggestion.id}", headers=headers)
    assert (refused.status_code, refused.json["code"]) == (428, "revision_required")
    assert refused.json["revision"] == seen["revision"]
    assert refused.headers["ETag"] == f'"{seen["revision"]}"'
    assert str(seen["revision"]) in refused.json["message"]
    assert refused.json["success"] is False
    assert system.state.executions() == []
    assert operator.post(f"/execute/{suggestion.id}", json={"revision": seen["revision"]}).status_code == 202


@pytest.mark.parametrize(("risk", "reversibility"), RISKY)
def test_an_older_revision_is_stale(
    operator: Api, system: SmallSystem, risk: Risk, reversibility: Reversibility
) -> None:
    """412 in the body's form and in the header's."""
    make_knob(system, reversibility)
    suggestion = offer(system, risk=risk)
    for options in ({"json": {"revision": suggestion.revision + 1}}, {"headers": {"If-Match": '"99"'}}):
        answer = operator.post(f"/execute/{suggestion.id}", **options)
        assert (answer.status_code, answer.json["code"]) == (412, "stale")
    assert (
        operator.post(f"/execute/{suggestion.id}", headers={"If-Match": f'"{suggestion.revision}"'}).status_code == 202
    )


@pytest.mark.parametrize("risk", [Risk.LOW, Risk.MEDIUM])
def test_the_plain_call_goes_on_working(operator: Api, system: SmallSystem, risk: Risk) -> None:
    """What can be taken back and is not of high risk needs nothing: `POST execute/<id>` with no body."""
    make_knob(system, Reversibility.REVERSIBLE)
    suggestion = offer(system, risk=risk)
    assert operator.get(f"/suggestions/{suggestion.id}").json["requires_revision"] is False
    assert operator.post(f"/execute/{suggestion.id}").status_code == 202


def test_asking_again_needs_no_revision(operator: Api, system: SmallSystem) -> None:
    """Once it is claimed, the first execution is the answer, however it is asked."""
    add_plugin(system)
    suggestion = offer(system, risk=Risk.HIGH)
    first = operator.post(f"/execute/{suggestion.id}", json={"revision": suggestion.revision}).json
    again = operator.post(f"/execute/{suggestion.id}")
    assert (again.status_code, again.json["execution_id"], again.json["already"]) == (200, first["execution_id"], True)


def test_a_key_belongs_to_one_request(operator: Api, admin: Api, system: SmallSystem) -> None:
    """The same request leads to the same execution; another suggestion or revision under its key is 422."""
    add_plugin(system)
    add_plugin(system, "menu")
    one, other = offer(system), offer(system, "menu")
    key = {"Idempotency-Key": "k-1"}
    body = {"revision": one.revision}
    first = operator.post(f"/execute/{one.id}", headers=key, json=body).json["execution_id"]
    assert operator.post(f"/execute/{one.id}", headers=key, json=body).json["execution_id"] == first
    for path, changed in (
        (f"/execute/{other.id}", {}),
        (f"/execute/{one.id}", {"revision": 7}),
        (f"/execute/{one.id}", {}),
    ):
        refused = operator.post(path, headers=key, json=changed)
        assert (refused.status_code, refused.json["code"]) == (422, "key_reused")
        assert one.id in refused.json["detail"]
    assert admin.post(f"/execute/{other.id}", headers=key).status_code == 202, "somebody else's keys are their own"
    assert len(system.state.executions()) == 2


def test_a_policy_is_changed_by_who_has_read_it(admin: Api, system: SmallSystem) -> None:
    """Without If-Match 428, with an old one 412, both naming the present ETag; nothing is stored."""
    add_plugin(system)
    etag = admin.get("/policies/orders").headers["ETag"]
    refused = admin("PATCH", "/policies/orders", json={"max_workers": 8})
    assert (refused.status_code, refused.json["code"], refused.headers["ETag"]) == (428, "revision_required", etag)
    changed = admin("PATCH", "/policies/orders", json={"max_workers": 8}, headers={"If-Match": etag})
    assert changed.status_code == 200
    present = admin.get("/policies/orders").headers["ETag"]
    assert changed.headers["ETag"] == present != etag
    stale = admin("PATCH", "/policies/orders", json={"max_workers": 4}, headers={"If-Match": etag})
    assert (stale.status_code, stale.json["code"], stale.headers["ETag"]) == (412, "stale", present)
    assert system.state.policies() == {"orders": {"max_workers": 8}}
    assert admin("PATCH", "/policies/orders", json={"max_workers": 4}, headers={"If-Match": "*"}).status_code == 200


def test_a_plugins_policy_is_another_one_when_the_default_changes(admin: Api, system: SmallSystem) -> None:
    """What the administrator saw is not what stands there any more, although nobody touched the plugin's own fields."""
    add_plugin(system)
    etag = admin.get("/policies/orders").headers["ETag"]
    admin.change("/policies/default", json={"settle_seconds": 99})
    stale = admin("PATCH", "/policies/orders", json={"max_workers": 4}, headers={"If-Match": etag})
    assert stale.status_code == 412


def test_of_many_who_change_a_policy_at_once_nothing_is_lost(app: Flask, secrets: dict[str, str], admin: Api) -> None:
    """Each adds one to what they read, and reads again where somebody was faster: the sum is right."""
    each, clients = 5, 4
    assert admin.change("/policies/default", json={"max_workers": 10}).status_code == 200

    def add_ones(_: int) -> int:
        mine, done, tries = Api(app.test_client(), secrets["admin"]), 0, 0
        while done < each:
            read: Any = mine.get("/policies/default")
            wanted = {"max_workers": read.json["policy"]["max_workers"] + 1}
            answer = mine("PATCH", "/policies/default", json=wanted, headers={"If-Match": read.headers["ETag"]})
            assert answer.status_code in {200, 412}
            done, tries = done + (answer.status_code == 200), tries + 1
        return tries

    with ThreadPoolExecutor(clients) as pool:
        assert sum(pool.map(add_ones, range(clients))) >= each * clients
    assert admin.get("/policies/default").json["policy"]["max_workers"] == 10 + each * clients
