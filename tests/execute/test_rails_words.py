"""The rest of what the rails say, whole: bounds, calendar, halts and turns, with the figures beside them."""

from dataclasses import replace

import pytest

from plugin_optimizer.domain import ExecutionState, Knob, Message, PluginStatus, Policy, Pool
from plugin_optimizer.execute.rails import refusal
from plugin_optimizer.execute.rails_pace import related
from plugin_optimizer.execute.rails_value import bounds

from .rails_cases import NOW, WORKERS, case, change, execution, fleet

State = ExecutionState
FREE = Policy(cooldown_seconds=0.0)
FREEZE = "2026-12-20T00:00/2027-12-20T00:00 UTC"
NIGHTS = ("Mon 22:00-23:00 UTC", "Tue 22:00-23:00 UTC")  # NOW is a Friday


def test_the_calendar_is_quoted() -> None:
    """The freeze that holds and not one that is over, or all windows."""
    over = "2020-01-01T00:00/2020-01-02T00:00 UTC"
    in_freeze = case(policy=replace(FREE, freezes=(over, FREEZE)))
    assert refusal(in_freeze) == Message("rail_freeze", {"freeze": FREEZE})
    outside = case(policy=replace(FREE, windows=NIGHTS))
    assert refusal(outside) == Message("rail_window", {"windows": "Mon 22:00-23:00 UTC; Tue 22:00-23:00 UTC"})


def test_bounds_are_told_in_words() -> None:
    """A number that is none, the policy's workers, the knob's own range, and nothing that serves at zero."""
    assert refusal(case(change(4, 10**16))) == Message("out_of_bounds", {"minimum": -(10**15), "maximum": 10**15})
    assert refusal(case(change(4, -(10**16), knob="size"))) == Message(
        "out_of_bounds", {"minimum": -(10**15), "maximum": 10**15}
    )
    narrow = replace(FREE, min_workers=2, max_workers=8)
    for after in (1, 9):
        assert refusal(case(change(4, after), policy=narrow)) == Message(
            "out_of_bounds", {"knob": "workers", "after": after, "policy_minimum": 2, "policy_maximum": 8}
        )
    for after in (2, 8):
        assert refusal(case(change(4, after), policy=narrow)) is None
    beyond = bounds(case(change(4, 99)))
    assert beyond is not None
    assert beyond == Message("out_of_bounds", {"knob": "workers", "after": 99, "minimum": 1, "maximum": 64})
    wide = Knob("workers", 4, None, None, kind="workers")
    assert refusal(case(change(4, 0), knob=wide)) == Message("rail_zero", {"knob": "workers", "after": 0})
    unread = case(change(4, 0), knob=None)  # known by its name alone
    assert refusal(unread) == Message("rail_zero", {"knob": "workers", "after": 0})


def test_what_requests_were_seen_to_need_is_not_taken_from_them() -> None:
    """No lower than that, not even by a person; upwards it is no bound, and what lies below already may be raised."""
    timeout = Knob("timeout", 40, 10, 600, kind="time_limit", needed=25.0)
    told = {"knob": "timeout", "after": 24, "needed": 25.0}
    assert refusal(case(change(40, 24, knob="timeout"), knob=timeout)) == Message("rail_needed", told)
    assert refusal(case(change(40, 25, knob="timeout"), knob=timeout)) is None
    low = replace(timeout, value=12)
    assert refusal(case(change(12, 20, knob="timeout"), knob=low)) is None


@pytest.mark.parametrize("after", [10**15, -(10**15), "lru", True])
def test_what_has_no_bounds_is_let_through(after: float | str) -> None:
    """The largest number itself; words and switches are no numbers."""
    assert bounds(case(change(4, after, knob="size"), knob=None)) is None


def test_a_halt_says_how_much_is_wrong() -> None:
    """How many are unwell, how many were undone within the hour."""
    plugins = fleet("orders", "a", "b", "c")
    undone = tuple(
        execution(i, NOW - 60 * i - 60, change(plugin_id=name), State.ROLLED_BACK) for i, name in enumerate("abc")
    )
    assert refusal(case(past=undone, plugins=plugins, automatic=True)) == Message("rail_rollbacks", {"rollbacks": 3})
    assert refusal(case(past=undone, plugins=plugins)) is None
    old = (*undone[:2], replace(undone[2], finished_at=NOW - 3_600.0))
    assert refusal(case(past=old, plugins=plugins, automatic=True)) is None
    statuses = dict.fromkeys(plugins, PluginStatus.ACTIVE) | {"a": PluginStatus.INACTIVE, "b": PluginStatus.UNKNOWN}
    assert refusal(case(plugins=plugins, statuses=statuses, automatic=True)) == Message(
        "rail_unwell", {"unwell": 2, "plugins": 4}
    )


def test_who_was_not_seen_is_said_to_be_so() -> None:
    """Its status, or how long ago the last look was; both only to automatic mode."""
    lost = case(statuses={"orders": PluginStatus.UNKNOWN}, automatic=True)
    assert refusal(lost) == Message("rail_not_seen", {"status": PluginStatus.UNKNOWN.value})
    assert refusal(replace(lost, automatic=False)) is None
    seen = case(automatic=True)
    blind = replace(seen, past=replace(seen.past, looked_at=NOW - 61.0), policy=replace(FREE, stale_seconds=30.0))
    assert refusal(blind) == Message("rail_blind", {"age_seconds": 61.0})
    assert refusal(replace(blind, policy=replace(FREE, stale_seconds=61.0))) is None
    assert refusal(replace(blind, past=replace(seen.past, looked_at=NOW - 60.0))) is None


def test_budgets_and_turns_say_what_is_left() -> None:
    """The fleet's limit; how long until a knob may turn round again."""
    plugins = fleet("orders", *(f"p{i}" for i in range(10)))
    ten = tuple(execution(i, NOW - 60.0, change(plugin_id=f"p{i}")) for i in range(10))
    assert refusal(case(past=ten, plugins=plugins, automatic=True)) == Message("rail_fleet_budget", {"limit": 10})
    turned = (execution(1, NOW - 1200, change(4, 5)), execution(2, NOW - 600, change(5, 4), by="kim"))
    assert refusal(case(change(4, 5), turned, automatic=True)) == Message("rail_direction", {"rest_seconds": 1200.0})
    earlier = (turned[0], replace(turned[1], applied_at=NOW - 1800.0, created_at=NOW - 1800.0))
    first = (replace(turned[0], applied_at=NOW - 2000.0), earlier[1])
    assert refusal(case(change(4, 5), first, automatic=True)) is None


def test_going_back_counts_as_a_turn() -> None:
    """Up, and back by itself: up again is the second change of direction; when it ended is when it went back."""
    back = execution(1, NOW - 900.0, change(4, 5, knob="threads"), State.ROLLED_BACK, by="kim", seconds=100.0)
    down = case(change(4, 3, knob="threads"), (back,), automatic=True)
    assert refusal(down) is None  # the way it went last
    other = replace(back, change=change(5, 4, knob="threads"))
    up_again = case(change(4, 3, knob="threads"), (other,), automatic=True)
    assert refusal(up_again) == Message("rail_undone", {"rest_seconds": 86_400.0 - 800.0})


def test_only_what_had_an_effect_needs_rest() -> None:
    """An aborted change, one that goes on, another plugin's: none; the latest end counts."""
    rest = replace(FREE, cooldown_seconds=100.0)
    plugins = fleet("orders", "mail")
    none = (
        execution(1, NOW - 10, change(), State.ABORTED),
        execution(2, NOW - 10, change(plugin_id="mail")),
    )
    assert refusal(case(past=none, policy=rest, plugins=plugins)) is None
    two = (execution(3, NOW - 90, change()), execution(4, NOW - 30, change()), execution(5, NOW - 60, change()))
    assert refusal(case(past=two, policy=rest)) == Message("rail_cooldown", {"rest_seconds": 70.0})
    assert refusal(case(past=(execution(6, NOW - 100, change()),), policy=rest)) is None


def test_a_group_budget_is_a_fifth_of_its_plugins() -> None:
    """Of ten, two; whose own turn it is counts as one, and plugins without a group have none."""
    ten = fleet("orders", *(f"p{i}" for i in range(9)), group="shop")
    others = {**ten, **fleet("alone", "mail")}
    one = (execution(1, NOW - 60, change(plugin_id="p1")),)
    two = (*one, execution(2, NOW - 60, change(plugin_id="p2")))
    assert refusal(case(past=one, plugins=others, automatic=True)) is None
    assert refusal(case(past=two, plugins=others, automatic=True)) == Message(
        "rail_group_budget", {"group": "shop", "limit": 2}
    )
    assert refusal(case(change(plugin_id="alone"), two, plugins=others, automatic=True)) is None
    by_hand = (one[0], replace(two[1], approved_by="kim"))
    assert refusal(case(past=by_hand, plugins=others, automatic=True)) is None


def test_who_is_related_is_told_by_labels_alone() -> None:
    """The same group, or the other's name among what it depends on; an empty group is none."""
    shop, mail = fleet("orders", group="shop")["orders"], fleet("mail", group="post")["mail"]
    assert not related(shop, mail)
    assert related(shop, fleet("stock", group="shop")["stock"])
    assert not related(fleet("a", group="")["a"], fleet("b", group="")["b"])
    depending = fleet("web", depends_on="stock , orders")["web"]
    assert related(depending, shop)
    assert related(shop, depending)
    assert not related(depending, mail)
    assert related(mail, mail)


def test_a_step_too_far_is_measured_by_the_knobs_own_step() -> None:
    """Of a knob that moves by ten, ten are one step; by words nothing is measured."""
    by_ten = replace(WORKERS, name="size", value=10, step=10, kind="setting", minimum=0, maximum=1_000)
    ten_more = case(change(10, 20, knob="size"), automatic=True, knob=by_ten)
    assert refusal(ten_more) is None
    assert refusal(replace(ten_more, knob=replace(by_ten, step=1))) == Message(
        "rail_step", {"knob": "size", "before": 10, "after": 20}
    )
    assert refusal(case(change("lru", "lfu", knob="policy"), automatic=True)) is None


def test_beyond_the_cores_the_maximum_is_named() -> None:
    """Where they are known; without a pool whoever turns the knob has to know."""
    asked = case(change(8, 10), pool=Pool("sync", 8, cores=2.0))
    assert refusal(asked) == Message("rail_cores", {"after": 10, "maximum": 9})
    assert refusal(replace(asked, change=change(8, 9))) is None
    assert refusal(replace(asked, pool=None)) is None


def test_what_an_execution_did_itself_is_not_held_against_it() -> None:
    """Under way to its second step: its first one is no other change of the hour."""
    earlier = execution(1, NOW - 600.0, change(3, 4))
    own = execution(2, NOW - 5.0, change(4, 5), State.APPLYING)
    assert refusal(case(past=(earlier, own), automatic=True, execution=own)) is None
    done = replace(own, id="ex_3", state=State.SUCCEEDED, finished_at=NOW - 1.0)
    assert refusal(case(past=(earlier, done), automatic=True, execution=own)) == Message(
        "rail_plugin_budget", {"limit": 2}
    )


def test_where_the_knob_cannot_be_read_one_is_the_least_step() -> None:
    """Two to four is two steps then."""
    assert refusal(case(change(2, 4), automatic=True, knob=None)) == Message(
        "rail_step", {"knob": "workers", "before": 2, "after": 4}
    )
    assert refusal(case(change(2, 3), automatic=True, knob=None)) is None


@pytest.mark.parametrize(("before", "after"), [(4, "lru"), ("lru", 4), ("lru", "lfu")])
def test_from_a_word_no_distance_is_measured(before: float | str, after: float | str) -> None:
    """Nor to one: neither too small nor too far."""
    for automatic in (False, True):
        assert refusal(case(change(before, after, knob="size"), knob=None, automatic=automatic)) is None
