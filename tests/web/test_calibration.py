"""What the API says of predictions and their outcomes."""

import pytest
from web.conftest import Api
from web.ended import lived
from web.small_system import SmallSystem, add_plugin

HELD, MISSED = 0.31, 0.6


def test_nothing_predicted_is_nothing_told(viewer: Api) -> None:
    """An empty ledger: no kinds, no entries."""
    assert viewer.get("/calibration").json == {"kinds": [], "entries": []}


def test_a_prediction_stands_beside_its_outcome(system: SmallSystem, viewer: Api) -> None:
    """The figures of both, whether it held, and where to read on."""
    add_plugin(system)
    execution_id = lived(system, MISSED)
    (entry,) = viewer.get("/calibration").json["entries"]
    figures = {name: entry[name] for name in ("expected", "low", "high", "model_low", "model_high", "observed")}
    assert figures == {
        "expected": 0.31, "low": 0.26, "high": 0.38, "model_low": 0.26, "model_high": 0.38, "observed": MISSED
    }  # fmt: skip
    assert (entry["execution_id"], entry["held"], entry["not_compared"]) == (execution_id, False, None)
    assert viewer.client.get(entry["links"]["execution"], headers=viewer.headers).status_code == 200


def test_each_kind_has_its_rate_its_bias_and_what_follows(system: SmallSystem, viewer: Api) -> None:
    """Two of three held: the rate within its interval, the median bias, the widening and what it costs in confidence."""
    add_plugin(system)
    for observed in (HELD, MISSED, HELD):
        lived(system, observed)
    (kind,) = viewer.get("/calibration").json["kinds"]
    assert (kind["suggestion_type"], kind["metric"], kind["model"]) == (
        "increase_workers", "response_time_p95_seconds", "replay"
    )  # fmt: skip
    assert (kind["predictions"], kind["held"], kind["held_by_model"]) == (3, 2, 2)
    assert kind["rate"] == pytest.approx(2 / 3)
    assert kind["low"] < kind["rate"] < kind["high"]
    assert kind["bias_ratio"] == pytest.approx(1)
    assert kind["bias_points"] is None
    assert kind["widening"] > 1 > kind["confidence_factor"]
    assert kind["plugin_id"] is None


def test_what_is_not_fair_to_compare_is_listed_with_its_reason(system: SmallSystem, viewer: Api) -> None:
    """It counts neither way, and says why in the asked language."""
    add_plugin(system)
    lived(system, MISSED, method="guard")
    answer = viewer.get("/calibration?lang=ko").json
    (entry,), (kind,) = answer["entries"], answer["kinds"]
    assert entry["held"] is None
    assert entry["not_compared"]["code"] == "ledger_guard"
    assert "안전장치" in entry["not_compared"]["text"]
    assert (kind["predictions"], kind["not_compared"], kind["rate"], kind["widening"]) == (0, 1, None, 1.0)


def test_entries_come_in_pages(system: SmallSystem, viewer: Api) -> None:
    """The Link header leads on until there is no more; from ten comparisons on a plugin's own record is listed, too."""
    add_plugin(system)
    ids = [lived(system, HELD) for _ in range(10)]
    seen, path = [], "/calibration?limit=4"
    while path:
        answer = viewer.get(path)
        seen += [entry["execution_id"] for entry in answer.json["entries"]]
        assert [kind["plugin_id"] for kind in answer.json["kinds"]] == [None, "orders"]
        link = answer.headers.get("Link", "")
        path = "/calibration?" + link.partition("?")[2].partition(">")[0] if link else ""
    assert sorted(seen) == sorted(ids)
    assert len(seen) == 10
    assert viewer.get("/calibration?after=ex_nonsense").status_code == 400
    assert viewer.get("/calibration?limit=0").status_code == 400


def test_it_can_be_asked_for_one_plugin_or_one_type(system: SmallSystem, viewer: Api) -> None:
    """With a plugin its own record, however short; an unknown type is refused."""
    for plugin_id, observed in (("orders", HELD), ("menu", MISSED)):
        add_plugin(system, plugin_id)
        lived(system, observed, plugin_id)
    answer = viewer.get("/calibration?plugin_id=menu").json
    assert [entry["plugin_id"] for entry in answer["entries"]] == ["menu"]
    assert [(kind["plugin_id"], kind["held"]) for kind in answer["kinds"]] == [("menu", 0)]
    assert len(viewer.get("/calibration?suggestion_type=increase_workers").json["entries"]) == 2
    assert viewer.get("/calibration?suggestion_type=adjust_cache").json["entries"] == []
    assert viewer.get("/calibration?suggestion_type=nonsense").status_code == 400
