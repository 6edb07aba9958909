"""What a person can do about an execution that the engine gave up, and what somebody did, in JSON."""

from collections.abc import Mapping

import msgspec

from ...domain import Execution, ExecutionState, Message, Value
from ...wording import render
from ..moment import iso
from .message import MessageView, view_message

# The cause, as the execution's reason has it, and what fits it.
ADVICE: Mapping[str, str] = {
    "foreign_value": "operator_foreign_value",
    "plugin_gone": "operator_plugin_gone",
    "unobservable": "operator_unobservable",
    "under_way": "operator_under_way",
    "late_order": "operator_late_order",
    "cannot_be_undone": "operator_cannot_be_undone",
    "rollback_failed": "operator_rollback_failed",
}
OTHERWISE = "operator_looks"


class ClosingView(msgspec.Struct, frozen=True, kw_only=True):
    """`value` is what stood there when it was closed, null where that could not be read."""

    at: str | None
    by: str
    note: str
    value: Value | None
    text: str


def can_close(execution: Execution) -> bool:
    """Tell whether it waits for somebody who looks."""
    return execution.state is ExecutionState.NEEDS_OPERATOR and execution.closing is None


def advice(execution: Execution, value: Value | None, lang: str) -> MessageView | None:
    """Return what a person can do, None where nobody has to; `value` is what stands there now, if that was read."""
    if not can_close(execution):
        return None
    code = ADVICE.get(execution.reason.code, OTHERWISE) if execution.reason else OTHERWISE
    change = execution.change
    params = {"knob": change.knob, "before": change.before, "after": change.after, "value": value}
    return view_message(Message(code, params), lang)


def view_closing(execution: Execution, lang: str) -> ClosingView | None:
    closing = execution.closing
    if closing is None:
        return None
    params = {
        "actor": closing.by,
        "knob": execution.change.knob,
        "value": closing.value,
        "note": closing.note or None,
    }
    text = render(Message("closed_by_person", params), lang)
    return ClosingView(at=iso(closing.at), by=closing.by, note=closing.note, value=closing.value, text=text)
