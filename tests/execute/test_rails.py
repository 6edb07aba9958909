"""The rails one by one: what they refuse, what they let pass."""

from dataclasses import replace

import pytest
from execute.rails_cases import GOAL, NOW, case, change, code, execution, fleet
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import Execution, ExecutionState, Knob, PluginStatus, Policy, Pool, Purpose, Value
from plugin_optimizer.execute.rails import refusal
from plugin_optimizer.wording import known_codes

State = ExecutionState
NUMBERS = st.integers() | st.floats(allow_nan=True, allow_infinity=True)
AUTO = Policy(cooldown_seconds=0.0)


def test_a_sensible_change_passes() -> None:
    """4 to 5 workers, nothing else going on: by a person and automatically."""
    assert refusal(case()) is None
    assert refusal(case(automatic=True)) is None


@given(NUMBERS, NUMBERS, st.booleans(), st.integers(1, 20), st.integers(0, 40))
def test_nothing_ever_leaves_the_bounds(before: Value, after: Value, automatic: bool, low: int, more: int) -> None:
    """Whatever passes lies within the knob's and the policy's bounds, and is not zero; NaN and infinities never pass."""
    policy = replace(AUTO, min_workers=low, max_workers=low + more)
    asked = case(change(before, after), policy=policy, automatic=automatic)
    if refusal(asked) is None:
        assert isinstance(after, int | float)
        assert max(1, low) <= after <= min(64, low + more)


@given(NUMBERS | st.text(max_size=3) | st.booleans(), NUMBERS | st.text(max_size=3) | st.booleans(), st.booleans())
def test_a_rail_never_fails_to_answer(before: Value, after: Value, automatic: bool) -> None:
    """Any two values, knob known or not: an answer with words, never an exception."""
    for knob in (
        None,
        Knob("workers", before, 1, 64, kind="workers"),
        Knob("workers", before, 0, 9e18, kind="setting"),
    ):
        found = refusal(case(change(before, after), automatic=automatic, knob=knob))
        assert found is None or found.code in known_codes()


@pytest.mark.parametrize("kind", ["workers", "threads", "cache_size"])
@pytest.mark.parametrize("after", [0, -1, 0.0, 0.5])
def test_what_serves_is_never_turned_to_zero(kind: str, after: float) -> None:
    """Even where knob and policy would allow it."""
    knob = Knob("size", 5, None, None, kind=kind)
    assert code(case(change(5, after, knob="size"), knob=knob)) == "rail_zero"


def test_zero_may_mean_never() -> None:
    """max_requests 0 is gunicorn's word for 'no recycling', not for nothing."""
    assert (
        code(case(change(500, 0, knob="max_requests"), knob=Knob("max_requests", 500, 0, 1e6, kind="setting"))) is None
    )


@pytest.mark.parametrize(
    ("kind", "cores", "most", "after", "expected"),
    [
        ("sync", 2.0, 32, 9, None),
        ("sync", 2.0, 32, 10, "rail_cores"),
        ("sync", 2.0, 31, 10, None),  # the policy named its own limit
        ("sync", 2.0, 64, 40, None),
        ("sync", 2.0, 8, 9, "out_of_bounds"),
        ("gthread", 2.0, 32, 20, None),
        ("sync", 0.5, 32, 3, None),
        ("sync", 0.5, 32, 4, "rail_cores"),
    ],
)
def test_workers_are_bound_by_cores_unless_the_policy_says_more(
    kind: str, cores: float, most: int, after: int, expected: str | None
) -> None:
    """Sync workers end at 4 × cores + 1; a policy's own max_workers replaces that, never the other way round."""
    asked = case(change(2, after), policy=replace(AUTO, max_workers=most), pool=Pool(kind, 2, cores=cores))
    assert code(asked) == expected


def test_a_pool_that_is_too_large_may_shrink() -> None:
    """From 30 to 20 workers on two cores: still beyond the rail, and nearer to it."""
    assert code(case(change(30, 20), pool=Pool("sync", 30, cores=2.0))) is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (100, 109, "rail_dead_band"),
        (100, 110, None),
        (100, 91, "rail_dead_band"),
        (20, 19, None),  # of small whole numbers one is enough
        (25, 24, "rail_dead_band"),
        (2.0, 2.1, "rail_dead_band"),
        (2.0, 2.5, None),
        (7, 7, "rail_dead_band"),
        ("lru", "lfu", None),
        ("lru", "lru", "rail_dead_band"),
    ],
)
def test_what_is_not_worth_it_is_not_done(before: Value, after: Value, expected: str | None) -> None:
    """A change of less than a tenth is refused; of whole numbers up to 20 one is worth it."""
    assert code(case(change(before, after, knob="size"), knob=None)) == expected


def test_a_repair_may_be_small() -> None:
    """Back to what was known good, though it is only 5 % away."""
    made = replace(change(100, 95, knob="size"), goal=replace(GOAL, purpose=Purpose.REPAIR))
    assert code(case(made, knob=None)) is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1, 2, None),
        (2, 3, None),
        (2, 4, "rail_step"),
        (4, 6, None),
        (4, 7, "rail_step"),
        (10, 8, None),
        (10, 7, "rail_step"),
        (3, 2, None),
        (3, 1, "rail_step"),
    ],
)
def test_automatic_steps_are_bounded_and_a_persons_are_not(before: int, after: int, expected: str | None) -> None:
    """Up by half, down by a fifth, at least one; a person may go the whole way."""
    assert code(case(change(before, after), automatic=True)) == expected
    assert code(case(change(before, after), automatic=False)) is None


def test_steps_add_up_over_five_minutes() -> None:
    """4 → 6 and then 6 → 9 a minute later is more than half in five minutes; after five minutes it is not."""
    past = (execution(1, NOW - 60, change(4, 6)),)
    assert code(case(change(6, 9), past, automatic=True)) == "rail_step"
    assert code(case(change(6, 9), past, automatic=True, now=NOW + 241)) is None


@given(st.integers(1, 60), st.lists(st.integers(1, 60), max_size=12))
def test_automatic_steps_never_go_further_than_allowed_in_five_minutes(start: int, wanted: list[int]) -> None:
    """Whatever is asked for, a minute apart: within five minutes at most +50 % and −20 %, or one."""
    values: list[tuple[float, int]] = [(NOW - 1e6, start)]
    past: tuple[Execution, ...] = ()
    for i, after in enumerate(wanted):
        now, before = NOW + 60 * i, values[-1][1]
        if refusal(case(change(before, after), past, automatic=True, now=now, policy=replace(AUTO, max_workers=64))):
            continue
        past = (*past, execution(i, now, change(before, after)))
        values.append((now, after))
    for at, value in values[1:]:
        then = [v for t, v in values if t <= at - 300][-1]
        assert value <= max(then + 1, then * 1.5)
        assert value >= min(then - 1, then * 0.8)


def test_a_plugin_rests_after_a_change() -> None:
    """Also for an administrator; what was never done needs no rest."""
    rest = replace(AUTO, cooldown_seconds=60.0)
    lately = (execution(1, NOW - 100, change(), seconds=70.0),)
    assert code(case(past=lately, policy=rest)) == "rail_cooldown"
    assert code(case(past=lately, policy=rest, now=NOW + 31)) is None
    assert code(case(past=(execution(1, NOW - 10, change(), State.ABORTED),), policy=rest)) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"group": "shop"}, {"group": "shop"}, "rail_neighbour"),
        ({"group": "shop"}, {"group": "bank"}, None),
        ({"depends_on": "stock, mail"}, {}, "rail_neighbour"),
        ({}, {"depends_on": "orders"}, "rail_neighbour"),
        ({}, {}, None),
        ({"group": ""}, {"group": ""}, None),
    ],
)
def test_one_change_at_a_time_in_a_dependency_group(
    one: dict[str, str], other: dict[str, str], expected: str | None
) -> None:
    """Plugins that share a group, or of which one depends on the other, are not changed together."""
    plugins = {**fleet("orders", **one), **fleet("stock", **other)}
    going_on = (execution(1, NOW, change(plugin_id="stock"), State.VERIFYING, by="kim"),)
    assert code(case(past=going_on, plugins=plugins)) == expected
    over = (replace(going_on[0], state=State.SUCCEEDED, finished_at=NOW),)
    assert code(case(past=over, plugins=plugins)) is None


def test_of_two_neighbours_approved_at_once_the_first_goes_on() -> None:
    """Neither blocks the other for ever."""
    plugins = fleet("orders", "stock", group="shop")
    first = execution(1, NOW, change(plugin_id="orders"), State.QUEUED, by="kim")
    second = execution(2, NOW, change(plugin_id="stock"), State.QUEUED, by="lee")
    both = (first, second)
    assert code(case(first.change, both, plugins=plugins, execution=first)) is None
    assert code(case(second.change, both, plugins=plugins, execution=second)) == "rail_neighbour"


def test_automatic_mode_halts_when_too_much_is_unwell() -> None:
    """A third inactive or unknown is bearable, more is not; a person may still act."""
    plugins = fleet("orders", *(f"p{i}" for i in range(5)))
    unwell = [PluginStatus.INACTIVE, PluginStatus.UNKNOWN, PluginStatus.UNKNOWN]
    statuses = dict.fromkeys(plugins, PluginStatus.ACTIVE)
    two = {**statuses, **dict(zip(("p0", "p1"), unwell, strict=False))}
    three = {**statuses, **dict(zip(("p0", "p1", "p2"), unwell, strict=True))}
    assert code(case(plugins=plugins, statuses=two, automatic=True)) is None
    assert code(case(plugins=plugins, statuses=three, automatic=True)) == "rail_unwell"
    assert code(case(plugins=plugins, statuses=three)) is None


def test_automatic_mode_halts_after_three_rollbacks() -> None:
    """Within an hour, of whatever plugins; what was stopped before it took effect does not count."""
    plugins = fleet("orders", "a", "b", "c")
    undone = tuple(
        execution(i, NOW - 3000, change(plugin_id=p), State.ROLLED_BACK, by="kim", seconds=100)
        for i, p in enumerate("abc")
    )
    assert code(case(past=undone, plugins=plugins, automatic=True)) == "rail_rollbacks"
    assert code(case(past=undone[:2], plugins=plugins, automatic=True)) is None
    assert code(case(past=undone, plugins=plugins)) is None
    assert code(case(past=undone, plugins=plugins, automatic=True, now=NOW + 1000)) is None
    on_its_way = (*undone[:2], replace(undone[2], applied_at=None))
    assert code(case(past=on_its_way, plugins=plugins, automatic=True)) is None


def test_a_frozen_or_closed_calendar_binds_everybody() -> None:
    """NOW is a Friday, 08:00 UTC, 17:00 in Seoul."""
    closed = replace(AUTO, windows=("Mon-Fri 22:00-06:00 Asia/Seoul",))
    opened = replace(AUTO, windows=("Sat 00:00-24:00 UTC", "Fri 17:00-18:00 Asia/Seoul"))
    frozen = replace(opened, freezes=("2027-01-15T00:00/2027-01-16T00:00 UTC",))
    assert code(case(policy=closed)) == "rail_window"
    assert code(case(policy=opened)) is None
    assert code(case(policy=frozen)) == "rail_freeze"


def test_maintenance_and_holidays_hold_back_automatic_mode_alone() -> None:
    """NOW is Friday, 2027-01-15: somebody who is at work on it, or there on a holiday, may still execute."""
    busy = replace(AUTO, maintenance=("Fri 07:00-09:00 UTC",))
    resting = replace(AUTO, holidays=("2027-01-15 UTC",))
    once = replace(AUTO, maintenance=("2027-01-15T07:00/2027-01-15T09:00 UTC",))
    assert [code(case(policy=policy, automatic=True)) for policy in (busy, once)] == ["rail_maintenance"] * 2
    assert code(case(policy=resting, automatic=True)) == "rail_holiday"
    assert {code(case(policy=policy)) for policy in (busy, once, resting)} == {None}
    assert code(case(policy=busy, automatic=True, now=NOW + 3601)) is None
    begun = execution(1, NOW - 60, change(), state=State.QUEUED)
    assert code(case(policy=busy, automatic=True, execution=begun)) == "maintenance_began"
    assert code(case(policy=resting, automatic=True, execution=begun)) == "holiday_began"


@pytest.mark.parametrize(
    ("status", "age_seconds", "expected"),
    [
        (PluginStatus.ACTIVE, 0.0, None),
        (PluginStatus.ACTIVE, 60.0, None),
        (PluginStatus.ACTIVE, 61.0, "rail_blind"),
        (PluginStatus.UNKNOWN, 0.0, "rail_not_seen"),
        (PluginStatus.INACTIVE, 0.0, "rail_not_seen"),
    ],
)
def test_nothing_is_done_automatically_without_looking(
    status: PluginStatus, age_seconds: float, expected: str | None
) -> None:
    """To the second; a person may act on what the engine cannot see."""
    plugins = fleet("orders", "a", "b")
    statuses = {**dict.fromkeys(plugins, PluginStatus.ACTIVE), "orders": status}
    asked = case(plugins=plugins, statuses=statuses, automatic=True)
    asked = replace(asked, past=replace(asked.past, looked_at=NOW - age_seconds))
    assert code(asked) == expected
    assert code(replace(asked, automatic=False)) is None


@pytest.mark.parametrize(
    ("age_seconds", "after", "expected"),
    [(86_399.0, 5, "rail_undone"), (86_400.0, 5, None), (3_600.0, 3, None)],
)
def test_what_was_undone_is_not_tried_again_by_itself_for_a_day(
    age_seconds: float, after: int, expected: str | None
) -> None:
    """The same knob the same way; the other way is another change, and a person may try again."""
    past = (execution(1, NOW - age_seconds, change(4, 5), State.ROLLED_BACK, by="kim"),)
    assert code(case(change(4, after), past, automatic=True)) == expected
    assert code(case(change(4, after), past)) is None
