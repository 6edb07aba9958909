"""Groups of plugins are kept, changed by who has seen them, and go with their policy."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from plugin_optimizer.domain import PluginGroup, Stale, group_target
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.knowledge.state.migrations import STEPS, migrate
from tests.knowledge.proposals import NOW

SHOP = PluginGroup("shop", 3, ("gunicorn",), {"team": "shop"}, ("shop-*",))
GROUPS_SCHEMA = 10


def test_a_group_is_kept_as_it_was_made(state: SqlStateStore) -> None:
    """Every condition, by name; making it is on the audit."""
    other = PluginGroup("a", names=("a*",))
    state.save_group(SHOP, "ann", NOW, None)
    state.save_group(other, "ann", NOW + 1, None)
    assert state.groups() == [other, SHOP]
    (made,) = state.audit(9, action="group.saved", subject="shop")
    assert (made.actor, made.detail["definition"]["names"]) == ("ann", ["shop-*"])


def test_who_has_not_seen_the_present_one_changes_nothing(state: SqlStateStore) -> None:
    """Made twice, changed or removed by an older sight: Stale."""
    state.save_group(SHOP, "ann", NOW, None)
    wider = replace(SHOP, kinds=())
    for attempt in (
        lambda: state.save_group(wider, "bob", NOW, None),
        lambda: state.save_group(wider, "bob", NOW, wider),
        lambda: state.remove_group("shop", "bob", NOW, wider),
        lambda: state.save_group(PluginGroup("new", names=("x",)), "bob", NOW, SHOP),
    ):
        with pytest.raises(Stale):
            attempt()
    assert state.groups() == [SHOP]
    state.save_group(wider, "bob", NOW, SHOP)
    assert state.groups() == [wider]


def test_a_removed_group_leaves_no_policy(state: SqlStateStore) -> None:
    """Neither its own, nor one that somebody saved just after for the next group of that name."""
    target = group_target("shop")
    state.save_group(SHOP, "ann", NOW, None)
    state.save_policy(target, {"max_workers": 4}, "ann", NOW)
    state.save_policy("orders", {"max_workers": 5}, "ann", NOW)
    state.remove_group("shop", "ann", NOW, SHOP)
    assert (state.groups(), state.policies()) == ([], {"orders": {"max_workers": 5}})
    state.save_policy(target, {"max_workers": 9}, "bob", NOW)
    state.save_group(SHOP, "ann", NOW, None)
    assert target not in state.policies()


def test_a_state_without_groups_is_led_to_one_with_them(state: SqlStateStore) -> None:
    """From the version before, on either database, with what was there."""
    state.save_policy("orders", {"max_workers": 5}, "ann", NOW)
    with state._database.writing() as write:
        write.connection.execute(text("DROP TABLE plugin_groups"))
        write.connection.execute(text(f"UPDATE schema_version SET version = {GROUPS_SCHEMA - 1}"))
        assert migrate(write.connection, STEPS[: GROUPS_SCHEMA - 1]) == GROUPS_SCHEMA
        assert inspect(write.connection).has_table("plugin_groups")
        write.connection.execute(text(f"UPDATE schema_version SET version = {len(STEPS) + 1}"))
    state.save_group(SHOP, "ann", NOW, None)
    assert (state.groups(), state.policies()) == ([SHOP], {"orders": {"max_workers": 5}})


def test_groups_survive_a_restart(state_path: Path) -> None:
    """Closed and opened again."""
    first = open_state(state_path)
    first.save_group(SHOP, "ann", NOW, None)
    first.close()
    second = open_state(state_path)
    assert second.groups() == [SHOP]
    second.close()
