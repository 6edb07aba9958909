"""Turning a knob: one absolute step, observe, next step. The same way forward and back."""

from dataclasses import dataclass, replace

from ..contracts import Touchpoint
from ..domain import (
    Change,
    Disruption,
    Execution,
    ExecutionState,
    Gone,
    InvalidValue,
    Knob,
    Message,
    NotFound,
    OptimizerError,
    Plugin,
    Refused,
    Stale,
    Step,
    UnderWay,
    Unobservable,
    Value,
    Verdict,
)
from .actuator import STALE_FENCE, Actuator
from .fences import Held
from .orders import Fence, Order

STEP_SECONDS = 8.0  # a step that has not shown by then is unknown, not failed
SETTLED_READS_SECONDS = 10.0  # how long a value must stand still before "nothing happened" is believed
GONE_SECONDS = 30.0  # a supervisor may bring it back within this time
UNDER_WAY_SECONDS = 600.0  # whoever carries out an order says that it goes on: longer than that a person looks
TRIES = 3


@dataclass(frozen=True, slots=True)
class Effect:
    """A step that may be taken once the record that announces it is durable."""

    plugin: Plugin
    knob: str
    to: Value


def observe(touchpoint: Touchpoint, plugin: Plugin, change: Change) -> Value:
    """Return the value that runs now, as the change knows it. Raises Gone, Unobservable, NotFound (no such knob)."""
    return change.known(_knob(touchpoint, plugin, change.knob).value)


def _knob(touchpoint: Touchpoint, plugin: Plugin, knob: str) -> Knob:
    for found in touchpoint.knobs(plugin):
        if found.name == knob:
            return found
    raise NotFound(f"{plugin.plugin_id} has no knob {knob!r} any more")


def on_the_way(value: Value, execution: Execution) -> bool:
    """Tell whether `value` lies between the two ends of the change (words: is one of them)."""
    before, after = execution.change.before, execution.change.after
    if isinstance(value, str) or isinstance(before, str) or isinstance(after, str):
        return value in (before, after)
    return min(before, after) <= value <= max(before, after)


def next_state(
    touchpoint: Touchpoint, plugin: Plugin, execution: Execution, now: float
) -> tuple[Execution, Effect | None]:
    """Return the execution as it stands after looking, and the step to take once that is on record.

    Handles `applying` and `rb_applying`. Never asks for a second step before the first one showed.
    """
    try:
        knob = _knob(touchpoint, plugin, execution.change.knob)
    except Gone:
        return _gone(execution), None
    except (Unobservable, NotFound) as error:
        return _unseen(execution, now, error), None
    value = execution.change.known(knob.value)
    execution = replace(execution, observed=value)
    if not _expected(value, execution):
        return _to(execution, ExecutionState.FOREIGN, about("foreign_value", execution, value)), None
    if execution.step is not None and value == execution.step.seen:  # ordered, one way or the other, and still to come
        if now - execution.updated_at < STEP_SECONDS:
            return execution, None
        return _to(execution, ExecutionState.UNKNOWN, about("step_not_seen", execution, value)), None
    if value == execution.target:
        return _arrived(execution), None
    if execution.undoing and execution.change.ends_life:
        return _give_up(execution, "cannot_be_undone"), None
    # What is turned by a reload is written where it lasts first: the way back begins there, even if the reload never came.
    lasting = execution.persisted or (knob.disruption is Disruption.RELOAD and not execution.undoing)
    return replace(execution, step=Step(seen=value, at=now), persisted=lasting), Effect(
        plugin, execution.change.knob, execution.target
    )


def resolve_unknown(touchpoint: Touchpoint, plugin: Plugin, execution: Execution, now: float) -> Execution:
    """Find out by looking where an execution of unknown fate stands; never repeat blindly."""
    try:
        value = observe(touchpoint, plugin, execution.change)
    except Gone:
        return _gone(execution)
    except (Unobservable, NotFound) as error:
        return unresolved(execution, now, _why(error))
    execution = replace(execution, observed=value)
    if not on_the_way(value, execution):
        return _to(execution, ExecutionState.FOREIGN, about("foreign_value", execution, value))
    awaited = execution.step is not None and value == execution.step.seen
    if value == execution.target and not awaited:
        return _arrived(execution)
    if now - execution.updated_at < SETTLED_READS_SECONDS:
        return execution
    return _arrived(execution) if value == execution.target else _begin_again(execution, value)


def come_back(touchpoint: Touchpoint, plugin: Plugin, execution: Execution, now: float) -> Execution:
    """Return the execution on its way again if its plugin is there again; for a person if it stays away."""
    try:
        observe(touchpoint, plugin, execution.change)
    except Gone:
        return execution if now - execution.updated_at < GONE_SECONDS else _give_up(execution, "plugin_gone")
    except (Unobservable, NotFound) as error:
        return unresolved(execution, now, _why(error))
    way = ExecutionState.RB_APPLYING if execution.undoing else ExecutionState.APPLYING
    return replace(execution, state=way, step=None)


def follow(execution: Execution, refusal: Message | None, following: ExecutionState) -> Execution:
    """Return the execution one state on, or aborted before any effect where something is in the way."""
    return replace(execution, state=following) if refusal is None else _to(execution, ExecutionState.ABORTED, refusal)


def undo(execution: Execution, reason: Message, verdict: Verdict | None = None) -> Execution:
    """Return the execution on its way back."""
    state, verdict = ExecutionState.RB_INTENT, verdict or execution.verdict
    return replace(execution, state=state, undoing=True, reason=reason, verdict=verdict)


def unresolved(execution: Execution, now: float, why: Message) -> Execution:
    """Return an execution whose fate cannot be found out now, with the reason why; for a person after a while."""
    if now - execution.updated_at >= GONE_SECONDS:
        return _to(execution, ExecutionState.NEEDS_OPERATOR, why)
    return _told(execution, why)


def take(actuator: Actuator, touchpoint: Touchpoint, effect: Effect, announced: Execution) -> Message | None:
    """Take the step that `announced` has put on record. Returns why it was refused.

    None also where it came too late for what runs now or for the emergency stop, and after a failure of any
    other kind: then the next look decides.
    """
    seen = None if announced.step is None else announced.step.seen
    order = Order(effect.plugin, effect.knob, effect.to, Fence.of(announced), seen, back=announced.undoing)
    try:
        actuator.turn(touchpoint, order)
    except Stale as error:
        return Message("fence_refused", {"detail": str(error)}) if error.code == STALE_FENCE else None
    except (Refused, InvalidValue, NotFound) as error:
        return Message("touchpoint_refused", {"detail": str(error)})
    except Held as error:
        return Message("late_order", {"detail": str(error)})
    except OptimizerError:
        return None  # it may have happened all the same
    return None


def standing(touchpoint: Touchpoint, plugin: Plugin, execution: Execution) -> Execution:
    """Return the execution unchanged if what was judged still runs; otherwise as it stands then.

    Raises Unobservable, NotFound: nothing may be concluded.
    """
    try:
        value = observe(touchpoint, plugin, execution.change)
    except Gone:
        return _gone(execution)
    if value == execution.change.after:
        return execution
    if value == execution.change.before:  # a restart lost it: what was judged is not what was changed
        return replace(_to(execution, ExecutionState.RB_INTENT, Message("value_lost", {})), undoing=True)
    return _to(execution, ExecutionState.FOREIGN, about("foreign_value", execution, value))


def _expected(value: Value, execution: Execution) -> bool:
    """Tell whether this may be our own value. Before the first step of a way that is one of its ends."""
    cut_short = execution.undoing and execution.ordered  # the way back may begin in the middle
    if execution.step is None and execution.tries == 0 and not cut_short:
        return value in (execution.change.before, execution.change.after)
    return on_the_way(value, execution)


def _begin_again(execution: Execution, value: Value) -> Execution:
    if execution.tries + 1 < TRIES:
        way = ExecutionState.RB_APPLYING if execution.undoing else ExecutionState.APPLYING
        return replace(_to(execution, way, Message("trying_again", {})), step=None, tries=execution.tries + 1)
    if execution.undoing:
        return _give_up(execution, "rollback_failed")
    if value == execution.change.before and not execution.persisted:
        return _to(execution, ExecutionState.ABORTED, Message("nothing_happened", {}))
    return replace(
        _to(execution, ExecutionState.RB_INTENT, about("only_part_happened", execution, value)),
        undoing=True,
        step=None,
    )


def _arrived(execution: Execution) -> Execution:
    state = ExecutionState.ROLLED_BACK if execution.undoing else ExecutionState.APPLIED
    return replace(execution, state=state, step=None, ordered=False)


def _gone(execution: Execution) -> Execution:
    return _to(execution, ExecutionState.GONE, Message("plugin_gone", {}))


def _unseen(execution: Execution, now: float, error: OptimizerError) -> Execution:
    """Return the execution as it waits: a step that shows nothing for seconds, one that is seen to be under way for minutes."""
    under_way = isinstance(error, UnderWay)
    if now - execution.updated_at < (UNDER_WAY_SECONDS if under_way else STEP_SECONDS):
        # On the way back the reason says why it goes back, and stays.
        return _told(execution, _why(error)) if under_way and not execution.undoing else execution
    return _to(execution, ExecutionState.UNKNOWN, _why(error))


def _why(error: OptimizerError) -> Message:
    return Message("under_way" if isinstance(error, UnderWay) else "unobservable", {"detail": str(error)})


def _told(execution: Execution, why: Message) -> Execution:
    """Return the execution with that reason; as it is where it has one of that kind, since each write begins a wait anew."""
    told = execution.reason is not None and execution.reason.code == why.code
    return execution if told else replace(execution, reason=why)


def _give_up(execution: Execution, code: str) -> Execution:
    return _to(execution, ExecutionState.NEEDS_OPERATOR, Message(code, {}))


def about(code: str, execution: Execution, value: Value) -> Message:
    """Return what is said of the value found; the setting tells its unit."""
    return Message(code, {"knob": execution.change.knob, "value": value})


def _to(execution: Execution, state: ExecutionState, reason: Message) -> Execution:
    return replace(execution, state=state, reason=reason)
