"""Executions that ended with a verdict, as the ledger reads them."""

import time
from dataclasses import replace
from typing import Any

from web.small_system import SmallSystem, offer

from plugin_optimizer.domain import ExecutionState, Metric, Outcome, Verdict

P95 = Metric.RESPONSE_TIME_P95_SECONDS
WAY = ("intent", "applying", "applied", "settling", "verifying", "succeeded")


def verdict(observed: float, **changes: Any) -> Verdict:
    return replace(Verdict(Outcome.BETTER, P95, 0.2, 0.1, 0.3, 2.3, observed, 12, 600, "paired_replay"), **changes)


def lived(system: SmallSystem, observed: float, plugin_id: str = "orders", **changes: Any) -> str:
    """Suggest (p95 0.31 s within 0.26 to 0.38), approve and judge one change; return the execution's id."""
    store, at = system.state, time.time()
    execution, _ = store.approve(offer(system, plugin_id).id, None, "ann", None, at)
    execution = store.claim(execution.id, "test", at, at + 600)
    for state in WAY:
        previous, following = execution.state, ExecutionState(state)
        if following is ExecutionState.VERIFYING:
            execution = replace(execution, applied_at=at, verifying_at=at, verdict=verdict(observed, **changes))
        execution = store.advance(replace(execution, state=following), previous, "test", at)
    return execution.id
