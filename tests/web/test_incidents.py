"""What is wrong now by its cause, and what was expected of a plugin's metrics."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, finding, record_cycle

from plugin_optimizer.domain import FindingKind, Metric, Sample, SettingChange, Severity


def jump(system: SmallSystem) -> float:
    """Give `orders` a day of a level load that jumped half an hour ago; return now."""
    now = time.time()
    add_plugin(system)
    rng = np.random.default_rng(1)
    at = now - 60.0 * np.arange(2160)
    load = 50 + rng.normal(0, 1, 2160) + np.where(at > now - 1800, 150, 0)
    metric = Metric.THROUGHPUT_PER_SECOND
    system.samples.write([Sample("orders", metric, float(t), float(v)) for t, v in zip(at, load, strict=True)][::-1])
    return now


def episodes_of(viewer: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = viewer.get("/plugins/orders/anomalies?lang=en").json["episodes"]
    return found


def test_an_incident_says_what_moved_first_and_what_was_changed_before(system: SmallSystem, viewer: Api) -> None:
    """Two findings of a minute apart are one incident; the setting that was turned before it stands beside."""
    add_plugin(system)
    later = finding(severity=Severity.WARNING)
    first = replace(later, kind=FindingKind.ERROR, metric=Metric.ERROR_RATIO, since=later.since - 50)
    system.state.record_setting_change(SettingChange("orders", "workers", 4, 2, first.since - 30))
    record_cycle(system, findings=(later, first))
    (incident,) = viewer.get("/incidents?lang=en").json
    assert incident["severity"] == "warning"
    assert [part["finding"]["kind"] for part in incident["parts"]] == ["error", "saturation"]
    assert incident["parts"][1]["after_seconds"] == 50
    assert incident["text"].startswith("orders: error rate")
    assert [change["kind"] for change in incident["changes"]] == ["setting"]


def test_where_nothing_is_wrong_there_is_no_incident(system: SmallSystem, viewer: Api) -> None:
    """No cycle yet, and one without findings."""
    assert viewer.get("/incidents").json == []
    record_cycle(system)
    assert viewer.get("/incidents").json == []


def test_a_jump_is_in_the_band_and_the_episodes(system: SmallSystem, viewer: Api) -> None:
    """A day of a level load, a jump half an hour ago: the band holds the level, the episode begins at the jump."""
    now = jump(system)
    found = viewer.get("/plugins/orders/anomalies?lang=en").json
    band = found["bands"]["throughput_per_second"]
    assert all(low < 50 < high for _, _, low, high in band[:-8])
    episode = next(e for e in found["episodes"] if e["metric"] == "throughput_per_second")
    begun = np.datetime64(episode["since"].rstrip("Z")[:19]).astype("datetime64[s]").astype(float)
    assert abs(begun - (now - 1800)) <= 600
    assert episode["value"] > episode["high"]


def test_an_episode_that_began_before_the_shown_time_is_in_it_while_it_lasts(system: SmallSystem, viewer: Api) -> None:
    """Asked for the last twenty minutes: the jump of half an hour ago; asked for what was before it: nothing."""
    now = jump(system)
    path = "/plugins/orders/anomalies?lang=en"
    lately = viewer.get(f"{path}&from={now - 1200}&to={now}").json["episodes"]
    assert [e["metric"] for e in lately if e["since"] < e["until"]][:1] == ["throughput_per_second"]
    assert all(e["since"] <= at_second(now) for e in lately)
    earlier = viewer.get(f"{path}&from={now - 9000}&to={now - 3600}").json["episodes"]
    assert [e for e in earlier if e["since"] > at_second(now - 3600)] == []


def at_second(at: float) -> str:
    return f"{np.datetime64(int(at), 's')}Z"


def test_an_unknown_plugin_has_no_anomalies(viewer: Api) -> None:
    """404, as everywhere."""
    assert viewer.get("/plugins/nobody/anomalies").status_code == 404


def test_what_is_unusual_now_can_be_called_no_problem(system: SmallSystem, viewer: Api, operator: Api) -> None:
    """The score is that of the finding; listed with who and when, taken back by another; twice said is once."""
    add_plugin(system)
    found = replace(finding(), kind=FindingKind.DEVIATION, metric=Metric.CPU_RATIO, score=0.75)
    record_cycle(system, findings=(found,))
    path, body = (
        "/plugins/orders/anomalies/no-problem",
        {"metric": "cpu_ratio", "kind": "deviation", "reason": "a sale"},
    )
    assert viewer.post(path, json=body).status_code == 403
    said = operator.post(path, json=body).json
    assert (said["score"], said["raises"], said["reason"]) == (2.0, 2.5, "a sale")
    assert operator.post(path, json=body).json["id"] == said["id"]
    (listed,) = viewer.get("/anomaly-feedback?plugin_id=orders").json
    assert listed["by"] == said["by"] != ""
    assert viewer.get("/anomaly-feedback?plugin_id=menu").json == []
    undone = operator.post(f"/anomaly-feedback/{said['id']}/undo").json
    assert undone["undone_by"] == said["by"]
    assert operator.post("/anomaly-feedback/fb_x/undo").status_code == 404


def test_nothing_is_learnt_of_what_never_was(system: SmallSystem, operator: Api) -> None:
    """404 names what there is to look at; an unknown kind or field is refused."""
    add_plugin(system)
    path = "/plugins/orders/anomalies/no-problem"
    refused = operator.post(path, json={"metric": "cpu_ratio", "kind": "deviation"})
    assert refused.status_code == 404
    assert "no deviation of cpu_ratio" in refused.json["detail"]
    assert operator.post(path, json={"metric": "cpu_ratio", "kind": "threshold"}).status_code == 400


def test_a_past_episode_carries_the_word_said_of_it(system: SmallSystem, viewer: Api, operator: Api) -> None:
    """Found by its onset, and shown with who said it was no problem."""
    jump(system)
    episode = next(e for e in episodes_of(viewer) if e["metric"] == "throughput_per_second")
    assert episode["feedback"] is None
    asked = {"metric": episode["metric"], "kind": episode["kind"], "since": episode["since"]}
    said = operator.post("/plugins/orders/anomalies/no-problem", json=asked).json
    assert said["score"] == episode["score"]
    again = next(e for e in episodes_of(viewer) if e["metric"] == "throughput_per_second")
    assert again["feedback"]["id"] == said["id"]
