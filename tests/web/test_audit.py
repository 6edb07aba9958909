"""The audit over the API: read, filtered, exported, checked; and an engine that does not trust it."""

import csv
import io
import shutil
import time
from pathlib import Path
from typing import Any

from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, offer, record_cycle

from plugin_optimizer.knowledge.audit_watch import AuditWatch


def filled(system: SmallSystem) -> None:
    for number in range(3):
        system.state.save_policy("orders", {"max_workers": number + 1}, "ann", 1_000.0 + number)
    system.state.save_policy("menu", {}, "=cmd|' /C calc'!A0", 1_004.0)


def test_it_is_filtered_and_read_in_pages(admin: Api, system: SmallSystem) -> None:
    """By actor, subject, and an action or its first word; newest first."""
    filled(system)
    found = admin.get("/audit?actor=ann&limit=2").json
    assert [entry["detail"]["overrides"]["max_workers"] for entry in found] == [3, 2]
    rest = admin.get(f"/audit?actor=ann&limit=2&before={found[-1]['number']}").json
    assert [entry["detail"]["overrides"]["max_workers"] for entry in rest] == [1]
    assert {e["subject"] for e in admin.get("/audit?action=policy").json} == {"orders", "menu"}
    assert len(admin.get("/audit?action=policy.saved&subject=menu").json) == 1
    assert admin.get("/audit?action=policy%25").json == admin.get("/audit?action=pol").json == []


def test_it_is_exported_whole_and_without_formulas(admin: Api, system: SmallSystem) -> None:
    """As CSV for spreadsheets, as JSON for programs; filters hold; both are files."""
    filled(system)
    answer = admin.get("/audit.csv?action=policy")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row[2] for row in rows[1:]] == ["'=cmd|' /C calc'!A0", "ann", "ann", "ann"]
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert "attachment" in answer.headers["Content-Disposition"]
    whole = admin.get("/audit.json").json
    assert [entry["number"] for entry in whole] == list(range(len(whole), 0, -1))
    assert whole == admin.get("/audit?limit=500").json


def test_it_is_checked(admin: Api, system: SmallSystem) -> None:
    """All fits: entries, head and last anchor; none of it is trouble."""
    filled(system)
    assert admin.get("/audit/verification").json["last_anchor"] is None
    AuditWatch(system.state, system.config.state_dir).anchor(time.time())
    found = admin.get("/audit/verification").json
    assert (found["ok"], found["read_only"], found["trouble"], found["anchors"]) == (True, False, None, 1)
    assert (
        found["entries"] == found["head"]["number"] == found["last_anchor"]["number"] == len(admin.get("/audit").json)
    )
    assert found["head"]["digest"] == found["last_anchor"]["digest"] == admin.get("/audit").json[0]["digest"]


def restored(system: SmallSystem, directory: Path) -> None:
    """Anchor what is there, then put an older database in its place."""
    system.state.close()
    shutil.copy(directory / "state.db", directory / "backup")
    filled(system)
    AuditWatch(system.state, directory).anchor(time.time())
    system.state.close()
    shutil.copy(directory / "backup", directory / "state.db")


def test_on_a_restored_database_nothing_is_approved(
    admin: Api, operator: Api, viewer: Api, system: SmallSystem, tmp_path: Path
) -> None:
    """409 read_only in words, the list and health say so, the doctor says what to do; reading goes on."""
    add_plugin(system)
    record_cycle(system)
    suggestion = offer(system)
    assert operator.get(f"/suggestions/{suggestion.id}").json["executable"] is True
    restored(system, tmp_path)
    refused = operator.post(f"/execute/{suggestion.id}?lang=en")
    assert (refused.status_code, refused.json["code"]) == (409, "read_only")
    assert "read-only" in refused.json["detail"]
    assert system.state.executions() == []
    assert operator.get(f"/suggestions/{suggestion.id}").json["executable"] is False
    assert viewer.get("/health").json["status"] == "degraded"
    checks = {check["code"]: check for check in viewer.get("/health?lang=en").json["checks"]}
    assert "audit accept" in checks["audit_behind"]["help"]
    assert "audit_behind" in viewer.get("/doctor").get_data(as_text=True)
    found = admin.get("/audit/verification?lang=ko").json
    assert (found["ok"], found["read_only"], found["trouble"]["code"]) == (False, True, "audit_behind")
    assert "읽기 전용" in found["trouble"]["text"]


def test_one_entry_for_each_change_over_the_api(admin: Api, operator: Api, system: SmallSystem) -> None:
    """Whatever is changed leaves exactly one entry with its actor; what is refused or only read leaves none."""
    add_plugin(system)
    suggestion = offer(system)

    def entries_of(deed: Any) -> list[str]:
        before = system.state.audit_standing(0).number
        deed()
        return [e.action for e in reversed(system.state.audit()) if e.number > before]

    path = f"/suggestions/{suggestion.id}"
    for deed, left in (
        (lambda: operator.post(f"{path}/dismiss", json={"reason": "later"}), ["suggestion.dismissed"]),
        (lambda: operator.post(f"{path}/dismiss", json={"reason": "later"}), []),
        (lambda: operator.post(f"{path}/undo-dismiss"), ["suggestion.open"]),
        (lambda: operator.post(f"/execute/{suggestion.id}", json={"revision": 99}), []),
        (lambda: operator.post(f"/execute/{suggestion.id}"), ["suggestion.claimed", "execution.queued"]),
        (lambda: operator.post(f"/execute/{suggestion.id}"), []),
        (lambda: admin.change("/policies/orders", json={"max_workers": 9}), ["policy.saved"]),
        (lambda: admin("PATCH", "/policies/orders", json={"max_workers": 8}), []),
        (lambda: admin.change("/policies/orders", json={"max_workers": 0}), []),
        (lambda: admin.post("/tokens", json={"name": "ci"}), ["token.saved"]),
        (lambda: admin("DELETE", "/tokens/ci"), ["token.revoked"]),
        (lambda: operator.post("/emergency-stop", json={"reason": "fire"}), ["emergency_stop.set"]),
        (lambda: operator.get("/suggestions"), []),
    ):
        assert entries_of(deed) == left
    assert system.state.verify_audit() == system.state.audit_standing(0).number
