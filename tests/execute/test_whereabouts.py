"""From an execution to what it changes; what is not there is named, with what there would have been."""

import pytest

from plugin_optimizer.domain import InvalidValue, NotFound, Plugin, PluginStatus
from plugin_optimizer.execute.whereabouts import plugin_of, touchpoint_of
from plugin_optimizer.testing.simulated import SimulatedTouchpoint

from ..simulator.store import open_in_memory
from .test_apply import execution


def test_a_plugin_that_is_not_on_record_is_named() -> None:
    store = open_in_memory(lambda *_: None)
    try:
        with pytest.raises(NotFound, match=r"^no plugin 'orders'$"):
            plugin_of(store, execution(2, 4))
        store.save_plugin(Plugin("mail", "simulated"), PluginStatus.ACTIVE, 0.0)
        store.save_plugin(Plugin("orders", "simulated"), PluginStatus.ACTIVE, 0.0)
        assert plugin_of(store, execution(2, 4)).plugin_id == "orders"
    finally:
        store.close()


def test_a_touchpoint_that_is_not_there_is_named_with_those_that_are() -> None:
    known = {kind: SimulatedTouchpoint({}, kind=kind) for kind in ("gunicorn", "simulated")}
    assert touchpoint_of(known, Plugin("orders", "simulated")) is known["simulated"]
    with pytest.raises(InvalidValue, match=r"^no touchpoint 'celery'; known are gunicorn, simulated$"):
        touchpoint_of(known, Plugin("orders", "celery"))
