"""The last look before the intent: is the world still as it was when the change was approved?

What the policy bounds, the calendar and the budgets are the rails' business: they are asked at the click, before the
claim, right after this look, when an intent is taken up, and again before each effect. So is the emergency stop.
"""

from collections.abc import Iterable

from ..contracts import Touchpoint
from ..domain import Change, Execution, InvalidValue, Knob, Message, Mode, OptimizerError, Plugin, Policy, Value


def preflight(execution: Execution, touchpoint: Touchpoint, plugin: Plugin, policy: Policy) -> Message | None:
    """Return why this change may not be made now, None if it may."""
    change = execution.change
    try:
        knobs = tuple(touchpoint.knobs(plugin))
    except OptimizerError as error:
        return Message("plugin_unreadable", {"detail": str(error)})
    return moved(change, knobs) or _forbidden_by_mode(change, policy)


def moved(change: Change, knobs: Iterable[Knob]) -> Message | None:
    """Return what of the plugin's knobs, as they stand now, is no longer as the change takes it to be."""
    knob = next((k for k in knobs if k.name == change.knob), None)
    if knob is None:
        return Message("knob_missing", {"knob": change.knob})
    if knob.value != change.before:
        return Message("value_moved", {"knob": change.knob, "expected": change.before, "value": knob.value})
    return beyond(knob, change.after)


def beyond(knob: Knob, after: Value) -> Message | None:
    """Return what the knob takes where it cannot be turned to `after`."""
    try:
        knob.checked(after)
    except InvalidValue:
        takes = {"minimum": knob.minimum, "maximum": knob.maximum, "choices": ", ".join(knob.choices) or None}
        said = {name: value for name, value in takes.items() if value is not None}
        return Message("out_of_bounds", {"knob": knob.name, "after": after, **said})
    return None


def _forbidden_by_mode(change: Change, policy: Policy) -> Message | None:
    if policy.mode in {Mode.OBSERVE, Mode.ADVISE}:
        return Message("mode_forbids", {"mode": policy.mode})
    if policy.mode is Mode.DRY_RUN:
        return Message("dry_run", {"knob": change.knob, "before": change.before, "after": change.after})
    return None
