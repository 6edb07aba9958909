"""Policies of groups by the API: who belongs, what would change, who gave a value, and who may change it."""

from typing import Any

import pytest
from web.conftest import Api, make_app
from web.small_system import SmallSystem, small_system

from plugin_optimizer.domain import Plugin, PluginGroup, PluginStatus
from plugin_optimizer.web import token as tokens

SHOP: dict[str, Any] = {"labels": {"team": "shop"}}


@pytest.fixture
def fleet(system: SmallSystem) -> SmallSystem:
    """Four plugins: three of a shop, one of which has a word of its own."""
    for name, kind, labels in (
        ("cart", "gunicorn", {"team": "shop"}),
        ("mail", "celery", {"team": "shop"}),
        ("pay", "gunicorn", {"team": "shop"}),
        ("stock", "gunicorn", {}),
    ):
        system.state.save_plugin(Plugin(name, kind, {}, labels), PluginStatus.ACTIVE, 1.0)
    system.state.save_policy("pay", {"max_workers": 4}, "ann", 2.0)
    return system


def test_a_group_is_made_said_for_and_seen_everywhere(fleet: SmallSystem, admin: Api) -> None:
    """From its making to its members' pages: each value says that the group gave it."""
    made = admin("PUT", "/plugin-groups/shop", json=SHOP)
    assert (made.status_code, made.json["count"], list(made.json["members"])) == (201, 3, ["cart", "mail", "pay"])
    saved = admin.change("/policies/group:shop", json={"max_workers": 12, "error_ratio": 0.01}).json
    assert (saved["source"]["max_workers"], saved["source_group"]["max_workers"]) == ("group", "shop")
    assert saved["own"] == ["error_ratio", "max_workers"]
    cart, pay = (admin.get(f"/policies/{name}").json for name in ("cart", "pay"))
    assert (cart["policy"]["max_workers"], cart["origin"]["max_workers"], cart["groups"]) == (
        12,
        "group:shop",
        ["shop"],
    )
    assert (pay["policy"]["max_workers"], pay["source"]["max_workers"], pay["inherited"]["max_workers"]) == (
        4,
        "plugin",
        12,
    )
    assert (pay["source"]["error_ratio"], pay["source_group"]) == ("group", {"error_ratio": "shop"})
    assert admin.get("/plugins/cart").json["policy_origin"]["max_workers"] == "group:shop"
    assert list(admin.get("/policies").json["plugins"]) == ["pay"]
    assert fleet.policies().of("mail").max_workers == 12
    (listed,) = admin.get("/plugin-groups").json
    assert (listed["name"], listed["own"], listed["members"]) == ("shop", ["error_ratio", "max_workers"], None)


def test_consequences_name_whom_it_changes_and_who_keeps_a_nearer_value(fleet: SmallSystem, admin: Api) -> None:
    """At once, for a group and for all; nothing is saved."""
    admin("PUT", "/plugin-groups/shop", json=SHOP)
    told = admin.post("/policies/group:shop/consequences", json={"max_workers": 12}).json
    assert (told["changed"], [p["plugin_id"] for p in told["plugins"]]) == (2, ["cart", "mail"])
    assert told["plugins"][0]["fields"] == {"max_workers": {"before": 32, "after": 12}}
    assert told["keeping"] == [{"plugin_id": "pay", "origin": {"max_workers": "plugin"}}]
    assert fleet.state.policies() == {"pay": {"max_workers": 4}}
    admin.change("/policies/group:shop", json={"max_workers": 12})
    told = admin.post("/policies/default/consequences", json={"max_workers": 20}).json
    assert [p["plugin_id"] for p in told["plugins"]] == ["stock"]
    assert {p["plugin_id"]: p["origin"]["max_workers"] for p in told["keeping"]} == {
        "cart": "group:shop",
        "mail": "group:shop",
        "pay": "plugin",
    }
    told = admin.post("/plugin-groups/shop/consequences", json={"kinds": ["gunicorn"]}).json
    assert (told["joining"], told["leaving"], told["changed"]) == (["stock"], ["mail"], 2)


def test_a_group_is_changed_only_by_who_has_seen_it(fleet: SmallSystem, admin: Api) -> None:
    """428 without If-Match, 412 with an older one; a removed one takes its policy along."""
    first = admin("PUT", "/plugin-groups/shop", json=SHOP)
    admin.change("/policies/group:shop", json={"max_workers": 12})
    etag = {"If-Match": first.headers["ETag"]}
    wider = {"names": ["*"]}
    assert admin("PUT", "/plugin-groups/shop", json=wider).status_code == 428
    assert admin("PUT", "/plugin-groups/shop", json=wider, headers=etag).status_code == 200
    assert admin("PUT", "/plugin-groups/shop", json=SHOP, headers=etag).status_code == 412
    assert admin("DELETE", "/plugin-groups/shop", headers=etag).status_code == 412
    now = {"If-Match": admin.get("/plugin-groups/shop").headers["ETag"]}
    assert admin("DELETE", "/plugin-groups/shop", headers=now).json == {"name": "shop", "removed": True}
    assert fleet.state.policies() == {"pay": {"max_workers": 4}}
    assert admin.get("/policies/group:shop").status_code == 404
    assert admin("PUT", "/plugin-groups/shop", json=SHOP, headers=now).status_code == 412


def test_what_does_not_fit_names_the_group_or_the_plugin(fleet: SmallSystem, admin: Api) -> None:
    """A value out of range, a value that a member's own one contradicts, and a group without a condition."""
    admin("PUT", "/plugin-groups/shop", json=SHOP)
    for change, place in (
        ({"min_workers": 50}, ("min_workers", None, "shop")),
        ({"min_workers": 9}, ("min_workers", "pay", None)),
    ):
        (error,) = admin.change("/policies/group:shop", json=change).json["errors"]
        assert (error["field"], error["plugin_id"], error["group"]) == place
    for body in ({}, {"names": ["UPPER"]}, {"kinds": ["a"], "colour": "red"}):
        assert admin("PUT", "/plugin-groups/other", json=body).status_code == 400
    assert admin("PUT", "/plugin-groups/No", json=SHOP).status_code == 400
    assert [group.name for group in fleet.state.groups()] == ["shop"]


def test_a_contradiction_that_was_found_later_hinders_no_other_change(fleet: SmallSystem, admin: Api) -> None:
    """A new plugin is in two groups that contradict each other: other plugins' policies can still be changed."""
    admin("PUT", "/plugin-groups/low", json={"names": ["lo*"]})
    admin("PUT", "/plugin-groups/end", json={"names": ["*st"]})
    admin.change("/policies/group:low", json={"max_workers": 3})
    admin.change("/policies/group:end", json={"min_workers": 9, "shrink_floor": 9})
    fleet.state.save_plugin(Plugin("lost", "gunicorn"), PluginStatus.ACTIVE, 3.0)
    assert admin.get("/policies/lost").json["policy"]["min_workers"] == 3
    assert admin.change("/policies/stock", json={"max_workers": 7}).status_code == 200
    assert admin.change("/policies/stock", json={"min_workers": 8}).status_code == 400


def test_groups_of_the_file_are_shown_and_left_alone(tmp_path: Any) -> None:
    """Their policy may be changed here; who belongs to them is said in the file."""
    system = small_system(tmp_path, {"group:web": {"max_workers": 6}})
    object.__setattr__(system.config, "groups", (PluginGroup("web", kinds=("gunicorn",)),))
    system.state.save_plugin(Plugin("cart", "gunicorn"), PluginStatus.ACTIVE, 1.0)
    secret = tokens.mint()
    system.state.save_token("t", "admin", tokens.digest(secret), None, 1.0)
    admin = Api(make_app(system).test_client(), secret)
    assert [(g["name"], g["source"], g["count"]) for g in admin.get("/plugin-groups").json] == [("web", "file", 1)]
    refused = admin("PUT", "/plugin-groups/web", json=SHOP)
    assert (refused.status_code, refused.json["code"]) == (409, "group_in_file")
    seen = admin.get("/policies/cart").json
    assert (seen["source"]["max_workers"], seen["source_group"]["max_workers"]) == ("group_file", "web")
    changed = admin.change("/policies/group:web", json={"max_workers": 5}).json
    assert (changed["policy"]["max_workers"], changed["inherited"]["max_workers"]) == (5, 6)
    system.close()
