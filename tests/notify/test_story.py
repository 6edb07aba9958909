"""What people hear of what happens: with a real state and a real server, and time turned by hand."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from notify.sinks import HttpSink, http_sink
from notify.stage import Stage, finish_execution, offer, settings_of
from web.small_system import SmallSystem, finding, proposal, record_cycle, small_system

from plugin_optimizer.domain import (
    Cycle,
    DispatchState,
    ExecutionState,
    Fault,
    Message,
    NoticeKind,
    PluginStatus,
    Severity,
)
from plugin_optimizer.models.calendar import parse_window
from plugin_optimizer.notify.conditions import Stop

HOUR = 3600.0


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    with http_sink() as opened:
        yield opened


@pytest.fixture
def system(tmp_path: Path) -> Iterator[SmallSystem]:
    made = small_system(tmp_path)
    yield made
    made.close()


@pytest.fixture
def stage(tmp_path: Path, sink: HttpSink, system: SmallSystem) -> Stage:
    settings = settings_of(tmp_path / "url", sink.url, dashboard_url="https://optimizer.example/")
    return Stage(system.state, settings)  # type: ignore[arg-type]


def titles(sink: HttpSink) -> list[str]:
    return [posted.document["text"] for posted in sink.posted]


def test_a_suggestion_is_told_once_with_a_link(stage: Stage, system: SmallSystem, sink: HttpSink) -> None:
    """Its refreshing and revising is no news; neither is the same one that comes back within a day."""
    made = offer(system)
    stage.pass_time(10)
    offer(system, details={"x": 1})
    system.state.dismiss(made.id, "later", "ann", stage.now)
    system.state.undo_dismiss(made.id, "ann", stage.now)
    stage.pass_time(10)
    assert titles(sink) == ["orders: a new suggestion: Increase the workers from 2 to 4"]
    buttons = [b for b in sink.posted[0].document["blocks"] if "accessory" in b]
    assert buttons[0]["accessory"]["url"] == "https://optimizer.example/?plugin=orders"


def test_the_severity_decides_who_hears(stage: Stage, system: SmallSystem, sink: HttpSink) -> None:
    """A route from critical on hears nothing of a warning, and a plugin without a route is not spoken of."""
    stage.overrides = {"orders": {"notify": ["ops critical"]}}
    offer(system, findings=(finding(severity=Severity.WARNING),))
    offer(system, "cart")
    stage.pass_time(10)
    assert titles(sink) == []
    offer(system, findings=(finding(severity=Severity.CRITICAL),), change=None)
    stage.pass_time(10)
    assert len(titles(sink)) == 1


def test_what_the_policy_does_is_told_and_what_a_person_does_is_not(
    stage: Stage, system: SmallSystem, sink: HttpSink
) -> None:
    """Who clicked knows it; both hear how it ended."""
    for plugin_id, actor in (("orders", "policy"), ("cart", "ann")):
        execution, _ = system.state.approve(offer(system, plugin_id).id, None, actor, None, stage.now)
        stage.pass_time(10)
        state = ExecutionState.SUCCEEDED if actor == "ann" else ExecutionState.ROLLED_BACK
        finish_execution(system, execution.id, state)
        stage.pass_time(10)
    told = [title for title in titles(sink) if "suggestion" not in title]
    assert [title.partition(": Increase")[0] for title in told] == [
        "orders: the policy has begun to execute",
        "orders: the change was undone",
        "cart: the change is kept",
    ]


def test_fifty_plugins_that_die_together_are_one_message(
    stage: Stage, system: SmallSystem, sink: HttpSink, tmp_path: Path
) -> None:
    """And one more when they are back."""
    stage.settings = settings_of(tmp_path / "url", sink.url, group_seconds=30.0)
    stage.collector.settings = stage.settings
    for i in range(50):
        stage.plugin(f"p{i:02}", PluginStatus.INACTIVE)
    stage.pass_time(120)
    assert titles(sink) == ["50 plugins are not running"]
    assert sum(block["type"] == "section" for block in sink.posted[0].document["blocks"]) == 11
    assert "and 40 more" in sink.posted[0].body.decode()
    for i in range(50):
        stage.plugin(f"p{i:02}", PluginStatus.ACTIVE)
    stage.pass_time(180)
    assert titles(sink)[1:] == ["50 over"]


def test_a_restart_is_no_incident_and_flapping_is_one(stage: Stage, sink: HttpSink) -> None:
    """Down for ten seconds: nothing. Up and down for ten minutes: one message, and one when it stays up."""
    stage.plugin("orders", PluginStatus.ACTIVE)
    stage.plugin("orders", PluginStatus.INACTIVE)
    stage.pass_time(10)
    stage.plugin("orders", PluginStatus.ACTIVE)
    stage.pass_time(60)
    assert titles(sink) == []
    for _ in range(8):
        stage.plugin("orders", PluginStatus.INACTIVE)
        stage.pass_time(40)
        stage.plugin("orders", PluginStatus.ACTIVE)
        stage.pass_time(35)
    stage.pass_time(120)
    assert titles(sink) == ["orders: it is not running", "Over: orders: it is running again"]


def test_a_plugin_that_sends_nothing_is_stale_and_one_that_is_forgotten_is_gone(
    stage: Stage, system: SmallSystem, sink: HttpSink
) -> None:
    """Whoever forgot it knows: there is no recovery to tell."""
    stage.plugin("orders", PluginStatus.UNKNOWN)
    stage.pass_time(120)
    system.state.forget_plugin("orders", "ann", stage.now)
    stage.pass_time(300)
    assert titles(sink) == ["orders: no data comes in"]


def test_what_needs_a_person_is_told_again_until_somebody_came(
    stage: Stage, system: SmallSystem, sink: HttpSink
) -> None:
    """Every four hours, and then that it is dealt with."""
    execution, _ = system.state.approve(offer(system).id, None, "ann", None, stage.now)
    give_up(system, execution.id)
    stage.pass_time(10)
    stage.pass_time(9 * HOUR, step=600)
    system.state.close_execution(execution.id, "ann", "seen", 4, None, stage.now)
    stage.pass_time(30)
    told = [title.partition(": Increase")[0] for title in titles(sink) if "suggestion" not in title]
    waits = "orders: the engine gave up a change and waits for a person"
    over = "orders: the change that waited for a person is dealt with"
    assert told == [waits, f"Reminder: {waits}", f"Reminder: {waits}", f"Over: {over}"]


def give_up(system: SmallSystem, execution_id: str) -> None:
    """Lead an execution to where the engine knows no further."""
    execution = system.state.claim(execution_id, "test", 1.0, 601.0)
    for state in (ExecutionState.INTENT, ExecutionState.NEEDS_OPERATOR):
        reason = Message("touchpoint_refused", {"detail": "no"}) if state is ExecutionState.NEEDS_OPERATOR else None
        moved = replace(execution, state=state, reason=reason)
        execution = system.state.advance(moved, execution.state, "test", 2.0)


def test_the_emergency_stop_is_told_at_once_and_so_is_its_end(stage: Stage, sink: HttpSink) -> None:
    """Without grouping, and without waiting for the next turn."""
    stage.stopped = Stop("kim", "checkout fails")
    stage.pass_time(1, step=1)
    stage.stopped = None
    stage.pass_time(1, step=1)
    assert titles(sink) == [
        "The emergency stop is set by kim: checkout fails",
        "Over: The emergency stop is lifted: the engine is armed again",
    ]


def test_trouble_of_the_engine_is_told(stage: Stage, system: SmallSystem, sink: HttpSink) -> None:
    """The audit at once, a part that keeps raising after three turns, a loop that stands still after two minutes."""
    stage.broken = Message("read_only")
    stage.pass_time(10)
    stage.broken = None
    stage.pass_time(120)
    for number in range(4):
        faulty = Cycle(number, stage.now, 0.1, 1, 1, faults=(Fault("LeakDetector", "ValueError: x"),))
        system.state.record_cycle(faulty)
        stage.pass_time(5)
    stage.pass_time(200)
    trouble, over, *rest = titles(sink)
    assert trouble.startswith("The audit does not fit")
    assert over.startswith("Over: well again: The audit does not fit")
    assert "A part of the engine, LeakDetector, keeps failing: ValueError: x" in rest
    assert any(title.startswith("The analysis does not turn") for title in rest)


def test_quiet_hours_keep_back_what_is_not_urgent(stage: Stage, system: SmallSystem, sink: HttpSink) -> None:
    """A warning waits for their end, together with the others; what is critical does not."""
    stage.now = 1_700_002_800.0 + 7 * 86_400  # a Tuesday, 23:00 UTC: still quiet in Berlin, for 6 hours more
    stage.with_rules(quiet=(parse_window("Mon-Sun 22:00-06:00 Europe/Berlin"),))
    stage.plugin("orders", PluginStatus.UNKNOWN)
    stage.plugin("cart", PluginStatus.UNKNOWN)
    stage.plugin("pay", PluginStatus.INACTIVE)
    stage.pass_time(300)
    assert titles(sink) == ["pay: it is not running"]
    stage.pass_time(6 * HOUR, step=60)
    assert titles(sink)[1:] == ["No data from 2 plugins"]


def test_maintenance_holds_back_what_happens_to_its_plugin_and_tells_it_after(stage: Stage, sink: HttpSink) -> None:
    """Also what is critical; other plugins are told of at once; what was over meanwhile is told, too."""
    stage.now = 1_700_002_800.0 + 7 * 86_400  # a Tuesday, 23:00 UTC
    stage.overrides = {"": {"notify": ["ops info"]}, "orders": {"maintenance": ["Tue 22:00-02:00 UTC"]}}
    stage.plugin("orders", PluginStatus.INACTIVE)
    stage.plugin("pay", PluginStatus.INACTIVE)
    stage.pass_time(300)
    assert titles(sink) == ["pay: it is not running"]
    stage.plugin("orders", PluginStatus.ACTIVE)
    stage.pass_time(2 * HOUR, step=60)
    assert len(sink.posted) == 1
    stage.pass_time(1.1 * HOUR, step=60)
    assert len(sink.posted) == 2
    assert "orders" in str(sink.posted[1].document)
    stage.plugin("orders", PluginStatus.INACTIVE)
    stage.pass_time(300)
    assert titles(sink)[2:] == ["orders: it is not running"]


def test_a_digest_comes_at_its_time(stage: Stage, sink: HttpSink) -> None:
    """All kinds together, at full periods."""
    stage.now = 1_700_002_800.0
    stage.with_rules(digest_minutes=60, urgent=Severity.CRITICAL)
    stage.plugin("orders", PluginStatus.UNKNOWN)
    stage.pass_time(1_200)
    stage.plugin("cart", PluginStatus.UNKNOWN)
    stage.pass_time(2_000)
    assert titles(sink) == []
    stage.pass_time(500)
    assert titles(sink) == ["No data from 2 plugins"]


def test_failures_come_later_and_later_and_are_given_up(stage: Stage, system: SmallSystem, sink: HttpSink) -> None:
    """For as long as the settings say; then the outbox says so, and the next message that arrives ends the trouble."""
    sink.behaviour = lambda _: "broken"
    stage.plugin("orders", PluginStatus.INACTIVE)
    stage.pass_time(60)
    (waiting,) = system.state.dispatches()
    assert waiting.state is DispatchState.WAITING
    assert waiting.attempts >= 2
    assert waiting.answer.startswith("500")
    stage.pass_time(25 * HOUR, step=300)
    given_up = system.state.dispatches(state=DispatchState.GIVEN_UP)
    assert [d.id for d in given_up] == [waiting.id]
    assert 40 < given_up[0].attempts < 120
    sink.behaviour = lambda _: "ok"
    again = system.state.retry_dispatch(waiting.id, "ann", stage.now, stage.now + HOUR)
    stage.pass_time(10)
    assert system.state.dispatch(again.id).state is DispatchState.DELIVERED


def test_retry_after_is_kept(stage: Stage, system: SmallSystem, sink: HttpSink) -> None:
    """Whoever asks for ten minutes gets them."""
    sink.behaviour, sink.retry_after = (lambda n: "busy" if n == 1 else "ok"), "600"
    stage.plugin("orders", PluginStatus.INACTIVE)
    stage.pass_time(600)
    assert sink.asked == 1
    stage.pass_time(60)
    assert titles(sink) == ["orders: it is not running"]


def test_a_secret_is_in_no_answer(stage: Stage, system: SmallSystem, sink: HttpSink) -> None:
    """The other side repeats the address: what is kept of that does not hold it."""
    url = sink.url
    sink.behaviour = lambda _: "echo"
    stage.plugin("orders", PluginStatus.INACTIVE)
    stage.pass_time(60)
    (given_up,) = system.state.dispatches()
    assert given_up.state is DispatchState.GIVEN_UP
    assert "T0P-SECRET" not in given_up.answer
    assert url.rpartition("/")[2] not in "".join(str(e.detail) for e in system.state.audit(500))


def test_news_of_last_week_is_not_told(stage: Stage, system: SmallSystem, sink: HttpSink) -> None:
    """Notifications that were off for long begin with what is now."""
    offer(system)
    stage.now += 2 * 86_400
    stage.pass_time(10)
    assert titles(sink) == []


def test_only_the_chosen_events_are_told(stage: Stage, system: SmallSystem, sink: HttpSink) -> None:
    """A channel for what needs a person hears of nothing else."""
    stage.with_rules(events=(NoticeKind.PLUGIN_DEAD,))
    offer(system)
    stage.plugin("orders", PluginStatus.INACTIVE)
    stage.pass_time(60)
    assert titles(sink) == ["orders: it is not running"]


def test_korean_is_spoken_to_a_korean_channel(stage: Stage, system: SmallSystem, sink: HttpSink) -> None:
    """Each channel in its language."""
    stage.with_rules(language="ko")
    offer(system, title=proposal().title)
    record_cycle(system)
    stage.pass_time(10)
    assert titles(sink) == ["orders: 새 제안: 워커를 2개에서 4개로 늘리세요"]
