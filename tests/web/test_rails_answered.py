"""Every rail is answered when it is approved: the person learns at once what is in the way, and nobody gets around it."""

import time
from typing import Any

import pytest
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, finish, offer, proposal

from plugin_optimizer.domain import Change, Knob, Plugin, PluginStatus, Pool
from plugin_optimizer.wording import known_codes

FROZEN = {"freezes": ["2020-01-01T00:00/2100-01-01T00:00 UTC"]}
CLOSED = {"windows": ["Mon 00:00-00:01 UTC", "Thu 00:00-00:01 UTC"]}


def offered(system: SmallSystem, before: Any, after: Any, plugin_id: str = "orders") -> str:
    goal = proposal().change.goal  # type: ignore[union-attr]
    return offer(system, plugin_id, change=Change(plugin_id, "workers", before, after, goal)).id


def answered(api: Api, suggestion_id: str, **options: Any) -> tuple[int, str]:
    """Execute, and have the same said in the list beforehand; nothing may have been queued."""
    listed = api.get(f"/suggestions/{suggestion_id}").json
    answer = api.post(f"/execute/{suggestion_id}", **options)
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"]
    assert answer.json["code"] in known_codes()
    korean = api.post(f"/execute/{suggestion_id}", headers={"Accept-Language": "ko"}, **options)
    assert any("가" <= c <= "힣" for c in korean.json["detail"])
    assert listed["executable"] is False
    return answer.status_code, answer.json["code"]


@pytest.mark.parametrize(
    ("before", "after", "knob", "pool", "code"),
    [
        (2, 10, Knob("workers", 2, 1, 64, kind="workers"), Pool("sync", 2, cores=2.0), "rail_cores"),
        (2, 0, Knob("workers", 2, None, None, kind="workers"), Pool("sync", 2, cores=2.0), "rail_zero"),
        (2, 65, Knob("workers", 2, 1, 64, kind="workers"), Pool("gthread", 2, cores=2.0), "out_of_bounds"),
        (2, 33, Knob("workers", 2, 1, 64, kind="workers"), Pool("gthread", 2, cores=2.0), "out_of_bounds"),
        (100, 105, Knob("workers", 100, 1, 640), None, "rail_dead_band"),
    ],
)
def test_a_value_beyond_the_rails_is_refused_at_the_click(
    admin: Api, system: SmallSystem, before: int, after: int, knob: Knob, pool: Pool | None, code: str
) -> None:
    """Cores, zero, bounds of knob and policy, too small a change: for administrators, too."""
    add_plugin(system)
    system.known_knobs["orders"] = (knob,)
    if pool is not None:
        system.known_pools["orders"] = pool
    assert answered(admin, offered(system, before, after)) == (409, code)
    assert system.state.executions() == []


@pytest.mark.parametrize(("policy", "code"), [(FROZEN, "rail_freeze"), (CLOSED, "rail_window")])
def test_the_calendar_is_answered_at_the_click(
    admin: Api, system: SmallSystem, policy: dict[str, list[str]], code: str
) -> None:
    """Also for administrators."""
    add_plugin(system)
    if time.gmtime().tm_wday in {0, 3} and time.gmtime()[3:5] == (0, 0) and code == "rail_window":
        policy = {"windows": ["Sun 00:00-00:01 UTC"]}
    system.state.save_policy("orders", policy, "test", time.time())
    assert answered(admin, offered(system, 2, 4)) == (409, code)


def test_a_neighbour_and_a_rest_are_answered_at_the_click(admin: Api, system: SmallSystem) -> None:
    """While another of the group is being changed, and just after a change of its own."""
    for name in ("orders", "stock"):
        add_plugin(system, name)
        labelled = Plugin(name, "gunicorn", {"name": name}, {"group": "shop"})
        system.state.save_plugin(labelled, PluginStatus.ACTIVE, time.time())
    first = admin.post(f"/execute/{offered(system, 2, 3, 'stock')}").json["execution_id"]
    waiting = offered(system, 2, 3)
    assert answered(admin, waiting) == (409, "rail_neighbour")
    finish(system, first)
    assert admin.post(f"/execute/{waiting}").status_code == 202
    (running,) = system.state.executions(open_only=True)
    finish(system, running.id)
    system.known_knobs["orders"] = (Knob("workers", 3, 1, 32, kind="workers"),)
    assert answered(admin, offered(system, 3, 4)) == (409, "rail_cooldown")


@pytest.mark.parametrize("extra", ["force", "override", "bypass", "ignore_rails", "dry", "admin"])
def test_no_parameter_gets_around_a_rail(admin: Api, system: SmallSystem, extra: str) -> None:
    """In the body it is an unknown field; in the address and in a header nobody reads it."""
    add_plugin(system)
    system.state.save_policy("orders", FROZEN, "test", time.time())
    suggestion_id = offered(system, 2, 3)
    assert admin.post(f"/execute/{suggestion_id}", json={extra: True}).status_code in {400, 409}
    assert admin.post(f"/execute/{suggestion_id}?{extra}=true").status_code in {400, 409}
    assert admin.post(f"/execute/{suggestion_id}", headers={f"X-{extra}": "true"}).status_code == 409
    assert system.state.executions() == []
