"""Two values of a knob in turn, block by block, each turned and seen like any other value.

Whatever goes wrong on the way ends the comparison with the old value: it is a question, not a change.
"""

from dataclasses import dataclass, replace

from ..contracts import Touchpoint
from ..domain import Comparison, Execution, ExecutionState, Message, Plugin, Policy
from . import apply
from .referee import Referee
from .sight import Sight

State = ExecutionState
SLACK = 1.5  # of the planned time: steps that are late, and looks that are
SLACK_SECONDS = 120.0  # and for the answers to the last requests
ANSWER_SECONDS = 60.0  # how long those are waited for
MOST_LATE_SECONDS = 5.0  # of the end of a block: beyond it the engine was away
MOST_SET_SECONDS = 3.0  # by which the wall clock may differ over a block: it was set, and requests are dated by it


def begin(execution: Execution, comparison: Comparison) -> Execution:
    """Return the execution as it begins to compare; whoever undoes what nobody judged waits that much longer."""
    figures = {"pairs": comparison.pairs, "planned_seconds": round(comparison.seconds)}
    deadman = (
        None if execution.deadman_at is None else execution.deadman_at + SLACK * comparison.seconds + SLACK_SECONDS
    )
    return replace(
        execution,
        state=State.COMPARING,
        comparison=comparison,
        reason=Message("comparing", figures),
        deadman_at=deadman,
    )


def referred(
    referee: Referee, touchpoint: Touchpoint, plugin: Plugin, policy: Policy, execution: Execution, sight: Sight
) -> Execution:
    """Return the execution as it begins to compare; or with the reason why it does not, among those of its verdict."""
    knob = next((knob for knob in touchpoint.knobs(plugin) if knob.name == execution.change.knob), None)
    planned, verdict = referee.plan(execution, sight, knob, policy), execution.verdict
    if isinstance(planned, Comparison):
        return begin(execution, planned)
    if planned is None or verdict is None:
        return execution
    return replace(execution, verdict=replace(verdict, reasons=(*verdict.reasons, planned)))


def refused(execution: Execution, reason: Message) -> Execution:
    """Return the execution as nobody knows how it stands, since its step was refused; a comparison never goes on from there."""
    undoing = execution.undoing or execution.state is State.COMPARING
    return replace(execution, state=State.UNKNOWN, reason=reason, undoing=undoing)


def over(execution: Execution) -> bool:
    """Tell whether all blocks are on record and the new value was seen to be in force again."""
    comparison = execution.comparison
    found = execution.observed == execution.change.after and execution.step is None
    return comparison is not None and comparison.finished and found


def resting(execution: Execution, time_seen: float) -> bool:
    """Tell whether a block is under way that has not lasted long enough: nothing is to be done."""
    comparison = execution.comparison
    under_way = comparison is not None and comparison.began is not None
    return under_way and time_seen - execution.updated_at < comparison.block_seconds  # type: ignore[union-attr]


@dataclass(frozen=True, slots=True)
class Look:
    """Looks at an execution that compares; `now` (Unix seconds) is what its blocks are dated with."""

    now: float

    def __call__(
        self, touchpoint: Touchpoint, plugin: Plugin, execution: Execution, time_seen: float
    ) -> tuple[Execution, apply.Effect | None]:
        """Return the execution as it stands after looking, and the step to take once that is on record."""
        after, effect = apply.next_state(touchpoint, plugin, execution, time_seen)
        if after.state is State.APPLIED:
            return self._in_force(replace(after, state=State.COMPARING), time_seen), None
        if after.state is not execution.state:
            return replace(after, undoing=after.state is not State.FOREIGN), None
        comparison = execution.comparison
        if effect is not None and comparison is not None and comparison.began is not None:
            return apply.undo(execution, Message("value_lost", {})), None  # by a restart, in the middle of its block
        return after, effect

    def _in_force(self, execution: Execution, time_seen: float) -> Execution:
        comparison = execution.comparison
        assert comparison is not None, "only what compares is looked at here"
        if comparison.finished:
            return execution
        if comparison.began is None:
            return replace(execution, comparison=comparison.begin(self.now))
        lasted = time_seen - execution.updated_at
        if lasted < comparison.block_seconds:
            return execution
        late = lasted > comparison.block_seconds + MOST_LATE_SECONDS
        if late or abs(self.now - comparison.began - lasted) > MOST_SET_SECONDS:
            return apply.undo(execution, Message("comparison_interrupted", {}))
        return replace(execution, comparison=comparison.end(self.now))
