"""The executor keeps its promises with its record on a PostgreSQL server, too: the same tests, another store."""

from collections.abc import Callable, Iterator

import pytest

from plugin_optimizer.domain import Knob, PluginStatus
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint
from tests.execute import test_crash_safety as crashes
from tests.execute import test_executor as courses
from tests.postgresql import Server


@pytest.fixture
def state(postgresql_server: Server) -> Iterator[SqlStateStore]:
    url = postgresql_server.new_state()
    store = open_state(url)
    yield store
    assert store.verify_audit() > 0
    store.close()
    postgresql_server.forget(url)


@pytest.mark.parametrize(
    "promise",
    [
        crashes.test_an_engine_held_between_announcing_and_acting_does_not_act_once_another_went_on,
        crashes.test_a_way_back_waits_for_the_step_that_is_still_to_come,
        crashes.test_a_value_set_after_the_intent_and_before_the_first_step_is_left_alone,
    ],
)
def test_a_crash_costs_nothing_there_either(state: SqlStateStore, promise: Callable[[crashes.House], None]) -> None:
    """Whoever dies or sleeps, the record on the server tells the next one what is true."""
    promise(crashes.House(state, lag_looks=4))


def test_a_change_takes_its_course(state: SqlStateStore) -> None:
    """From approval to what is kept."""
    state.save_plugin(courses.ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(courses.ORDERS, {"workers": Knob("workers", 2, 1, 16, kind="workers")}, lag_looks=1)
    stage = courses.Stage(state, simulated, SimulatedTouchpoint({"orders": simulated}))
    courses.test_what_helps_is_kept_made_to_last_and_remembered(stage)
