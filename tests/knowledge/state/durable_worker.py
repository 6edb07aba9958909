"""Forked writers that lead executions through their life. Used by test_durability."""

import time

from plugin_optimizer.knowledge import SqlStateStore
from tests.knowledge.forked_writers import Acknowledge, fork_writers
from tests.knowledge.lives import BACK, TO_APPLYING
from tests.knowledge.lives import walk as lead
from tests.knowledge.proposals import HOUR, proposal


def one_life(state: SqlStateStore, plugin_id: str, acknowledge: Acknowledge) -> None:
    now = time.time()
    suggestion = state.offer(proposal(plugin_id), now, now + HOUR)
    execution, _ = state.approve(suggestion.id, None, "ann", None, now)
    acknowledge(execution.id, execution.state)
    execution = state.claim(execution.id, "engine", now, now + HOUR)
    acknowledge(execution.id, execution.state)
    for following in (*TO_APPLYING, *BACK):
        execution = lead(state, execution, following, at=now)
        acknowledge(execution.id, execution.state)


if __name__ == "__main__":
    fork_writers(one_life)
