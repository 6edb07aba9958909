"""Executions and cases as the rails see them, in a line each."""

from dataclasses import replace
from typing import Any

from plugin_optimizer.domain import (
    Change,
    Direction,
    Execution,
    ExecutionState,
    Goal,
    Knob,
    Message,
    Metric,
    Plugin,
    PluginStatus,
    Policy,
    Pool,
    Purpose,
    SuggestionType,
    Value,
)
from plugin_optimizer.execute.rails import refusal
from plugin_optimizer.execute.rails_case import AUTOMATIC, Case, Past

NOW = 1_800_000_000.0
GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
WORKERS = Knob("workers", 2, 1, 64, kind="workers")


def change(before: Value = 4, after: Value = 5, plugin_id: str = "orders", knob: str = "workers") -> Change:
    return Change(plugin_id, knob, before, after, GOAL)


def execution(
    number: int,
    at: float,
    made: Change,
    state: ExecutionState = ExecutionState.SUCCEEDED,
    by: str = AUTOMATIC,
    seconds: float = 0.0,
) -> Execution:
    """An execution approved and applied at `at`, finished `seconds` later where its state is final."""
    none = state in {ExecutionState.QUEUED, ExecutionState.CLAIMED, ExecutionState.ABORTED}
    over = state in {ExecutionState.SUCCEEDED, ExecutionState.ROLLED_BACK, ExecutionState.ABORTED}
    return Execution(
        id=f"ex_{number:05}",
        suggestion_id=f"sg_{number}",
        suggestion_type=SuggestionType.INCREASE_WORKERS,
        description=Message("increase_workers", {}),
        change=made,
        state=state,
        fence=1,
        approved_by=by,
        created_at=at,
        updated_at=at,
        applied_at=None if none else at,
        finished_at=at + seconds if over else None,
    )


def fleet(*names: str, **labels: str) -> dict[str, Plugin]:
    return {name: Plugin(name, "simulated", {}, labels) for name in names}


def case(made: Change | None = None, past: tuple[Execution, ...] = (), **others: Any) -> Case:
    made = made or change()
    plugins = others.pop("plugins", None) or fleet(made.plugin_id)
    statuses = others.pop("statuses", None) or dict.fromkeys(plugins, PluginStatus.ACTIVE)
    defaults: dict[str, Any] = {
        "policy": Policy(cooldown_seconds=0.0),
        "now": NOW,
        "automatic": False,
        "knob": replace(WORKERS, value=made.before) if made.knob == "workers" else None,
        "pool": Pool("sync", 2, cores=8.0),
    }
    return Case(plugins[made.plugin_id], made, past=Past(past, plugins, statuses), **{**defaults, **others})


def code(asked: Case) -> str | None:
    found = refusal(asked)
    return found.code if found else None
