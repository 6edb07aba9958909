"""What is on disk before the first engine of a run starts: a plugin, and an approval that was acknowledged."""

import time

from plugin_optimizer.domain import (
    Change,
    Direction,
    Execution,
    Goal,
    Message,
    Metric,
    Plugin,
    PluginStatus,
    Proposal,
    Purpose,
    Risk,
    SuggestionType,
)
from plugin_optimizer.knowledge import SqlStateStore, open_state

from .case import AFTER, BEFORE, KNOB, PLUGIN_ID, Room

KEY, ACTOR = "first click", "kim"
GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)


def furnish(room: Room, plugin: Plugin) -> Execution:
    """Put a plugin and an approval on record in the room; return its execution."""
    store = open_state(room.state)
    try:
        store.save_plugin(plugin, PluginStatus.ACTIVE, time.time())
        suggestion = store.offer(_proposal(), time.time(), time.time() + 3_600.0)
        return approve(store, suggestion.id)
    finally:
        store.close()


def approve(store: SqlStateStore, suggestion_id: str) -> Execution:
    """Approve, or ask again what became of the approval."""
    return store.approve(suggestion_id, None, ACTOR, KEY, time.time())[0]


def _proposal() -> Proposal:
    title = Message("increase_workers", {"from_workers": BEFORE, "to_workers": AFTER})
    change = Change(PLUGIN_ID, KNOB, BEFORE, AFTER, GOAL)
    return Proposal(PLUGIN_ID, SuggestionType.INCREASE_WORKERS, title, change, None, Risk.LOW, 0.9)
