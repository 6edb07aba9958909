"""Channels, test messages, the outbox and the count of last week's messages, by API and command."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from notify.sinks import HttpSink, http_sink
from notify.stage import Stage, settings_of
from web.conftest import Api, make_app
from web.small_system import SmallSystem, finish, offer, record_cycle, small_system

from plugin_optimizer.domain import DispatchState, ExecutionState, Plugin, PluginStatus
from plugin_optimizer.web import token as tokens

DAY = 86_400.0


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    with http_sink() as opened:
        yield opened


@pytest.fixture
def system(tmp_path: Path, sink: HttpSink) -> Iterator[SmallSystem]:
    policy = {"": {"notify": ["ops info"]}, "orders": {"notify": ["ops critical", "pager"]}}
    made = small_system(tmp_path, policy)
    made.config = replace(made.config, notify=settings_of(tmp_path / "url", sink.url))
    yield made
    made.close()


@pytest.fixture
def app(system: SmallSystem) -> Flask:
    return make_app(system)


def test_channels_say_who_is_told_and_show_no_secret(operator: Api, sink: HttpSink) -> None:
    """Routes by policy, counts, where each secret is kept; what policies name and nobody configured."""
    answer = operator.get("/notifications/channels")
    (channel,) = answer.json["channels"]
    assert channel["routes"] == [
        {"plugin_id": "default", "least": "info"},
        {"plugin_id": "orders", "least": "critical"},
    ]
    assert channel["settings"]["url"]["there"] is True
    assert channel["settings"]["url"]["reference"].startswith("file:")
    assert answer.json["unknown"] == ["pager"]
    assert "T0P-SECRET" not in answer.get_data(as_text=True)
    assert sink.asked == 0


def test_a_policy_cannot_be_made_to_tell_a_channel_that_is_not_there(admin: Api) -> None:
    """The refusal names those that are; what is configured is taken, with a severity as without."""
    answer = admin.change("/policies/default", json={"notify": ["ops", "opps critical"]})
    assert answer.status_code == 400
    (error,) = answer.json["errors"]
    assert (error["field"], error["code"]) == ("notify", "policy_no_channel")
    assert "ops" in error["text"]
    assert admin.change("/policies/default", json={"notify": ["ops critical"]}).status_code == 200
    assert (
        admin.change("/policies/default", json={"notify": ["Not a route!"]}).json["errors"][0]["code"]
        == "policy_no_route"
    )


def test_a_test_message_is_really_sent(admin: Api, system: SmallSystem, sink: HttpSink) -> None:
    """And the answer is the other side's own, good or bad, without the secret it repeats."""
    good = admin.post("/notifications/test", json={"channel": "ops"}).json
    assert (good["delivered"], good["answer"]) == (True, "200 OK: ok")
    assert "admin-token" in sink.posted[0].document["text"]
    sink.behaviour = lambda _: "echo"
    bad = admin.post("/notifications/test", json={"channel": "ops"}).json
    assert bad["delivered"] is False
    assert bad["answer"].startswith("403 Forbidden: no such hook: /")
    assert "SECRET" not in bad["answer"]
    assert admin.post("/notifications/test", json={"channel": "nope"}).status_code == 404
    assert [e.detail["delivered"] for e in system.state.audit(action="notification.tested")] == [False, True]


def test_the_outbox_is_paged_and_sends_again(operator: Api, system: SmallSystem, sink: HttpSink) -> None:
    """What was given up is shown with the answer, on the health page as well, until a message arrives."""
    stage = Stage(system.state, system.config.notify, {"": {"notify": ["ops info"]}})  # type: ignore[arg-type]
    record_cycle(system)
    sink.behaviour = lambda _: "gone"
    for plugin_id in ("a", "b", "c"):
        offer(system, plugin_id)
        stage.pass_time(10)
    first = operator.get("/notifications/outbox?limit=2&state=given_up&lang=en")
    assert [d["title"] for d in first.json] == [
        "c: a new suggestion: Increase the workers from 2 to 4",
        "b: a new suggestion: Increase the workers from 2 to 4",
    ]
    assert first.json[0]["answer"] == "404 Not Found: no_service"
    rest = operator.get("/notifications/outbox?" + first.headers["Link"].partition("?")[2].partition(">")[0])
    assert len(rest.json) == 1
    health = operator.get("/health?lang=en").json
    assert "channel_failing" in {check["code"] for check in health["checks"] if not check["ok"]}
    assert health["status"] == "degraded"
    sink.behaviour = lambda _: "ok"
    again = operator.post(f"/notifications/outbox/{first.json[0]['id']}/retry")
    assert again.json["state"] == "waiting"
    stage.now = max(stage.now, time.time()) + 1
    stage.pass_time(10)
    assert system.state.dispatch(first.json[0]["id"]).state is DispatchState.DELIVERED
    assert operator.post(f"/notifications/outbox/{first.json[0]['id']}/retry").status_code == 409
    assert "channel_failing" not in {c["code"] for c in operator.get("/health").json["checks"]}


def test_the_past_says_how_many_messages_there_would_have_been(
    operator: Api, system: SmallSystem, sink: HttpSink, tmp_path: Path
) -> None:
    """Last week's suggestions, verdicts and outages, gathered by the same rules; what is older does not count."""
    now, state = time.time(), system.state
    system.config = replace(system.config, notify=settings_of(tmp_path / "url", sink.url, group_seconds=30.0))

    def status(plugin_id: str, at: float, found: PluginStatus) -> None:
        state.save_plugin(Plugin(plugin_id, "gunicorn", {}), found, at)

    status("cart", now - 9 * DAY, PluginStatus.INACTIVE)
    for i in range(4):
        status(f"p{i}", now - 3 * DAY + i, PluginStatus.INACTIVE)  # together: one message
        status(f"p{i}", now - 3 * DAY + 600 + i, PluginStatus.ACTIVE)  # and one when they are back
    status("p0", now - 2 * DAY, PluginStatus.INACTIVE)
    status("p0", now - 2 * DAY + 10, PluginStatus.ACTIVE)  # a restart
    state.record_emergency_stop("set", "kim", "x", now - DAY)
    state.record_emergency_stop("armed", "kim", "", now - DAY + 60)
    execution, _ = state.approve(offer(system, "pay").id, None, "policy", None, time.time())
    finish(system, execution.id, ExecutionState.ROLLED_BACK)
    answer = operator.get("/notifications/preview?days=7").json
    (channel,) = answer["channels"]
    assert answer["complete"] is True
    assert channel["kinds"] == {
        "plugin_dead": 2, "emergency_stop": 2, "suggestion_opened": 1, "execution_started": 1, "change_undone": 1,
    }  # fmt: skip
    assert channel["messages"] == channel["from_info"] == 7
    assert channel["from_warning"] == 6
    assert channel["from_critical"] == 5


def test_the_commands_do_the_same(system: SmallSystem, sink: HttpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    """`notify test`, `list` and `retry` over the API."""
    from click.testing import CliRunner
    from werkzeug.serving import make_server

    from plugin_optimizer.cli.main import main

    secret = tokens.mint()
    system.state.save_token("ops", "admin", tokens.digest(secret), time.time() + 60, time.time())
    server = make_server("127.0.0.1", 0, make_app(system), threaded=True)
    import threading

    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("PLUGIN_OPTIMIZER_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("PLUGIN_OPTIMIZER_TOKEN", secret)
    try:
        good = CliRunner().invoke(main, ["notify", "test", "ops"])
        assert good.exit_code == 0
        assert "ops: delivered" in good.output
        sink.behaviour = lambda _: "gone"
        bad = CliRunner().invoke(main, ["notify", "test", "ops"])
        assert bad.exit_code == 1
        assert "404" in bad.output
        assert "no messages" in CliRunner().invoke(main, ["notify", "list"]).output
        assert "not_found" in CliRunner().invoke(main, ["notify", "retry", "nt_none"]).output
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_wrong_setting_is_on_the_health_page(viewer: Api, system: SmallSystem, tmp_path: Path) -> None:
    """A secret that is not there, and a policy that names nobody."""
    (tmp_path / "url").unlink()
    bad = {check["code"] for check in viewer.get("/health").json["checks"] if not check["ok"]}
    assert {"channel_secret_missing", "channel_unknown"} <= bad
