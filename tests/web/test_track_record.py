"""How changes turned out, by the API."""

from web.conftest import Api
from web.small_system import SmallSystem, finish, offer

from plugin_optimizer.domain import ExecutionState

WINDOWS = [{"at": 1.0, "observed_seconds": 0.5, "without_seconds": 1.5, "requests": 10.0}]


def test_what_was_executed_is_tallied_by_kind(system: SmallSystem, operator: Api, viewer: Api) -> None:
    """Kept and undone, with the time spared while they were judged, and how that was computed."""
    for plugin_id, state in (("orders", ExecutionState.SUCCEEDED), ("menu", ExecutionState.ROLLED_BACK)):
        execution_id = operator.post(f"/execute/{offer(system, plugin_id).id}").json["execution_id"]
        finish(system, execution_id, state)
        if plugin_id == "orders":
            system.state.record_windows(execution_id, WINDOWS)
    found = viewer.get("/track-record?lang=en").json
    (kind,) = found["kinds"]
    assert (kind["suggestion_type_text"], kind["executions"], kind["kept"], kind["undone"]) == (
        "Increase workers",
        2,
        1,
        1,
    )
    spared = found["time_spared"]
    assert (spared["seconds"], spared["requests"], spared["executions"], spared["not_counted"]) == (10.0, 10, 1, 1)
    assert "nothing is guessed" in spared["how"]["text"]
    assert (found["total"]["executions"], found["all"]) == (2, True)
    assert viewer.get("/track-record?plugin_id=menu").json["total"]["undone"] == 1
    assert viewer.get("/track-record?to=2000-01-01T00:00:00Z").json == {
        **found,
        "kinds": [],
        "total": {**dict.fromkeys(found["total"], 0), "verdicts": {}},
        "time_spared": {**spared, "seconds": 0.0, "requests": 0, "executions": 0, "not_counted": 0,
                        "how": viewer.get("/track-record?to=2000-01-01T00:00:00Z").json["time_spared"]["how"]},
        "since": None,
    }  # fmt: skip
    assert viewer.get("/track-record?from=monday").status_code == 400
