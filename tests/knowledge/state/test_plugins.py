"""Plugins and their policies are remembered."""

from contextlib import closing

import pytest

from plugin_optimizer.contracts import Desired
from plugin_optimizer.domain import Conflict, NotFound, Plugin, PluginStatus, SuggestionState
from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests.knowledge.lives import queued
from tests.knowledge.proposals import HOUR, NOW, proposal

ORDERS = Plugin("orders", "gunicorn", {"bind": "127.0.0.1:8000"}, {"team": "shop"})
ACTIVE, INACTIVE = PluginStatus.ACTIVE, PluginStatus.INACTIVE


def test_a_status_dates_from_its_change(state: SqlStateStore) -> None:
    """Seen again with the same status it keeps its time, also where the address is new."""
    state.save_plugin(ORDERS, ACTIVE, NOW)
    moved = Plugin("orders", "gunicorn", {"bind": "127.0.0.1:9000"})
    state.save_plugin(moved, ACTIVE, NOW + 5)
    assert state.plugins() == [(moved, ACTIVE, NOW)]
    state.save_plugin(moved, INACTIVE, NOW + 10)
    assert state.plugins() == [(moved, INACTIVE, NOW + 10)]


def test_who_has_read_the_plugins_sees_what_another_writes(state: SqlStateStore, state_url: str) -> None:
    """They are kept between two writes and no longer, and whoever changes the list they were given changes no other."""
    state.save_plugin(ORDERS, ACTIVE, NOW)
    read = list(state.plugins())
    read.clear()
    assert state.plugins() == [(ORDERS, ACTIVE, NOW)]
    with closing(open_state(state_url)) as other:
        other.save_plugin(Plugin("menu", "gunicorn"), ACTIVE, NOW)
        other.save_plugin(ORDERS, INACTIVE, NOW + 5)
    assert [(plugin.plugin_id, status) for plugin, status, _ in state.plugins()] == [
        ("menu", ACTIVE),
        ("orders", INACTIVE),
    ]


def test_what_is_known_already_writes_nothing(state: SqlStateStore) -> None:
    """No version, no audit row: a dashboard is not woken each turn."""
    state.save_plugin(ORDERS, ACTIVE, NOW)
    before = (state.version(), state.verify_audit())
    state.save_plugin(ORDERS, ACTIVE, NOW + 5)
    assert (state.version(), state.verify_audit()) == before


def test_a_forgotten_plugin_leaves_only_its_history(state: SqlStateStore) -> None:
    """Policy, kept values and open suggestions go; executions stay."""
    state.save_plugin(ORDERS, ACTIVE, NOW)
    state.save_policy("orders", {"mode": "advise"}, "ann", NOW)
    done = state.ask_rollback(queued(state).id, "ann", NOW)
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    state.desire(Desired("orders", "workers", 4, done.id, NOW))
    state.forget_plugin("orders", "ann", NOW + 1)
    assert (state.plugins(), state.policies(), state.desired()) == ([], {}, [])
    assert state.suggestion(opened.id).state is SuggestionState.EXPIRED
    assert [e.id for e in state.executions()] == [done.id]
    with pytest.raises(NotFound):
        state.forget_plugin("orders", "ann", NOW + 2)


def test_a_plugin_that_is_being_changed_is_not_forgotten(state: SqlStateStore) -> None:
    """The execution needs to know whom to turn back."""
    state.save_plugin(ORDERS, ACTIVE, NOW)
    queued(state)
    with pytest.raises(Conflict) as caught:
        state.forget_plugin("orders", "ann", NOW)
    assert caught.value.code == "in_flight"


def test_policies_are_replaced_patched_and_removed(state: SqlStateStore) -> None:
    """Saving replaces all overrides, patching changes some, nothing left means no row."""
    state.save_policy("", {"mode": "advise", "max_workers": 8}, "ann", NOW)
    state.save_policy("orders", {"cpu_ratio": 0.5}, "ann", NOW)
    state.save_policy("", {"mode": "approve"}, "ann", NOW)
    assert state.policies() == {"": {"mode": "approve"}, "orders": {"cpu_ratio": 0.5}}
    patched = state.patch_policy("orders", {"cpu_ratio": None, "max_workers": 4, "memory_limit_bytes": 1e9}, "ann", NOW)
    assert patched == {"max_workers": 4, "memory_limit_bytes": 1e9}
    assert state.policies()["orders"] == patched
    state.save_policy("orders", {}, "ann", NOW)
    assert state.policies() == {"": {"mode": "approve"}}
