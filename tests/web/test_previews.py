"""What a policy would have done, computed by a real process from a real history, and what it may not take."""

import contextlib
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
from hindsight import history
from hindsight.history import BUSY, CALM, MINUTE, Service
from web.conftest import Api
from web.small_system import SmallSystem, small_system

from plugin_optimizer.config import Engine
from plugin_optimizer.domain import Mode, Plugin, PluginStatus, Policies, Policy
from plugin_optimizer.knowledge.identifiers import new_id
from plugin_optimizer.web.preview.asked import Asked, Limits, Order
from plugin_optimizer.web.preview.job import FIRST, Busy, Previews, Standing
from plugin_optimizer.web.preview.worker import step_for

pytestmark = pytest.mark.timeout(120)
LASTED = 12 * MINUTE
SERVICES = (
    Service("orders", ((4, CALM, 2), (4, BUSY, 2), (4, CALM, 2))),
    Service("menu", ((12, 3.0, 2),), seed=2),
)
PATIENCE_SECONDS = 90.0


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallSystem]:
    """A host whose engine ran for the last twelve minutes; `orders` was overloaded in the middle."""
    now = time.time()
    monkeypatch.setattr(history, "T0", now - LASTED)
    history.store(tmp_path, SERVICES, until=now)
    made = small_system(tmp_path, {"": {"response_time_seconds": 0.5}})
    for service in SERVICES:
        made.state.save_plugin(Plugin(service.plugin_id, "gunicorn"), PluginStatus.ACTIVE, now - LASTED)
    yield made
    made.close()


def finished(api: Api, preview_id: str, lang: str = "en") -> Any:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        seen = api.get(f"/policy-previews/{preview_id}?lang={lang}").json
        if seen["state"] != "running":
            return seen
        time.sleep(0.2)
    raise AssertionError(f"still {seen['progress']:.0%}")


def waited(previews: Previews, preview_id: str) -> Standing:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and previews.read(preview_id).state == "running":
        time.sleep(0.1)
    return previews.read(preview_id)


def test_a_preview_says_what_would_have_been_otherwise(admin: Api, viewer: Api, system: SmallSystem) -> None:
    """Automatic mode would have executed what the present policy only suggests; nothing is saved by asking."""
    before = admin.get("/policies/default")
    asked = admin.post("/policies/default/preview", json={"changes": {"mode": "automatic"}, "days": 1})
    assert (asked.status_code, asked.json["state"]) == (202, "running")
    assert asked.json["etag"] == before.headers["ETag"]
    seen = finished(viewer, asked.json["id"])
    assert (seen["state"], seen["progress"], seen["changes"]) == ("done", 1.0, {"mode": "automatic"})
    result = seen["result"]
    assert result["present"]["executed"] == 0
    assert result["proposed"]["executed"] >= 1
    assert result["proposed"]["worker_hours_added"] > 0
    first = result["suggestions"][0]
    assert (first["difference"], first["proposed"]["plugin_id"]) == ("executed", "orders")
    assert first["present"]["would_be_done"] is None
    assert result["different"] == sum(row["difference"] != "same" for row in result["suggestions"]) >= 1
    assert admin.get("/policies/default").headers["ETag"] == before.headers["ETag"]
    assert system.state.policies() == {}
    assert system.state.executions() == []


def test_it_says_how_much_history_there_was(admin: Api) -> None:
    """Twelve minutes of the week that was asked for, in the reader's language."""
    asked = admin.post("/policies/orders/preview", json={"changes": {"cpu_ratio": 0.5}}).json
    english, korean = (finished(admin, asked["id"], lang)["result"] for lang in ("en", "ko"))
    assert asked["days"] == 7
    assert english["history_days"] == pytest.approx(LASTED / 86_400, rel=0.2)
    notes = {note["code"]: note["text"] for note in english["notes"]}
    assert "12 min" in notes["preview_short_history"]
    assert "7 d" in notes["preview_short_history"]
    assert "orders" in notes["preview_one_plugin"]
    assert {note["code"] for note in korean["notes"]} == set(notes)
    assert "12분" in next(n["text"] for n in korean["notes"] if n["code"] == "preview_short_history")
    assert {row["proposed"]["plugin_id"] for row in english["suggestions"] if row["proposed"]} == {"orders"}


def test_what_could_not_be_saved_cannot_be_previewed(admin: Api, operator: Api) -> None:
    """The same refusal, with the field; and only by who may save it."""
    refused = admin.post("/policies/orders/preview", json={"changes": {"cpu_ratio": 2}})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "cpu_ratio")
    for body in ({}, {"changes": {"nope": 1}}, {"changes": {}, "days": 0}, {"changes": {}, "days": 15}):
        assert admin.post("/policies/orders/preview", json=body).status_code == 400
    assert admin.post("/policies/nobody/preview", json={"changes": {}}).status_code == 404
    assert operator.post("/policies/orders/preview", json={"changes": {}}).status_code == 403
    assert admin.get("/policy-previews").json == []
    assert admin.get("/policy-previews/pv_1").status_code == 404


def test_one_at_a_time_and_it_can_be_cancelled(admin: Api) -> None:
    """A second one is told which is running; after a cancel there is room again."""
    first = admin.post("/policies/default/preview", json={"changes": {"mode": "automatic"}}).json
    second = admin.post("/policies/default/preview", json={"changes": {"mode": "automatic"}})
    assert (second.status_code, second.json["code"], second.json["preview_id"]) == (409, "preview_running", first["id"])
    assert admin("DELETE", f"/policy-previews/{first['id']}").status_code == 200
    seen = finished(admin, first["id"])
    assert (seen["state"], seen["reason"]["code"], seen["result"]) == ("cancelled", "preview_cancelled", None)
    third = admin.post("/policies/default/preview", json={"changes": {"mode": "automatic"}})
    assert third.status_code == 202
    assert [preview["id"] for preview in admin.get("/policy-previews").json] == [third.json["id"], first["id"]]
    finished(admin, third.json["id"])


def order(system: SmallSystem, **changes: Any) -> Order:
    now = time.time()
    asked = Asked(id=new_id("pv", now), plugin_id="default", changes={}, days=1.0, etag="", actor="test", at=now)
    directory = Previews.of(system.config.state_dir).directory / asked.id
    made = Order(
        asked=asked,
        directory=str(directory),
        engine=system.config.engine,
        present=Policies(),
        proposed=Policies(Policy(mode=Mode.AUTOMATIC)),
    )
    return msgspec.structs.replace(made, **changes)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(seconds=0.2), "preview_too_long"),
        (Limits(cpu_seconds=0.05), "preview_too_long"),
        (Limits(memory_bytes=60_000_000), "preview_too_large"),
    ],
)
def test_it_takes_no_more_than_its_limits(system: SmallSystem, limits: Limits, code: str) -> None:
    """Time and memory: it ends by itself, says which, and leaves room for the next."""
    previews = Previews.of(system.config.state_dir)
    made = order(system, limits=limits)
    previews.start(made)
    seen = waited(previews, made.asked.id)
    assert seen.outcome is not None
    assert (seen.state, seen.outcome.code) == ("failed", code), seen.outcome.params
    assert previews.running() is None


def _preview_process() -> psutil.Process:
    """Until it has become the program it is to run, its command line is ours."""
    for _ in range(200):
        for child in psutil.Process().children():
            if "plugin_optimizer.web.preview" in " ".join(child.cmdline()):
                return child
        time.sleep(0.02)
    raise AssertionError("no preview was started")


def test_a_process_that_was_killed_is_not_taken_for_running(system: SmallSystem) -> None:
    """It holds the lock by being there: with it, the lock and the state go."""
    previews, made = Previews.of(system.config.state_dir), order(system)
    previews.start(made)
    with pytest.raises(Busy):
        previews.start(order(system))
    child = _preview_process()
    assert child.nice() >= psutil.Process().nice()
    child.kill()
    seen = waited(previews, made.asked.id)
    assert seen.outcome is not None
    assert (seen.state, seen.outcome.code) == ("failed", "preview_died")
    assert previews.running() is None


def test_a_first_answer_by_few_looks_comes_before_the_full_one(system: SmallSystem) -> None:
    """It is there for whoever asks meanwhile, and for when there is no time for more."""
    previews = Previews.of(system.config.state_dir)
    made = order(system, limits=Limits(first_looks=5))
    previews.start(made)
    seen = waited(previews, made.asked.id)
    assert seen.outcome is not None
    assert seen.outcome.result is not None
    first = msgspec.json.decode((Path(made.directory) / FIRST).read_bytes())
    assert set(first) == {"ko", "en"}
    assert 0 < first["en"]["looks"] <= 6 < seen.outcome.result["en"]["looks"]
    assert first["en"]["since"] == seen.outcome.result["en"]["since"]


def test_where_time_runs_out_the_first_answer_stays(system: SmallSystem) -> None:
    """Its clock rings after the first answer and before the full one: that one is the outcome, and says why it is the first."""
    previews = Previews.of(system.config.state_dir)
    made = next(order for _ in range(20) if (order := _out_of_time_after_the_first(system, previews)) is not None)
    seen = waited(previews, made.asked.id)
    assert seen.outcome is not None
    assert (seen.state, seen.outcome.code) == ("done", "preview_first_only")
    assert seen.outcome.params == {"limit_seconds": made.limits.seconds}
    assert seen.outcome.result == msgspec.json.decode((Path(made.directory) / FIRST).read_bytes())


def _out_of_time_after_the_first(system: SmallSystem, previews: Previews) -> Order | None:
    """Ring its clock once the first answer is there; None where it was over by then."""
    made = order(system, limits=Limits(first_looks=5))
    previews.start(made)
    process = _preview_process()
    while not (Path(made.directory) / FIRST).exists() and previews.read(made.asked.id).state == "running":
        time.sleep(0.005)
    with contextlib.suppress(psutil.NoSuchProcess):
        process.suspend()
        if previews.read(made.asked.id).state == "running":
            process.send_signal(signal.SIGALRM)
            process.resume()
            return made
        process.resume()
    return None


def test_it_tells_how_much_of_how_much_is_done_before_the_first_look_is_over(admin: Api, system: SmallSystem) -> None:
    """From the beginning: how many looks there are, and what was found so far, never less than before."""
    asked = admin.post("/policies/default/preview", json={"changes": {"mode": "automatic"}, "days": 1}).json
    told = []
    while (seen := admin.get(f"/policy-previews/{asked['id']}").json)["state"] == "running":
        told += [seen["course"]] if seen["course"] not in (None, *told[-1:]) else []
        time.sleep(0.01)
    assert (seen["state"], seen["progress"]) == ("done", 1.0)
    assert told
    assert (told[0]["looks"], told[0]["suggestions"]) == (0, 0)
    assert 0 < told[0]["of_looks"] <= seen["result"]["looks"]
    assert all(course["looks"] <= course["of_looks"] for course in told)
    assert [course["share"] for course in told] == sorted(course["share"] for course in told)


def test_where_nobodys_policy_would_change_nothing_is_computed(admin: Api) -> None:
    """It is said at once, and leaves room for the next."""
    asked = admin.post("/policies/default/preview", json={"changes": {}}).json
    seen = finished(admin, asked["id"])
    assert (seen["state"], seen["reason"]["code"], seen["result"]) == ("failed", "preview_nobody", None)


def test_without_history_it_says_so(tmp_path: Path) -> None:
    """An engine that never ran has nothing to compute from."""
    system = small_system(tmp_path / "new")
    system.samples.write([])
    previews, made = Previews.of(system.config.state_dir), order(system)
    previews.start(made)
    seen = waited(previews, made.asked.id)
    assert seen.outcome is not None
    assert (seen.state, seen.outcome.code) == ("failed", "preview_no_history")
    system.close()


def test_the_order_survives_the_pipe(system: SmallSystem) -> None:
    """Policies and the engine's section come out as they went in."""
    made = order(system, engine=replace(Engine(), window_seconds=300.0), present=system.policies())
    assert msgspec.json.decode(msgspec.json.encode(made), type=Order) == made


@pytest.mark.parametrize(("days", "step"), [(0.01, 15.0), (1, 120.0), (3, 300.0), (7, 600.0), (14, 1_800.0)])
def test_looks_are_bounded(days: float, step: float) -> None:
    """However long the time, no more looks than allowed."""
    assert step_for(days * 86_400, Limits().looks) == step
    assert days * 86_400 / step_for(days * 86_400, Limits().looks) <= Limits().looks
