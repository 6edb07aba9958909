"""Executions led through their life, as the executor would."""

from dataclasses import replace

from plugin_optimizer.domain import Execution, ExecutionState, Proposal
from plugin_optimizer.knowledge import SqlStateStore
from tests.knowledge.proposals import HOUR, NOW, proposal

S = ExecutionState
TO_APPLYING = (S.INTENT, S.APPLYING)
TO_SUCCEEDED = (*TO_APPLYING, S.APPLIED, S.SETTLING, S.VERIFYING, S.SUCCEEDED)
BACK = (S.RB_INTENT, S.RB_APPLYING, S.ROLLED_BACK)


def queued(state: SqlStateStore, made: Proposal | None = None, at: float = NOW) -> Execution:
    """Offer and approve."""
    suggestion = state.offer(made or proposal(), at, at + HOUR)
    execution, created = state.approve(suggestion.id, None, "ann", None, at)
    assert created
    return execution


def claimed(state: SqlStateStore, made: Proposal | None = None, at: float = NOW) -> Execution:
    return state.claim(queued(state, made, at).id, "engine", at, at + HOUR)


def walk(state: SqlStateStore, execution: Execution, *states: ExecutionState, at: float = NOW) -> Execution:
    """Advance through `states`, one write each."""
    for following in states:
        applied_at = at if following is S.SETTLING else execution.applied_at
        after = replace(execution, state=following, applied_at=applied_at)
        execution = state.advance(after, execution.state, "engine", at)
    return execution


def rolled_back(state: SqlStateStore, made: Proposal | None = None, at: float = NOW) -> Execution:
    """Make a change and undo it, all at one time."""
    return walk(state, claimed(state, made, at), *TO_APPLYING, *BACK, at=at)
