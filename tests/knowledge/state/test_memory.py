"""Kept values, setting changes and cycles are remembered."""

from sqlalchemy import func, insert, select

from plugin_optimizer.contracts import Desired
from plugin_optimizer.domain import Cycle, Fault, Message, SettingChange
from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.knowledge.state.memory import KEPT_CYCLES
from plugin_optimizer.knowledge.state.schema import cycles
from tests.knowledge.proposals import NOW

DAY = 86_400.0


def test_one_value_is_kept_per_knob(state: SqlStateStore) -> None:
    """The later replaces the earlier; keeping the same again writes nothing."""
    state.desire(Desired("orders", "workers", 4, "ex_1", NOW))
    state.desire(Desired("orders", "threads", 2.5, "ex_2", NOW))
    latest = Desired("orders", "workers", 6, "ex_3", NOW + 1)
    state.desire(latest)
    version = state.version()
    state.desire(latest)
    assert state.version() == version
    assert state.desired() == [Desired("orders", "threads", 2.5, "ex_2", NOW), latest]


def test_a_released_value_is_kept_no_longer(state: SqlStateStore) -> None:
    """Releasing what is not kept does nothing."""
    state.desire(Desired("orders", "workers", 4, "ex_1", NOW))
    state.release("orders", "workers", Message("foreign_value", {"value": 3}), NOW + 1)
    version = state.version()
    state.release("orders", "workers", Message("foreign_value"), NOW + 2)
    assert state.desired() == []
    assert state.version() == version


def test_setting_changes_are_read_from_a_time_on(state: SqlStateStore) -> None:
    """Oldest first, the bound included; those of more than 400 days ago are gone."""
    times = (NOW + 2, NOW, NOW + 1, NOW - 401 * DAY)
    for at in times:
        state.record_setting_change(SettingChange("orders", "workers", 2, 3, at))
    assert [change.at for change in state.setting_changes(NOW + 1)] == [NOW + 1, NOW + 2]
    state.record_setting_change(SettingChange("orders", "workers", "a", "b", NOW + 3, "ex_1"))
    assert [change.at for change in state.setting_changes(0)] == [NOW, NOW + 1, NOW + 2, NOW + 3]
    assert state.setting_changes(NOW + 3) == [SettingChange("orders", "workers", "a", "b", NOW + 3, "ex_1")]


def test_the_last_cycle_is_read(state: SqlStateStore) -> None:
    """None before the first; a restart that counts from one again is still the latest."""
    assert state.latest_cycle() is None
    for number in (7, 8, 1):
        state.record_cycle(Cycle(number, NOW, 0.5, 2, 30, faults=(Fault("leak", "ValueError: x"),)))
    assert state.latest_cycle() == Cycle(1, NOW, 0.5, 2, 30, faults=(Fault("leak", "ValueError: x"),))


def test_cycles_do_not_pile_up(state: SqlStateStore) -> None:
    """Only the last hour's worth is kept."""
    with state._database.writing() as write:  # an hour of turns in one transaction
        for number in range(KEPT_CYCLES):
            write.execute(insert(cycles).values(at=NOW + number, body="{}"))
    for number in range(3):
        state.record_cycle(Cycle(number, NOW + number, 0.1, 0, 0))
    with state._database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(cycles)).scalar_one() == KEPT_CYCLES
    assert state.latest_cycle() == Cycle(2, NOW + 2, 0.1, 0, 0)
