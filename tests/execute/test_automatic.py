"""Automatic mode: what is approved without a person, and what is held back with its reason."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from execute.rails_cases import NOW, WORKERS, change

from plugin_optimizer.domain import (
    Disruption,
    Fleet,
    Knob,
    Message,
    Metric,
    Mode,
    Plugin,
    PluginStatus,
    PluginView,
    Policies,
    Policy,
    Pool,
    Proposal,
    Reversibility,
    Risk,
    Suggestion,
    SuggestionType,
    Window,
)
from plugin_optimizer.execute.automatic import approve_automatic
from plugin_optimizer.execute.coverage import thin
from plugin_optimizer.execute.rails_case import AUTOMATIC
from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests.knowledge.lives import TO_APPLYING, S, claimed, walk
from tests.knowledge.proposals import proposal

POLICIES = Policies(Policy(mode=Mode.AUTOMATIC))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SqlStateStore]:
    store = open_state(tmp_path / "state.db")
    yield store
    store.close()


def suggestion(state: SqlStateStore, plugin_id: str, after: int = 3, before: int = 2, **others: object) -> Suggestion:
    state.save_plugin(Plugin(plugin_id, "simulated"), PluginStatus.ACTIVE, NOW - 1000)
    made = Proposal(
        plugin_id, SuggestionType.INCREASE_WORKERS, Message("increase_workers", {}), change(before, after, plugin_id), None,
        Risk.LOW, 0.9,
    )  # fmt: skip
    return state.offer(replace(made, **others), NOW, NOW + 3600)  # type: ignore[arg-type]


def view(name: str, policy: Policy, knobs: tuple[Knob, ...] = (WORKERS,), pool: Pool | None = None) -> PluginView:
    return PluginView(Plugin(name, "simulated"), policy, status=PluginStatus.ACTIVE, knobs=knobs, pool=pool)


def seen(*names: str, gaps: int = 0, age_seconds: float = 0.0, seconds: float = 300.0) -> Window:
    """The looks of the last minutes, `gaps` of them without the response time in the middle of it."""
    times = NOW - age_seconds - 5.0 * np.arange(seconds / 5.0)[::-1]
    series = np.ones((len(names), len(times)), dtype=np.float32)
    holes = series.copy()
    holes[:, 10 : 10 + gaps] = np.nan
    return Window(names, times, 5.0, {Metric.UP: series, Metric.RESPONSE_TIME_SECONDS: holes})


def held(state: SqlStateStore, *suggestions: Suggestion, policies: Policies = POLICIES, **knob: object) -> list[str]:
    """Let automatic mode decide; return `plugin: reason` of what it held back."""
    names = [s.proposal.plugin_id for s in suggestions]
    knobs, pool = (replace(WORKERS, **knob),), Pool("sync", 2, cores=4.0)  # type: ignore[arg-type]
    views = {name: view(name, policies.of(name), knobs, pool) for name in names}
    silences = approve_automatic(state, suggestions, Fleet(NOW, 4, views), seen(*names), policies, False)
    return [f"{s.plugin_id}: {s.reason.code}" for s in silences if s.planner == "automatic"]


def approved(state: SqlStateStore) -> list[str]:
    assert {e.approved_by for e in state.executions()} <= {AUTOMATIC}
    return sorted(e.change.plugin_id for e in state.executions())


def test_what_is_safe_is_approved(state: SqlStateStore) -> None:
    """Low risk, reversible, confident, and within the rails."""
    assert held(state, suggestion(state, "orders")) == []
    assert approved(state) == ["orders"]


def test_what_is_not_entrusted_is_left_to_a_person(state: SqlStateStore) -> None:
    """Risk, doubt, a knob that does not turn back exactly, another mode: nothing is approved, nothing is said."""
    assert held(state, suggestion(state, "a", risk=Risk.MEDIUM), suggestion(state, "b", confidence=0.69)) == []
    assert held(state, suggestion(state, "c"), reversibility=Reversibility.LOSSY) == []
    assert held(state, suggestion(state, "d"), policies=Policies(Policy(mode=Mode.APPROVE))) == []
    assert approved(state) == []
    assert held(state, suggestion(state, "e", risk=Risk.MEDIUM), suggestion(state, "f")) == []
    assert approved(state) == ["f"]


def test_what_costs_more_on_the_way_down_goes_up_alone(state: SqlStateStore) -> None:
    """A cache that would evict: more of it is approved, less of it is left to a person."""
    assert held(state, suggestion(state, "up", after=3, before=2), down=Reversibility.LOSSY) == []
    assert approved(state) == ["up"]
    shrinking = suggestion(state, "down", after=2, before=3)
    assert held(state, shrinking, value=3, down=Reversibility.LOSSY) == []
    assert approved(state) == ["up"]
    assert WORKERS.reversibility_to(1) is Reversibility.REVERSIBLE
    assert replace(WORKERS, down=Reversibility.LOSSY).reversibility_to(1) is Reversibility.LOSSY


def test_a_rail_holds_back_and_says_why(state: SqlStateStore) -> None:
    """Two to four at once is too far for automatic mode: it stays open for a person, with the reason."""
    assert held(state, suggestion(state, "orders", after=4)) == ["orders: rail_step"]
    assert approved(state) == []


def test_an_approval_that_came_too_late_is_told_to_the_log_and_holds_nobody_up(
    state: SqlStateStore, caplog: pytest.LogCaptureFixture
) -> None:
    """It was renewed a moment ago; the next one is approved."""
    renewed, other = suggestion(state, "a"), suggestion(state, "b")
    with caplog.at_level("INFO", "plugin_optimizer.execute.automatic"):
        assert held(state, replace(renewed, revision=renewed.revision + 1), other) == []
    assert approved(state) == ["b"]
    (told,) = [record.getMessage() for record in caplog.records]
    assert told.startswith(f"automatic approval of {renewed.id}: ")
    assert "revision" in told


def test_the_cores_of_the_pool_bound_it(state: SqlStateStore) -> None:
    """Half a core: three workers at most, whatever the policy would let a larger host have."""
    offered = suggestion(state, "orders", before=3, after=4)
    small = view("orders", POLICIES.default, (replace(WORKERS, value=3),), Pool("sync", 3, cores=0.5))
    silences = approve_automatic(state, [offered], Fleet(NOW, 4, {"orders": small}), seen("orders"), POLICIES, False)
    assert [s.reason.code for s in silences] == ["rail_cores"]
    assert approved(state) == []


def test_what_was_approved_a_moment_ago_counts(state: SqlStateStore) -> None:
    """Twelve at once: ten are approved, two are over the budget."""
    many = [suggestion(state, f"p{i:02}") for i in range(12)]
    assert held(state, *many) == ["p10: rail_fleet_budget", "p11: rail_fleet_budget"]
    assert approved(state) == [f"p{i:02}" for i in range(10)]


def test_the_emergency_stop_holds_back_everything(state: SqlStateStore) -> None:
    """And the suggestion stays open."""
    offered = suggestion(state, "orders")
    fleet = Fleet(NOW, 4, {"orders": view("orders", POLICIES.default)})
    (silence,) = approve_automatic(state, [offered], fleet, seen("orders"), POLICIES, True)
    assert silence.reason == Message("emergency_stop", {})
    assert approved(state) == []


def test_nothing_is_built_on_what_waits_for_a_person(state: SqlStateStore) -> None:
    """What the engine gave up has to be looked at first, on that plugin; a person may still decide otherwise."""
    others, before = suggestion(state, "stock"), NOW - 9_000
    given_up = walk(state, claimed(state, proposal("orders"), before), *TO_APPLYING, S.NEEDS_OPERATOR, at=before)
    offered = suggestion(state, "orders")
    assert held(state, offered, others) == ["orders: awaits_person"]
    assert [e.approved_by for e in state.executions(plugin_id="stock")] == [AUTOMATIC]
    views = {"orders": view("orders", POLICIES.default)}
    (silence,) = approve_automatic(state, [offered], Fleet(NOW, 4, views), seen("orders"), POLICIES, False)
    assert silence.reason == Message("awaits_person", {"execution_id": given_up.id})
    state.close_execution(given_up.id, "bob", "meant", None, None, before + 9)
    assert held(state, offered) == []


@pytest.mark.parametrize(
    ("window", "reason"),
    [
        (seen("orders", gaps=6), None),
        (seen("orders", gaps=7), "thin_data"),  # 53 of 60 looks
        (seen("orders", seconds=60.0), None),
        (seen("orders", seconds=55.0), "thin_data"),
        (seen("orders", age_seconds=59.0), None),
        (seen("orders", age_seconds=60.0), None),
        (seen("orders", age_seconds=61.0), "stale"),
        (seen("stock"), "stale"),
    ],
)
def test_without_enough_fresh_data_nothing_is_decided(state: SqlStateStore, window: Window, reason: str | None) -> None:
    """Nine tenths of at least a minute, and the newest look no older than 60 s (three turns, where those are longer)."""
    fleet = Fleet(NOW, 4, {"orders": view("orders", POLICIES.default)})
    silences = list(approve_automatic(state, [suggestion(state, "orders")], fleet, window, POLICIES, False))
    assert [s.reason.code for s in silences] == ([reason] if reason else [])
    assert approved(state) == ([] if reason else ["orders"])


@pytest.mark.parametrize(("age_seconds", "reason"), [(299.0, None), (300.0, None), (301.0, "stale")])
def test_three_turns_are_fresh_where_turns_are_long(age_seconds: float, reason: str | None) -> None:
    """A look each 100 s: one that is 300 s old still counts."""
    times = NOW - age_seconds - 100.0 * np.arange(20)[::-1]
    ones = np.ones((1, 20), dtype=np.float32)
    window = Window(("orders",), times, 100.0, {Metric.UP: ones, Metric.RESPONSE_TIME_SECONDS: ones})
    found = thin(window, "orders", Metric.RESPONSE_TIME_SECONDS, POLICIES.default, NOW)
    assert (found.code if found else None) == reason


def test_where_nothing_was_asked_there_is_no_gap() -> None:
    """An idle service has no response times; that is known, not missing."""
    window = seen("orders", gaps=40)
    requests = np.where(np.isnan(window.series(Metric.RESPONSE_TIME_SECONDS)), 0.0, 9.0).astype(np.float32)
    idle = replace(window, metrics={**window.metrics, Metric.REQUESTS: requests})
    assert thin(window, "orders", Metric.RESPONSE_TIME_SECONDS, POLICIES.default, NOW) is not None
    assert thin(idle, "orders", Metric.RESPONSE_TIME_SECONDS, POLICIES.default, NOW) is None


def test_budgets_survive_a_restart(tmp_path: Path) -> None:
    """Ten an hour are used up; whoever starts anew with nothing but the file finds them used up."""
    first = open_state(tmp_path / "state.db")
    assert held(first, *[suggestion(first, f"p{i:02}") for i in range(10)]) == []
    first.close()
    second = open_state(tmp_path / "state.db")
    assert held(second, suggestion(second, "p10")) == ["p10: rail_fleet_budget"]
    second.close()


def day(peak: float, lately: float, seconds: float = 86_400.0) -> list[tuple[float, float]]:
    """Throughput by the minute: noon in the middle, and the last five minutes."""
    times = [NOW - seconds + 60.0 * i for i in range(int(seconds / 60) + 1)]
    return [(at, lately if at >= NOW - 300 else peak if at < NOW - 3600 else lately) for at in times]


@pytest.mark.parametrize(
    ("throughput", "reason"),
    [
        (day(100.0, 49.0), None),
        (day(100.0, 50.0), "rail_busy"),
        (day(0.0, 0.0), None),
        (day(100.0, 1.0, seconds=40_000.0), "rail_day_unknown"),
        ([], "rail_day_unknown"),
        (day(100.0, 1.0)[:-10], "rail_day_unknown"),
    ],
)
def test_what_interrupts_requests_waits_for_a_quiet_time(
    state: SqlStateStore, throughput: list[tuple[float, float]], reason: str | None
) -> None:
    """Below half of the day's peak, and only who has seen a day knows its peak."""
    restarting = view("orders", POLICIES.default, (replace(WORKERS, disruption=Disruption.RESTART),))
    offered = suggestion(state, "orders")
    silences = list(
        approve_automatic(
            state,
            [offered],
            Fleet(NOW, 4, {"orders": restarting}),
            seen("orders"),
            POLICIES,
            False,
            lambda _: throughput,
        )
    )
    assert [s.reason.code for s in silences] == ([reason] if reason else [])
    assert approved(state) == ([] if reason else ["orders"])


def test_a_knobs_own_bounds_hold_for_automatic_mode(state: SqlStateStore) -> None:
    """The knob as it was seen is what the rails are asked with."""
    assert held(state, suggestion(state, "orders"), maximum=2) == ["orders: out_of_bounds"]
    assert approved(state) == []


def test_a_quiet_time_is_that_of_the_plugin_itself(state: SqlStateStore) -> None:
    """Each is asked for its own day: the busy one waits, the quiet one does not."""
    restarting = (replace(WORKERS, disruption=Disruption.RESTART),)
    views = {name: view(name, POLICIES.default, restarting) for name in ("busy", "quiet")}
    days = {"busy": day(100.0, 99.0), "quiet": day(100.0, 1.0)}
    offered = [suggestion(state, name) for name in days]
    fleet = Fleet(NOW, 4, views)
    silences = list(approve_automatic(state, offered, fleet, seen(*days), POLICIES, False, days.__getitem__))
    assert [(s.plugin_id, s.reason.code) for s in silences] == [("busy", "rail_busy")]
    assert approved(state) == ["quiet"]
