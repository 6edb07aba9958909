"""One change under observation, from approval to verdict."""

from dataclasses import dataclass
from enum import StrEnum

from .change import Change, Value
from .comparison import Arm, Comparison
from .message import Message
from .suggestion import SuggestionType
from .verdict import Verdict


class ExecutionState(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    INTENT = "intent"
    APPLYING = "applying"
    APPLIED = "applied"
    SETTLING = "settling"
    VERIFYING = "verifying"
    COMPARING = "comparing"
    SUCCEEDED = "succeeded"
    RB_INTENT = "rb_intent"
    RB_APPLYING = "rb_applying"
    ROLLED_BACK = "rolled_back"
    ABORTED = "aborted"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    PARTIAL = "partial"
    FOREIGN = "foreign"
    GONE = "gone"
    NEEDS_OPERATOR = "needs_operator"


_S = ExecutionState
_UNDO = {_S.RB_INTENT}
_LOST = {_S.UNKNOWN, _S.PARTIAL, _S.FOREIGN, _S.GONE, _S.NEEDS_OPERATOR}

# From each state, the states that may follow. Anything else is a bug and is refused at the write.
TRANSITIONS: dict[ExecutionState, frozenset[ExecutionState]] = {
    _S.QUEUED: frozenset({_S.CLAIMED, _S.CANCELLED, _S.ABORTED}),
    _S.CLAIMED: frozenset({_S.INTENT, _S.ABORTED, _S.CANCELLED}),
    _S.INTENT: frozenset({_S.APPLYING, _S.ABORTED, *_LOST}),
    _S.APPLYING: frozenset({_S.APPLYING, _S.APPLIED, *_UNDO, *_LOST}),
    _S.APPLIED: frozenset({_S.SETTLING, *_UNDO, *_LOST}),
    _S.SETTLING: frozenset({_S.VERIFYING, *_UNDO, *_LOST}),
    _S.VERIFYING: frozenset({_S.VERIFYING, _S.COMPARING, _S.SUCCEEDED, *_UNDO, *_LOST}),
    _S.COMPARING: frozenset({_S.COMPARING, _S.SUCCEEDED, *_UNDO, *_LOST}),
    _S.SUCCEEDED: frozenset({_S.RB_INTENT}),
    _S.RB_INTENT: frozenset({_S.RB_APPLYING, *_LOST}),
    _S.RB_APPLYING: frozenset({_S.RB_APPLYING, _S.ROLLED_BACK, *_LOST}),
    _S.UNKNOWN: frozenset({_S.APPLYING, _S.APPLIED, _S.ABORTED, _S.RB_APPLYING, _S.ROLLED_BACK, *_UNDO, *_LOST}),
    _S.PARTIAL: frozenset(
        {
            _S.APPLYING,
            _S.APPLIED,
            _S.ABORTED,
            _S.RB_APPLYING,
            _S.ROLLED_BACK,
            *_UNDO,
            _S.FOREIGN,
            _S.GONE,
            _S.NEEDS_OPERATOR,
        }
    ),
    _S.FOREIGN: frozenset({_S.NEEDS_OPERATOR}),
    _S.GONE: frozenset({_S.APPLYING, _S.RB_APPLYING, *_UNDO, _S.NEEDS_OPERATOR}),
    _S.NEEDS_OPERATOR: frozenset({_S.RB_INTENT, _S.CANCELLED}),
    _S.ROLLED_BACK: frozenset(),
    _S.ABORTED: frozenset(),
    _S.CANCELLED: frozenset(),
}

# Nobody moves an execution on from here by itself; `succeeded` can still be rolled back by a person.
FINAL = frozenset({_S.SUCCEEDED, _S.ROLLED_BACK, _S.ABORTED, _S.CANCELLED, _S.NEEDS_OPERATOR})


@dataclass(frozen=True, slots=True)
class Step:
    """One turn of the knob that has been ordered and is awaited: `seen` is the value it started from."""

    seen: Value
    at: float


@dataclass(frozen=True, slots=True)
class Closing:
    """A person's word on what the engine gave up: looked at, and left as it is.

    It is no state: what the engine could not finish stays so, still stands in the way of what is older, and may
    still be sent back. `value` is what stood there then, None where that could not be read.
    """

    at: float
    by: str
    note: str
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """The record of one change. `fence` only grows; a write with a lower one is refused.

    `observed` is the value last read back; `deadman_at` the time after which anyone undoes what nobody
    judged; `undoing` says whether the knob is on its way back to `change.before`; `tries` counts how often the
    present way was begun anew; `closing` is there only in NEEDS_OPERATOR, once a person has looked; `comparison` once
    both values have taken turns; `ordered` says whether a step was announced
    since an end of the way was last seen.
    """

    id: str
    suggestion_id: str
    suggestion_type: SuggestionType
    description: Message
    change: Change
    state: ExecutionState
    fence: int
    approved_by: str
    created_at: float
    updated_at: float
    deadman_at: float | None = None
    step: Step | None = None
    observed: Value | None = None
    applied_at: float | None = None
    verifying_at: float | None = None
    finished_at: float | None = None
    verdict: Verdict | None = None
    reason: Message | None = None
    tries: int = 0
    undoing: bool = False
    persisted: bool = False
    closing: Closing | None = None
    comparison: Comparison | None = None
    ordered: bool = False

    @property
    def target(self) -> Value:
        """Return where the knob is being turned to now."""
        arm = self.comparison.next_arm if self.comparison and self.state is _S.COMPARING else None
        return self.change.before if self.undoing or arm is Arm.BEFORE else self.change.after
