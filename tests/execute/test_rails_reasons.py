"""What a rail says, in full: the reason with the figures that people read, and the limits to the second."""

from dataclasses import replace

import pytest
from execute.rails_cases import NOW, case, change, code, execution, fleet

from plugin_optimizer.domain import ExecutionState, Message, PluginStatus, Policy, Pool
from plugin_optimizer.execute.rails import refusal
from plugin_optimizer.models.calendar import parse_window

State = ExecutionState
REST = Policy(cooldown_seconds=60.0)


def test_each_rail_says_what_it_holds_back_and_for_how_long() -> None:
    """The whole message, as it is shown."""
    lately = (execution(1, NOW - 20, change()),)
    assert refusal(case(past=lately, policy=REST)) == Message("rail_cooldown", {"rest_seconds": 40.0})
    assert refusal(case(change(7, 7))) == Message("rail_dead_band", {"knob": "workers", "before": 7, "after": 7})
    assert refusal(case(change(2, 4), automatic=True)) == Message(
        "rail_step", {"knob": "workers", "before": 2, "after": 4}
    )
    assert refusal(case(change(2, 10), pool=Pool("sync", 2, cores=2.0))) == Message(
        "rail_cores", {"after": 10, "maximum": 9}
    )
    undone = (execution(1, NOW - 7200, change(4, 5), State.ROLLED_BACK),)
    assert refusal(case(change(4, 5), undone, automatic=True)) == Message("rail_undone", {"rest_seconds": 79_200.0})


def test_each_budget_names_its_limit() -> None:
    """Of the plugin, of its group, of the fleet, of neighbours and of the halt."""
    twice = tuple(execution(i, NOW - 600 * (i + 1), change(4, 5)) for i in range(2))
    assert refusal(case(past=twice, automatic=True)) == Message("rail_plugin_budget", {"limit": 2})
    small = fleet("orders", "stock", "mail", group="shop")
    one = (execution(1, NOW - 900, change(plugin_id="stock")),)
    assert refusal(case(past=one, plugins=small, automatic=True)) == Message(
        "rail_group_budget", {"group": "shop", "limit": 1}
    )
    going_on = (execution(1, NOW, change(plugin_id="stock"), State.VERIFYING, by="kim"),)
    assert refusal(case(past=going_on, plugins=small)) == Message(
        "rail_neighbour", {"neighbour": "stock", "execution_id": "ex_00001"}
    )
    plugins = fleet("orders", "a")
    statuses = {"orders": PluginStatus.ACTIVE, "a": PluginStatus.UNKNOWN}
    assert refusal(case(plugins=plugins, statuses=statuses, automatic=True)) == Message(
        "rail_unwell", {"unwell": 1, "plugins": 2}
    )


def test_an_hour_ago_is_no_longer_counted() -> None:
    """To the second."""
    plugins = fleet(*(f"p{i}" for i in range(11)))
    made = change(plugin_id="p10")
    for age_seconds, expected in ((3_599.0, "rail_fleet_budget"), (3_600.0, None)):
        ten = tuple(execution(i, NOW - age_seconds, change(plugin_id=f"p{i}")) for i in range(10))
        assert code(case(made, ten, plugins=plugins, automatic=True)) == expected


def test_steps_are_counted_from_the_oldest_of_the_last_five_minutes() -> None:
    """8 → 9 → 10 → 12 → 13 in four minutes is more than half of 8; from exactly five minutes ago it counts no more."""
    past = tuple(execution(i, NOW - 240 + 60 * i, change(a, b)) for i, (a, b) in enumerate([(8, 9), (9, 10), (10, 12)]))
    assert refusal(case(change(12, 13), past, automatic=True, policy=Policy(cooldown_seconds=0.0))) == Message(
        "rail_step", {"knob": "workers", "before": 8, "after": 13}
    )
    edge = (execution(1, NOW - 300, change(4, 6)),)
    assert code(case(change(6, 9), edge, automatic=True)) is None


def test_another_plugins_and_another_knobs_turns_do_not_count() -> None:
    """Direction and distance are those of one knob of one plugin."""
    plugins = fleet("orders", "stock")
    others = (execution(1, NOW - 900, change(4, 5, "stock")), execution(2, NOW - 600, change(5, 4, "stock")))
    assert code(case(change(4, 5), others, plugins=plugins, automatic=True)) is None
    knobs = (execution(1, NOW - 900, change(4, 5, knob="threads")),)
    assert code(case(change(5, 4), knobs, automatic=True)) is None


@pytest.mark.parametrize("days", ["Sat-Mon", "Fri-Tue", "Mon", "Sun", "Mon,Wed-Fri"])
def test_the_days_of_a_window_are_numbers_from_monday(days: str) -> None:
    """Over the weekend, and on Monday morning what began on Sunday."""
    expected = {"Sat-Mon": {5, 6, 0}, "Fri-Tue": {4, 5, 6, 0, 1}, "Mon": {0}, "Sun": {6}, "Mon,Wed-Fri": {0, 2, 3, 4}}
    assert parse_window(f"{days} 22:00-06:00 UTC").days == expected[days]


def test_a_pool_that_stays_too_large_is_refused_and_a_smaller_one_is_not() -> None:
    """Beyond the cores: larger never, smaller always."""
    too_large = replace(case(change(30, 31)), pool=Pool("sync", 30, cores=2.0))
    assert code(too_large) in {"rail_cores", "rail_dead_band"}
