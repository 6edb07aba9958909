"""Budgets and changes of direction, over arbitrary histories that the rails themselves let happen."""

import itertools
from collections import Counter
from dataclasses import replace

from execute.rails_cases import NOW, case, change, code, execution, fleet
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import Execution, ExecutionState, Policy
from plugin_optimizer.execute.rails import refusal
from plugin_optimizer.execute.rails_case import AUTOMATIC

State = ExecutionState
FREE = Policy(cooldown_seconds=0.0)
SHOP = fleet(*(f"shop{i}" for i in range(11)), group="shop")
FLEET = {**SHOP, **fleet(*(f"p{i}" for i in range(6)))}
ASKED = st.tuples(
    st.sampled_from(sorted(FLEET)),
    st.floats(1.0, 900.0),  # seconds since the one before
    st.sampled_from([AUTOMATIC, AUTOMATIC, AUTOMATIC, "kim"]),
    st.sampled_from([State.SUCCEEDED, State.SUCCEEDED, State.SUCCEEDED, State.ABORTED, State.ROLLED_BACK]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ASKED, max_size=60))
def test_budgets_hold_over_any_history(asked: list[tuple[str, float, str, State]]) -> None:
    """In no hour more than 10 automatic executions, 2 of a plugin, 2 plugins of a group of eleven."""
    past: tuple[Execution, ...] = ()
    now = NOW
    for number, (plugin_id, seconds, by, state) in enumerate(asked):
        now += seconds
        made = change(4, 5, plugin_id)
        if refusal(case(made, past, plugins=FLEET, automatic=by == AUTOMATIC, now=now, policy=FREE)) is None:
            past = (*past, execution(number, now, made, state, by, seconds=0.5))
    effects = [(e.applied_at, e.change.plugin_id) for e in past if e.approved_by == AUTOMATIC and e.applied_at]
    for at, _ in effects:
        hour = Counter(plugin_id for then, plugin_id in effects if at - 3600 < then <= at)
        assert hour.total() <= 10
        assert max(hour.values()) <= 2
        assert len(hour.keys() & SHOP.keys()) <= 2


@given(st.permutations(range(14)))
def test_a_budget_holds_for_what_was_approved_together(order: list[int]) -> None:
    """Fourteen automatic approvals wait; whoever is looked at first, ten have their effect."""
    plugins = fleet(*(f"p{i}" for i in range(14)))
    waiting = {i: execution(i, NOW, change(plugin_id=f"p{i}"), State.QUEUED) for i in range(14)}
    for i in order:
        own = waiting[i]
        held = refusal(case(own.change, tuple(waiting.values()), plugins=plugins, automatic=True, execution=own))
        if held is None:
            waiting[i] = replace(own, state=State.VERIFYING, applied_at=NOW)
        else:
            waiting[i] = replace(own, state=State.ABORTED, finished_at=NOW)
    done = [e for e in waiting.values() if e.applied_at is not None]
    assert 1 <= len(done) <= 10


def test_what_waits_before_it_is_counted_as_done() -> None:
    """Fourteen are asked about before any has had its effect: the ten approved first may go."""
    plugins = fleet(*(f"p{i}" for i in range(14)))
    waiting = tuple(execution(i, NOW, change(plugin_id=f"p{i}"), State.CLAIMED) for i in range(14))
    asked = [case(own.change, waiting, plugins=plugins, automatic=True, execution=own) for own in waiting]
    assert [code(one) for one in asked] == [None] * 10 + ["rail_fleet_budget"] * 4


def test_in_the_order_of_approval_the_budget_is_used_up() -> None:
    """The first ten go, the eleventh does not, and an hour later it does."""
    plugins = fleet(*(f"p{i}" for i in range(11)))
    ten = tuple(execution(i, NOW - 10 * i, change(plugin_id=f"p{i}")) for i in range(10))
    last = change(plugin_id="p10")
    assert code(case(last, ten[1:], plugins=plugins, automatic=True)) is None
    assert code(case(last, ten, plugins=plugins, automatic=True)) == "rail_fleet_budget"
    assert code(case(last, ten, plugins=plugins)) is None
    assert code(case(last, ten, plugins=plugins, automatic=True, now=NOW + 3600)) is None


def test_a_plugin_and_a_group_have_their_own_budgets() -> None:
    """Two of a plugin an hour; of a group of eleven two plugins, of a group of three one."""
    twice = tuple(execution(i, NOW - 600 * (i + 1), change(4, 5)) for i in range(2))
    assert code(case(past=twice, automatic=True)) == "rail_plugin_budget"
    small = fleet("orders", "stock", "mail", group="shop")
    one = (execution(1, NOW - 900, change(plugin_id="stock")),)
    assert code(case(past=one, plugins=small, automatic=True)) == "rail_group_budget"
    assert code(case(past=one, plugins=small)) is None
    again = (execution(1, NOW - 900, change(4, 5)),)
    assert code(case(past=again, plugins=small, automatic=True)) is None


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(1.0, 1500.0), st.booleans(), st.booleans()), max_size=40))
def test_no_knob_swings_to_and_fro(asked: list[tuple[bool, float, bool, bool]]) -> None:
    """Of one knob, no automatic change of direction follows another change of direction within half an hour."""
    past: tuple[Execution, ...] = ()
    now, moves = NOW, list[tuple[float, bool, bool]]()
    for number, (up, seconds, automatic, undone) in enumerate(asked):
        now += seconds
        made = change(8, 9 if up else 7)
        if refusal(case(made, past, automatic=automatic, now=now, policy=FREE)) is not None:
            continue
        by, state = (AUTOMATIC, "kim")[not automatic], State.ROLLED_BACK if undone else State.SUCCEEDED
        past = (*past, execution(number, now, made, state, by, seconds=0.5))
        moves.append((now, up, automatic))
        if undone:
            moves.append((now + 0.5, not up, False))
    turns = [(at, by) for (_, old, _), (at, new, by) in itertools.pairwise(moves) if old != new]
    for (earlier, _), (later, automatic) in itertools.pairwise(turns):
        assert not automatic or later - earlier >= 1800


def test_the_second_change_of_direction_waits() -> None:
    """Up, down, and up again: by a person at once, automatically half an hour later."""
    past = (execution(1, NOW - 1200, change(4, 5)), execution(2, NOW - 600, change(5, 4)))
    two = {"past": past, "policy": FREE}
    assert code(case(change(4, 5), **two, automatic=True)) == "rail_direction"  # type: ignore[arg-type]
    assert code(case(change(4, 5), **two)) is None  # type: ignore[arg-type]
    later = NOW - 600 + 1800
    assert code(case(change(4, 5), past[1:], policy=FREE, automatic=True, now=NOW)) is None
    assert code(case(change(4, 5), (*past,), policy=FREE, automatic=True, now=later)) in {None, "rail_plugin_budget"}
