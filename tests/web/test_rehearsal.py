"""The dry run: what a real execution would find and do, and no trace of the look."""

import fcntl
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, offer

from plugin_optimizer.domain import Disruption, Knob, Pool, Reversibility, Risk, Unobservable
from plugin_optimizer.execute.fences import FenceFiles, Mark
from plugin_optimizer.execute.orders import Fence
from plugin_optimizer.execute.rails import FOR_EVERYBODY, RAILS
from plugin_optimizer.knowledge.emergency_stop import EmergencyStop

WORKERS = Knob("workers", 2, 1, 32, unit="workers", kind="workers")
ASKED = {
    "suggestion",
    "audit",
    "stop",
    "mode",
    "alone",
    "readable",
    "value",
    "fence",
    *(r.__name__ for r in FOR_EVERYBODY),
}


def dry_run(api: Api, suggestion_id: str, **body: object) -> dict[str, object]:
    answer = api.post(f"/execute/{suggestion_id}/dry-run", json=body)
    assert answer.status_code == 200, answer.json
    found: dict[str, object] = answer.json
    return found


def refusals(found: dict[str, object]) -> dict[str, str]:
    return {check["code"]: check["why"]["code"] for check in found["checks"] if not check["ok"]}  # type: ignore[attr-defined]


def everything(directory: Path) -> list[tuple[str, float]]:
    return sorted(
        (str(path), path.stat().st_mtime) for path in directory.rglob("*") if not path.name.endswith(("-wal", "-shm"))
    )


def test_what_could_be_executed_passes_every_check_and_leaves_no_trace(
    system: SmallSystem, operator: Api, tmp_path: Path
) -> None:
    """All that a real execution asks, in words, with what it would do; no write, no file, no execution, no audit line."""
    add_plugin(system)
    suggestion = offer(system)
    operator.get("/suggestions")
    version, files = system.state.version(), everything(tmp_path)  # type: ignore[attr-defined]
    found = dry_run(operator, suggestion.id)
    assert found["would_execute"] is True
    assert {check["code"] for check in found["checks"]} == ASKED  # type: ignore[attr-defined]
    said = " ".join(step["text"] for step in found["course"])  # type: ignore[attr-defined]
    assert "orders" in said
    assert [step["code"] for step in found["course"]][:3] == ["rehearsal_turn", "rehearsal_live", "rehearsal_settle"]  # type: ignore[attr-defined]
    assert system.state.version() == version  # type: ignore[attr-defined]
    assert everything(tmp_path) == files
    assert system.state.executions() == []
    assert operator.post(f"/execute/{suggestion.id}").status_code == 202


def test_it_is_the_value_of_this_moment_that_counts(system: SmallSystem, operator: Api) -> None:
    """What a list remembered a second ago does not hide that the knob has moved, is gone, or takes less."""
    add_plugin(system)
    suggestion = offer(system)
    operator.get("/suggestions")
    for knobs, code in (
        ((replace(WORKERS, value=3),), "value_moved"),
        ((replace(WORKERS, name="threads"),), "knob_missing"),
        ((replace(WORKERS, maximum=3),), "out_of_bounds"),
    ):
        system.known_knobs["orders"] = knobs
        assert refusals(dry_run(operator, suggestion.id))["value"] == code


def stop(system: SmallSystem, _: str) -> None:
    EmergencyStop.of(system.config.state_dir).set("test", "", time.time())


def pool_is_small(system: SmallSystem, _: str) -> None:
    system.state.save_policy("orders", {"max_workers": 3}, "test", time.time())


def advise_only(system: SmallSystem, _: str) -> None:
    system.state.save_policy("orders", {"mode": "advise"}, "test", time.time())


def dry_only(system: SmallSystem, _: str) -> None:
    system.state.save_policy("orders", {"mode": "dry_run"}, "test", time.time())


def freeze(system: SmallSystem, _: str) -> None:
    system.state.save_policy("orders", {"freezes": ["2000-01-01T00:00/2999-01-01T00:00 UTC"]}, "test", time.time())


def snooze(system: SmallSystem, suggestion_id: str) -> None:
    system.state.snooze(suggestion_id, time.time() + 60, 0.25, "", "test", time.time())


def newer_order(system: SmallSystem, _: str) -> None:
    with FenceFiles(system.config.fences_dir).holding("orders") as cell:
        cell.write(Mark(Fence(int(time.time()) + 1_000)))


def damage(system: SmallSystem, _: str) -> None:
    system.config.fences_dir.mkdir(parents=True, exist_ok=True)
    (system.config.fences_dir / "orders.json").write_text("{")


@pytest.mark.parametrize(
    ("obstacle", "check", "code"),
    [
        (stop, "stop", "emergency_stop"),
        (pool_is_small, "bounds", "out_of_bounds"),
        (advise_only, "mode", "mode_forbids"),
        (dry_only, "mode", "rehearsal_mode"),
        (freeze, "calendar", "rail_freeze"),
        (snooze, "suggestion", "snoozed"),
        (newer_order, "fence", "rehearsal_clock_behind"),
        (damage, "fence", "rehearsal_fence_damaged"),
    ],
)
def test_each_obstacle_is_named(
    system: SmallSystem, operator: Api, obstacle: Callable[[SmallSystem, str], None], check: str, code: str
) -> None:
    """And the others are still answered: one look tells everything that is in the way."""
    add_plugin(system)
    suggestion = offer(system)
    obstacle(system, suggestion.id)
    found = dry_run(operator, suggestion.id)
    assert found["would_execute"] is False
    assert refusals(found)[check] == code
    assert {c["code"] for c in found["checks"]} >= ASKED  # type: ignore[attr-defined]


def test_who_holds_the_fence_is_named(system: SmallSystem, operator: Api) -> None:
    """The same process that would keep a real order waiting, by its number."""
    add_plugin(system)
    suggestion = offer(system)
    with FenceFiles(system.config.fences_dir).holding("orders"):
        found = dry_run(operator, suggestion.id)
    assert refusals(found) == {"fence": "rehearsal_held"}
    with (system.config.fences_dir / "orders.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nothing was left locked
    assert dry_run(operator, suggestion.id)["would_execute"] is True


def test_what_cannot_be_read_is_not_called_executable(
    operator: Api, system: SmallSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason is the touchpoint's own; what depends on the reading is not answered at all."""

    def unreadable(_: str) -> tuple[Knob, ...]:
        raise Unobservable("the control socket does not answer")

    add_plugin(system)
    suggestion = offer(system)
    monkeypatch.setattr(system, "knobs", unreadable)
    found = dry_run(operator, suggestion.id)
    assert refusals(found) == {"readable": "plugin_unreadable"}
    assert "value" not in {check["code"] for check in found["checks"]}  # type: ignore[attr-defined]


def test_the_revision_is_compared_and_asked_for(system: SmallSystem, operator: Api) -> None:
    """An older one would be refused; a risky change says that it has to be named."""
    system.known_knobs["orders"] = (replace(WORKERS, reversibility=Reversibility.LOSSY, disruption=Disruption.RESTART),)
    suggestion = offer(system, risk=Risk.HIGH)
    found = dry_run(operator, suggestion.id, revision=suggestion.revision + 1)
    assert refusals(found) == {"revision": "rehearsal_revision"}
    assert found["requires_revision"] is True
    assert "rehearsal_restart" in [step["code"] for step in found["course"]]  # type: ignore[attr-defined]
    assert dry_run(operator, suggestion.id, revision=suggestion.revision)["would_execute"] is True


def test_advice_has_nothing_to_rehearse(system: SmallSystem, operator: Api) -> None:
    """It says so, and there is no course."""
    found = dry_run(operator, offer(system, change=None, prediction=None).id)
    assert refusals(found) == {"change": "advice_only"}
    assert found["course"] == []


def test_a_viewer_may_not_and_an_unknown_one_is_404(system: SmallSystem, viewer: Api, operator: Api) -> None:
    """It reads processes of the host, so it is for those who may execute."""
    suggestion = offer(system)
    assert viewer.post(f"/execute/{suggestion.id}/dry-run", json={}).status_code == 403
    assert operator.post("/execute/sg_x/dry-run", json={}).status_code == 404


def test_the_dry_run_and_the_click_agree(operator: Api, system: SmallSystem) -> None:
    """Whatever a click refuses, the dry run refuses with the same code first."""
    add_plugin(system)
    system.known_pools["orders"] = Pool(workers=2, kind="sync", cores=1)
    suggestion = offer(system)
    for obstacle in (None, pool_is_small, freeze, advise_only, stop):
        if obstacle is not None:
            obstacle(system, suggestion.id)
        listed = operator.get(f"/suggestions/{suggestion.id}").json
        found = dry_run(operator, suggestion.id)
        first = next((c["why"]["text"] for c in found["checks"] if not c["ok"]), None)  # type: ignore[attr-defined]
        assert first == listed["why_not_executable"]
    assert set(FOR_EVERYBODY) <= set(RAILS)
