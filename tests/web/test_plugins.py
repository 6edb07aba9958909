"""The plugins as the API shows them."""

import time

import pytest
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, finding, finish, offer, record_cycle

from plugin_optimizer.domain import ErrorGroup, Metric, PluginStatus, Sample, SettingChange, Severity


def test_the_seeds_figures_in_human_units(system: SmallSystem, viewer: Api) -> None:
    """CPU and memory in %, errors in %, response time in ms; SI beside them; what was not measured is null."""
    add_plugin(system)
    (plugin,) = viewer.get("/plugins").json
    assert (plugin["cpu_usage"], plugin["memory_usage"], plugin["error_rate"], plugin["response_time"]) == (
        25,
        50,
        0,
        800,
    )
    assert plugin["metrics"]["response_time_p95_seconds"] == pytest.approx(2.3)
    assert plugin["metrics"]["cache_hit_ratio"] is None
    assert (plugin["health"], plugin["stale"], plugin["status"]) == ("ok", False, "active")
    assert len(plugin["sparkline"]) <= 60
    assert plugin["sparkline"][-1] == pytest.approx(2.3) or plugin["sparkline"][-2] == pytest.approx(2.3)


def test_stale_data_is_never_ok(system: SmallSystem, viewer: Api) -> None:
    """Old figures are not shown as present ones: null, stale, health unknown."""
    add_plugin(system, age_seconds=300)
    (plugin,) = viewer.get("/plugins").json
    assert (plugin["stale"], plugin["health"], plugin["cpu_usage"]) == (True, "unknown", None)
    assert plugin["measured_at"] is not None
    assert viewer.get("/health").json["stale_plugins"] == ["orders"]


@pytest.mark.parametrize(
    ("status", "severity", "health"),
    [
        (PluginStatus.ACTIVE, Severity.CRITICAL, "critical"),
        (PluginStatus.ACTIVE, Severity.WARNING, "warning"),
        (PluginStatus.ACTIVE, Severity.INFO, "ok"),
        (PluginStatus.INACTIVE, Severity.INFO, "inactive"),
        (PluginStatus.UNKNOWN, Severity.INFO, "unknown"),
    ],
)
def test_health_is_the_worst_that_is_known(
    system: SmallSystem, viewer: Api, status: PluginStatus, severity: Severity, health: str
) -> None:
    """By status first, then by the findings of the last turn."""
    add_plugin(system, status=status)
    record_cycle(system, findings=(finding(severity=severity),))
    (plugin,) = viewer.get("/plugins?lang=en").json
    assert plugin["health"] == health
    assert "queue wait is 1.2 s" in plugin["findings"][0]["text"]


def test_a_silent_plugin_says_why(system: SmallSystem, viewer: Api) -> None:
    """The silences of the last turn stand at their plugin, with code and text."""
    add_plugin(system)
    record_cycle(system)
    (silence,) = viewer.get("/plugins").json[0]["silences"]
    assert (silence["planner"], silence["code"]) == ("cache", "no_cache")
    assert silence["text"]


def test_the_single_plugin_shows_what_can_be_turned(system: SmallSystem, viewer: Api) -> None:
    """Knobs, policy with origins, setting changes, error groups with a fingerprint JSON can keep."""
    add_plugin(system)
    system.state.save_policy("orders", {"cpu_ratio": 0.5}, "test", 1.0)
    system.state.record_setting_change(SettingChange("orders", "timeout", 30, 60, time.time()))
    system.known_errors["orders"] = (ErrorGroup(-1, "ValueError", "bad price", ("price:12",), 1.0, 2.0),)
    plugin = viewer.get("/plugins/orders").json
    assert plugin["knobs"][0] | {} == {
        "name": "workers", "value": 2, "minimum": 1, "maximum": 32, "choices": [], "unit": "workers", "kind": "workers",
        "disruption": "live", "reversibility": "reversible", "persistent": True,
        "suggested": None, "suggestion_id": None, "turned": None,
    }  # fmt: skip
    assert plugin["policy"]["cpu_ratio"] == 0.5
    assert (plugin["policy_origin"]["cpu_ratio"], plugin["policy_origin"]["mode"]) == ("plugin", "default")
    assert plugin["setting_changes"][0]["after"] == 60
    assert plugin["errors"][0]["fingerprint"] == "f" * 16


def test_only_what_no_longer_runs_is_forgotten(system: SmallSystem, admin: Api) -> None:
    """DELETE is 409 for an active plugin, and removes an inactive one."""
    add_plugin(system)
    add_plugin(system, "old", PluginStatus.INACTIVE)
    assert admin("DELETE", "/plugins/orders").status_code == 409
    assert admin("DELETE", "/plugins/old").status_code == 200
    assert [p["plugin_id"] for p in admin.get("/plugins").json] == ["orders"]


def test_the_course_of_metrics_with_marks(system: SmallSystem, operator: Api) -> None:
    """Series as [time, value] pairs; executions, changes from outside and restarts are marked."""
    add_plugin(system)
    system.samples.write([Sample("orders", Metric.RESTARTS, time.time() - 30, 1.0)])
    system.state.record_setting_change(SettingChange("orders", "timeout", 30, 60, time.time() - 20))
    finish(system, operator.post(f"/execute/{offer(system).id}").json["execution_id"])
    course = operator.get("/plugins/orders/metrics?metric=cpu_ratio&metric=workers").json
    assert course["series"].keys() == {"cpu_ratio", "workers"}
    at, value = course["series"]["workers"][-1]
    assert at.endswith("Z")
    assert value == 2
    assert {m["kind"] for m in course["marks"]} == {"restart", "setting", "execution"}
    assert course["marks"] == sorted(course["marks"], key=lambda mark: mark["at"])


def test_plugins_come_in_pages(system: SmallSystem, viewer: Api) -> None:
    """By name, with a Link to the rest."""
    for name in ("a", "b", "c"):
        add_plugin(system, name)
    page = viewer.get("/plugins?limit=2")
    assert [p["plugin_id"] for p in page.json] == ["a", "b"]
    assert "after=b" in page.headers["Link"]
    assert [p["plugin_id"] for p in viewer.get("/plugins?limit=2&after=b").json] == ["c"]


def test_policies_are_changed_field_by_field(system: SmallSystem, admin: Api) -> None:
    """PATCH stores what is given; null takes a field back to its default; the schema names and describes each field."""
    add_plugin(system)
    changed = admin.change("/policies/orders", json={"mode": "automatic", "max_workers": 8}).json
    assert (changed["policy"]["mode"], changed["origin"]["max_workers"]) == ("automatic", "plugin")
    assert admin.change("/policies/orders", json={"mode": None}).json["policy"]["mode"] == "approve"
    assert system.state.policies() == {"orders": {"max_workers": 8}}
    listed = admin.get("/policies?lang=en").json
    assert listed["plugins"]["orders"]["max_workers"] == 8
    fields = {f["name"]: f for f in listed["schema"]}
    assert fields["mode"]["choices"] == ["observe", "advise", "dry_run", "approve", "automatic"]
    assert fields["cpu_ratio"]["text"] == "CPU usage threshold"
    assert fields.keys() == listed["default"].keys()
