"""What was wrong, and what was done about it."""

import csv
import io
import time
from dataclasses import replace

from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, finding, finish, offer

from plugin_optimizer.domain import FindingKind, Metric, RecordedIncident, SettingChange, Severity


def was_wrong(system: SmallSystem, since: float, severity: Severity = Severity.WARNING) -> RecordedIncident:
    first = replace(finding(severity=severity), since=since)
    then = replace(first, kind=FindingKind.ERROR, metric=Metric.ERROR_RATIO, since=since + 30)
    turned = SettingChange("orders", "workers", 4, 2, since - 60)
    return system.state.keep_incident(RecordedIncident("", (first, then), (turned,), since + 120, since + 120))


def test_it_says_what_moved_first_what_was_turned_and_what_was_done(system: SmallSystem, viewer: Api) -> None:
    """Onset, end, cause, and the execution that was ordered meanwhile; not the one of an hour later."""
    add_plugin(system)
    incident = was_wrong(system, time.time() - 60)
    suggestion = offer(system)
    execution, _ = system.state.approve(suggestion.id, suggestion.revision, "kim", None, time.time())
    finish(system, execution.id)
    was_wrong(system, time.time() - 7200)
    answer = viewer.get("/incidents/past?lang=en")
    assert answer.headers["Total-Count"] == "2"
    found, earlier = answer.json
    assert found["id"] == incident.id
    assert found["duration_seconds"] == 120
    assert [part["after_seconds"] for part in found["parts"]] == [0, 30]
    assert [(c["knob"], c["before"], c["after"]) for c in found["changes"]] == [("workers", 4, 2)]
    assert [(e["id"], e["result"], e["approved_by"]) for e in found["executions"]] == [(execution.id, "success", "kim")]
    assert earlier["executions"] == []
    assert viewer.get(f"/incidents/past/{incident.id}?lang=en").json == found
    assert viewer.get("/incidents/past/in_x").status_code == 404


def test_it_is_searched_in_pages_and_sent_as_files(system: SmallSystem, viewer: Api) -> None:
    """By severity, plugin and time; the next page is linked; CSV and JSON hold all that fits."""
    now = time.time()
    for hours in (1, 2, 3):
        was_wrong(system, now - hours * 3600, Severity.CRITICAL if hours == 2 else Severity.INFO)
    page = viewer.get("/incidents/past?limit=2")
    assert len(page.json) == 2
    assert "after=" in page.headers["Link"]
    assert len(viewer.get("/incidents/past?severity=warning").json) == 1
    assert viewer.get("/incidents/past?plugin_id=menu").json == []
    assert len(viewer.get(f"/incidents/past?from={now - 5400}").json) == 1
    assert viewer.get("/incidents/past?severity=bad").status_code == 400
    rows = list(csv.DictReader(io.StringIO(viewer.get("/incidents/past.csv?lang=en").data.decode("utf-8-sig"))))
    assert [row["severity"] for row in rows] == ["info", "critical", "info"]
    assert rows[0]["changed_before"] == "orders workers: 4 → 2"
    assert [one["id"] for one in viewer.get("/incidents/past.json").json] == [row["id"] for row in rows]
