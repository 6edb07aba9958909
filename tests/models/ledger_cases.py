"""Executions and proposals as the ledger meets them."""

from dataclasses import replace
from typing import Any

from plugin_optimizer.domain import (
    Change,
    Direction,
    Execution,
    ExecutionState,
    Goal,
    Message,
    Metric,
    Outcome,
    Prediction,
    Proposal,
    Purpose,
    Risk,
    SuggestionType,
    Verdict,
)
from plugin_optimizer.models.fair_comparison import Circumstances

P95 = Metric.RESPONSE_TIME_P95_SECONDS
BEGUN, APPLIED, JUDGED_FROM, JUDGED = 1_000.0, 1_010.0, 1_020.0, 1_080.0
PREDICTION = Prediction(P95, 1.0, 0.2, 0.16, 0.25, "replay")
GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
STEPS = (("queued", BEGUN), ("applied", APPLIED), ("verifying", JUDGED_FROM), ("succeeded", JUDGED))


def proposal(plugin_id: str = "orders", **changes: Any) -> Proposal:
    made = Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.INCREASE_WORKERS,
        title=Message("increase_workers", {"from_workers": 2, "to_workers": 4}),
        change=Change(plugin_id, "workers", 2, 4, GOAL),
        prediction=PREDICTION,
        risk=Risk.LOW,
        confidence=0.9,
        details={"requests": 1_200, "span_seconds": 60.0},
    )
    return replace(made, **changes)


def verdict(observed: float = 0.2, **changes: Any) -> Verdict:
    made = Verdict(Outcome.BETTER, P95, 0.2, 0.15, 0.3, 1.0, observed, 12, 1_200, "paired_replay")
    return replace(made, **changes)


def execution(number: int = 1, observed: float = 0.2, **changes: Any) -> Execution:
    made = Execution(
        id=f"ex_{number:04}",
        suggestion_id=f"sg_{number:04}",
        suggestion_type=SuggestionType.INCREASE_WORKERS,
        description=Message("increase_workers"),
        change=Change("orders", "workers", 2, 4, GOAL),
        state=ExecutionState.SUCCEEDED,
        fence=1,
        approved_by="someone",
        created_at=BEGUN,
        updated_at=JUDGED,
        applied_at=APPLIED,
        verifying_at=JUDGED_FROM,
        finished_at=JUDGED,
        verdict=verdict(observed),
    )
    return replace(made, **changes)


def circumstances(of: Execution | None = None, **changes: Any) -> Circumstances:
    windows = [JUDGED_FROM + 5.0 * i for i in range(12)]
    return replace(Circumstances(of or execution(), STEPS, (), windows), **changes)
