"""Forked writers that commit approvals, states, policies and audited emergency stops, all marked."""

import time
from dataclasses import replace

from plugin_optimizer.domain import ExecutionState
from plugin_optimizer.knowledge import SqlStateStore
from tests.knowledge.forked_writers import Acknowledge, fork_writers
from tests.knowledge.proposals import HOUR, proposal


def write_all_kinds(state: SqlStateStore, mark: str, acknowledge: Acknowledge) -> None:
    now = time.time()
    suggestion = state.offer(proposal(mark), now, now + HOUR)
    execution, _ = state.approve(suggestion.id, None, "ann", mark, now)
    acknowledge("queued", execution.id)
    execution = state.claim(execution.id, "engine", now, now + HOUR)
    acknowledge("claimed", execution.id)
    state.save_policy(mark, {"max_workers": 7}, "ann", now)
    acknowledge("policy", mark)
    state.record_emergency_stop("set", "ann", mark, now)
    acknowledge("audit", mark)
    state.advance(replace(execution, state=ExecutionState.ABORTED), execution.state, "engine", now)
    acknowledge("aborted", execution.id)


if __name__ == "__main__":
    fork_writers(write_all_kinds)
