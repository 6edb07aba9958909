"""What forms are made of: the schema, where each value comes from, and refusals that name their field."""

from pathlib import Path

import pytest
from web.conftest import Api, make_app
from web.small_system import SmallSystem, add_plugin, small_system

from plugin_optimizer.domain import POLICY_FIELDS, Mode, Policy
from plugin_optimizer.web import token as tokens


def test_the_schema_says_all_a_form_needs(viewer: Api) -> None:
    """Bounds as they are checked, groups in one piece, help in both languages, words for each mode."""
    korean, english = (viewer.get(f"/policies?lang={lang}").json["schema"] for lang in ("ko", "en"))
    assert [field["name"] for field in korean] == list(POLICY_FIELDS)
    for ko, en in zip(korean, english, strict=True):
        rule = POLICY_FIELDS[ko["name"]]
        assert (ko["minimum"], ko["maximum"], ko["above"]) == (rule.minimum, rule.maximum, rule.above)
        assert all(ko[key] and en[key] and ko[key] != en[key] for key in ("text", "help", "group_text"))
    groups = [field["group"] for field in korean]
    assert groups == sorted(groups, key=groups.index), "a group that is torn apart cannot be a fieldset"
    by_name = {field["name"]: field for field in english}
    assert [option["value"] for option in by_name["mode"]["options"]] == list(Mode)
    assert all(option["text"] and option["help"] for option in by_name["mode"]["options"])
    assert [f["name"] for f in english if f["nullable"]] == [
        "memory_limit_bytes",
        "max_connections",
        "connections_per_worker",
    ]
    assert (by_name["max_connections"]["type"], by_name["windows"]["type"]) == ("integer", "texts")


@pytest.fixture
def layered(tmp_path: Path) -> SmallSystem:
    """A value from each place there is."""
    configured = {"": {"cpu_ratio": 0.6, "settle_seconds": 30.0}, "orders": {"max_workers": 8}}
    system = small_system(tmp_path, configured)
    add_plugin(system)
    system.state.save_policy("", {"settle_seconds": 20.0}, "ann", 1.0)
    system.state.save_policy("orders", {"error_ratio": 0.01, "max_workers": 6}, "ann", 2.0)
    return system


def test_each_value_says_who_gave_it_and_what_it_returns_to(layered: SmallSystem) -> None:
    """Built in, file or dashboard; of all or of the plugin; beneath lies what null would bring back."""
    secret = tokens.mint()
    layered.state.save_token("t", "admin", tokens.digest(secret), None, 1.0)
    admin = Api(make_app(layered).test_client(), secret)
    seen = admin.get("/policies/orders").json
    wanted = {
        "mode": "built_in",
        "cpu_ratio": "file",
        "settle_seconds": "default",
        "max_workers": "plugin",
        "error_ratio": "plugin",
    }
    assert {name: seen["source"][name] for name in wanted} == wanted
    assert seen["own"] == ["error_ratio", "max_workers"]
    assert (seen["inherited"]["max_workers"], seen["inherited"]["error_ratio"]) == (8, Policy().error_ratio)
    back = admin.change("/policies/orders", json={"max_workers": None}).json
    assert (back["policy"]["max_workers"], back["source"]["max_workers"], back["own"]) == (
        8,
        "plugin_file",
        ["error_ratio"],
    )
    everyone = admin.get("/policies/default").json
    assert everyone["source"]["settle_seconds"] == "default"
    assert (everyone["policy"]["settle_seconds"], everyone["inherited"]["settle_seconds"]) == (20.0, 30.0)
    layered.close()


@pytest.mark.parametrize(
    ("body", "field", "code", "words"),
    [
        ({"cpu_ratio": 2}, "cpu_ratio", "policy_above", ("0보다 크고 1 이하", "more than 0 and at most 1")),
        ({"max_workers": 0}, "max_workers", "policy_range", ("1 이상 10000 이하", "1 to 10000")),
        ({"min_workers": 50}, "min_workers", "policy_above_max_workers", ("최대 워커 수 32", "the most workers, 32")),
        ({"windows": ["at night"]}, "windows", "policy_no_window", ("at night", "at night")),
    ],
)
def test_a_refusal_names_the_field_in_the_readers_language(
    admin: Api, system: SmallSystem, body: dict[str, object], field: str, code: str, words: tuple[str, str]
) -> None:
    """A form shows it where it was typed."""
    for lang, said in zip(("ko", "en"), words, strict=True):
        answer = admin("PATCH", f"/policies/default?lang={lang}", json=body, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json["code"]) == (400, "invalid_setting")
        (error,) = answer.json["errors"]
        assert (error["field"], error["code"], error["plugin_id"]) == (field, code, None)
        assert said in error["text"]
    assert system.state.policies() == {}


def test_a_default_that_breaks_a_plugin_names_that_plugin(admin: Api, system: SmallSystem) -> None:
    """What fits for all may not fit the one that has a value of its own."""
    add_plugin(system)
    admin.change("/policies/orders", json={"min_workers": 9})
    answer = admin.change("/policies/default", json={"max_workers": 5})
    assert answer.status_code == 400
    assert [(e["field"], e["plugin_id"]) for e in answer.json["errors"]] == [("min_workers", "orders")]


def test_a_value_of_another_kind_names_its_field(admin: Api) -> None:
    """Also where it could not even be read."""
    answer = admin.change("/policies/default", json={"cpu_ratio": "high"})
    assert [error["field"] for error in answer.json["errors"]] == ["cpu_ratio"]
