"""The last look before the intent: each reason in full, and nothing held back without one."""

from dataclasses import replace

import pytest

from plugin_optimizer.domain import Knob, Message, Mode, Policy
from plugin_optimizer.execute.preflight import preflight
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from .test_apply import ORDERS, execution

APPROVE = Policy(mode=Mode.APPROVE)
CHANGE = execution(2, 4)


def world(workers: int = 2, **others: int) -> SimulatedTouchpoint:
    knobs = {name: Knob(name, value, 1, 16) for name, value in {"threads": 2, **others, "workers": workers}.items()}
    return SimulatedTouchpoint({"orders": SimulatedPlugin(ORDERS, knobs)})


@pytest.mark.parametrize("mode", [Mode.APPROVE, Mode.AUTOMATIC])
def test_what_is_as_it_was_approved_may_be_made(mode: Mode) -> None:
    """The knob stands where it stood, takes the value, and the mode lets changes through."""
    assert preflight(CHANGE, world(), ORDERS, replace(APPROVE, mode=mode)) is None


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        (Mode.OBSERVE, Message("mode_forbids", {"mode": Mode.OBSERVE})),
        (Mode.ADVISE, Message("mode_forbids", {"mode": Mode.ADVISE})),
        (Mode.DRY_RUN, Message("dry_run", {"knob": "workers", "before": 2, "after": 4})),
    ],
)
def test_a_mode_that_lets_nothing_through_says_so(mode: Mode, reason: Message) -> None:
    """A dry run says what it would have done."""
    assert preflight(CHANGE, world(), ORDERS, replace(APPROVE, mode=mode)) == reason


def test_a_world_that_moved_is_named() -> None:
    """Another value, no such knob any more, a plugin that cannot be read, a value out of bounds."""
    assert preflight(CHANGE, world(3), ORDERS, APPROVE) == Message(
        "value_moved", {"knob": "workers", "expected": 2, "value": 3}
    )
    bare = SimulatedTouchpoint({"orders": SimulatedPlugin(ORDERS, {"threads": Knob("threads", 2, 1, 16)})})
    assert preflight(CHANGE, bare, ORDERS, APPROVE) == Message("knob_missing", {"knob": "workers"})
    unseen = world()
    unseen.plugins["orders"].unreadable = True
    assert preflight(CHANGE, unseen, ORDERS, APPROVE) == Message(
        "plugin_unreadable", {"detail": "orders cannot be read"}
    )
    beyond = preflight(execution(2, 40), world(), ORDERS, APPROVE)
    assert beyond is not None
    assert beyond == Message("out_of_bounds", {"knob": "workers", "after": 40, "minimum": 1, "maximum": 16})
