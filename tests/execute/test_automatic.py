"""Automatic mode: what is approved without a person, and what is held back with its reason."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from execute.rails_cases import NOW, WORKERS, change

from plugin_optimizer.domain import (
    Fleet,
    Knob,
    Message,
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
)
from plugin_optimizer.execute.automatic import approve_automatic
from plugin_optimizer.execute.rails_case import AUTOMATIC
from plugin_optimizer.knowledge import SqlStateStore, open_state

POLICIES = Policies(Policy(mode=Mode.AUTOMATIC))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SqlStateStore]:
    store = open_state(tmp_path / "state.db")
    yield store
    store.close()


def suggestion(state: SqlStateStore, plugin_id: str, after: int = 3, **others: object) -> Suggestion:
    state.save_plugin(Plugin(plugin_id, "simulated"), PluginStatus.ACTIVE, NOW - 1000)
    made = Proposal(
        plugin_id, SuggestionType.INCREASE_WORKERS, Message("increase_workers", {}), change(2, after, plugin_id), None,
        Risk.LOW, 0.9,
    )  # fmt: skip
    return state.offer(replace(made, **others), NOW, NOW + 3600)  # type: ignore[arg-type]


def view(name: str, policy: Policy, knobs: tuple[Knob, ...] = (WORKERS,), pool: Pool | None = None) -> PluginView:
    return PluginView(Plugin(name, "simulated"), policy, status=PluginStatus.ACTIVE, knobs=knobs, pool=pool)


def held(state: SqlStateStore, *suggestions: Suggestion, policies: Policies = POLICIES, **knob: object) -> list[str]:
    """Let automatic mode decide; return `plugin: reason` of what it held back."""
    names = [s.proposal.plugin_id for s in suggestions]
    knobs, pool = (replace(WORKERS, **knob),), Pool("sync", 2, cores=4.0)  # type: ignore[arg-type]
    views = {name: view(name, policies.of(name), knobs, pool) for name in names}
    silences = approve_automatic(state, suggestions, Fleet(NOW, 4, views), policies, False)
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


def test_a_rail_holds_back_and_says_why(state: SqlStateStore) -> None:
    """Two to four at once is too far for automatic mode: it stays open for a person, with the reason."""
    assert held(state, suggestion(state, "orders", after=4)) == ["orders: rail_step"]
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
    (silence,) = approve_automatic(state, [offered], fleet, POLICIES, True)
    assert silence.reason.code == "emergency_stop"
    assert approved(state) == []
