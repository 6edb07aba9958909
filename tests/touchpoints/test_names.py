"""The knob that is meant, and an id that nobody has."""

import pytest

from plugin_optimizer.domain import Knob, NotFound, Plugin, parse_plugin_id
from plugin_optimizer.touchpoints.names import free_id, knob_named

ORDERS = Plugin("orders", "systemd")
KNOBS = (Knob("CPUQuota", 20), Knob("MemoryMax", 100))


def test_a_knob_is_found_by_its_name_or_those_there_are_are_told() -> None:
    """So is the reason why there is none of that name, where one is known."""
    assert knob_named(KNOBS, ORDERS, "MemoryMax") is KNOBS[1]
    with pytest.raises(NotFound, match="it has CPUQuota, MemoryMax"):
        knob_named(KNOBS, ORDERS, "workers")
    with pytest.raises(NotFound, match="it has none"):
        knob_named((), ORDERS, "workers")
    with pytest.raises(NotFound, match="it is a replica"):
        knob_named(KNOBS, ORDERS, "workers", "it is a replica")


def test_a_taken_id_is_numbered_and_stays_an_id() -> None:
    """The shortest number that is free, in no more characters than an id may have."""
    assert free_id("orders", ()) == "orders"
    assert free_id("orders", {"orders", "orders-2"}) == "orders-3"
    longest = "a" * 63
    assert parse_plugin_id(free_id(longest, {longest})) == f"{'a' * 61}-2"
