"""What is wrong now by its cause, and what was expected of a plugin's metrics."""

import time
from dataclasses import replace

import numpy as np
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, finding, record_cycle

from plugin_optimizer.domain import FindingKind, Metric, Sample, SettingChange, Severity


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
    now = time.time()
    add_plugin(system)
    rng = np.random.default_rng(1)
    at = now - 60.0 * np.arange(2160)
    load = 50 + rng.normal(0, 1, 2160) + np.where(at > now - 1800, 150, 0)
    system.samples.write(
        [Sample("orders", Metric.THROUGHPUT_PER_SECOND, float(t), float(v)) for t, v in zip(at, load, strict=True)][
            ::-1
        ]
    )
    found = viewer.get("/plugins/orders/anomalies?lang=en").json
    band = found["bands"]["throughput_per_second"]
    assert all(low < 50 < high for _, _, low, high in band[:-8])
    episode = next(e for e in found["episodes"] if e["metric"] == "throughput_per_second")
    begun = np.datetime64(episode["since"].rstrip("Z")[:19]).astype("datetime64[s]").astype(float)
    assert abs(begun - (now - 1800)) <= 600
    assert episode["value"] > episode["high"]


def test_an_unknown_plugin_has_no_anomalies(viewer: Api) -> None:
    """404, as everywhere."""
    assert viewer.get("/plugins/nobody/anomalies").status_code == 404
