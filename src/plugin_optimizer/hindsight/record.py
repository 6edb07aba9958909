"""What was really executed, as it stood at any moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..domain import FINAL, Execution, ExecutionState, Feedback, Proposal, SettingChange

Step = tuple[str, float]  # state, and since when
NEAR_SECONDS = 900.0  # so long before or after its time a suggestion still counts as the one that was executed


@dataclass(frozen=True, slots=True)
class Record:
    """The executions of the past with their steps, and the setting changes that were seen; both oldest first."""

    executions: Sequence[Execution] = ()
    steps: Mapping[str, Sequence[Step]] = field(default_factory=dict)
    changes: Sequence[SettingChange] = ()
    feedback: Sequence[Feedback] = ()  # what people had said of the unusual

    def as_of(self, now: float) -> list[Execution]:
        """Return the executions approved by `now`, as they stood then, oldest first."""
        return [_as_of(e, self.steps.get(e.id, ()), now) for e in self.executions if e.created_at <= now]

    def changes_between(self, begin: float, now: float) -> list[SettingChange]:
        """Return the setting changes seen in [begin, now]."""
        return [change for change in self.changes if begin <= change.at <= now]

    def of(self, proposal: Proposal, begin: float, end: float) -> list[Execution]:
        """Return the executions of the same knob in the same direction, approved from `begin` to `end` or close to it."""
        change = proposal.change
        if change is None:
            return []
        return [
            e
            for e in self.executions
            if (e.change.plugin_id, e.change.knob, e.change.direction)
            == (change.plugin_id, change.knob, change.direction)
            and begin - NEAR_SECONDS <= e.created_at <= end + NEAR_SECONDS
        ]


def _as_of(execution: Execution, steps: Iterable[Step], now: float) -> Execution:
    """Return an execution as it stood at `now`: nothing of it that came later."""
    state, since = max(
        ((ExecutionState(name), at) for name, at in steps if at <= now),
        key=lambda step: step[1],
        default=(ExecutionState.QUEUED, execution.created_at),
    )
    over = state in FINAL
    return replace(
        execution,
        state=state,
        updated_at=min(execution.updated_at, now),
        applied_at=_if_past(execution.applied_at, now),
        verifying_at=_if_past(execution.verifying_at, now),
        finished_at=since if over else None,
        verdict=execution.verdict if over else None,
    )


def _if_past(at: float | None, now: float) -> float | None:
    return at if at is not None and at <= now else None
