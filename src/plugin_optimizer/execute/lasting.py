"""What an execution asks of the actuator beside its steps: make a value last, keep late orders out."""

import logging

from ..contracts import Touchpoint
from ..domain import Execution, Message, OptimizerError, Plugin
from .actuator import Actuator
from .orders import Fence, Order

log = logging.getLogger(__name__)


def make_last(actuator: Actuator, touchpoint: Touchpoint, plugin: Plugin, execution: Execution) -> bool:
    """Make what the execution turns to survive a restart; return whether that is so.

    On the way forward only what runs is made to last.
    """
    change, fence = execution.change, Fence.of(execution)
    seen = None if execution.undoing else execution.target
    order = Order(plugin, change.knob, execution.target, fence, seen, back=execution.undoing)
    try:
        return actuator.persist(touchpoint, order)
    except OptimizerError as error:
        log.warning("the value of %s of %s could not be made to last: %s", change.knob, change.plugin_id, error)
        return False


def bar(actuator: Actuator, touchpoint: Touchpoint, execution: Execution) -> bool | Message:
    """Keep everybody from acting on what this record or an earlier one announced.

    Returns whether that is new; or why nobody can promise it now.
    """
    plugin_id = execution.change.plugin_id
    try:
        return actuator.bar(touchpoint, plugin_id, Fence.of(execution))
    except OptimizerError as error:
        log.info("late orders to %s cannot be kept out: %s", plugin_id, error)
        return Message("late_order", {"detail": str(error)})
