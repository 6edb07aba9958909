"""What automatic mode finds where it asks for the state; and a change that did not prove itself."""

from dataclasses import replace
from pathlib import Path

from hindsight.history import BUSY, MINUTE, SLO, T0, Service, ask, plugins_of, store

from plugin_optimizer.domain import (
    Closing,
    ExecutionState,
    Mode,
    PluginStatus,
    Policies,
    Policy,
    Suggestion,
    SuggestionState,
)
from plugin_optimizer.hindsight.world import World
from tests.execute.rails_cases import change, execution
from tests.knowledge.proposals import proposal

AUTOMATIC = Policies(Policy(mode=Mode.AUTOMATIC, response_time_seconds=SLO))


def world(*real: object, now: float = 1000.0) -> World:
    made = World(plugins_of())
    made.see(now, real, {"orders": PluginStatus.ACTIVE}, [])  # type: ignore[arg-type]
    return made


def test_executions_come_newest_first_and_in_pages() -> None:
    """As from the store: what is real and what was made in thought together."""
    seen = world(*(execution(n, float(n), change()) for n in range(5)))
    offered = Suggestion("r1", 1, proposal(), SuggestionState.OPEN, 0.0, 0.0, 1e9)
    seen.see(1000.0, seen.real, seen.statuses, [offered])
    made, created = seen.approve("r1", 1, "policy", None, 2.5)
    assert created
    ids = [e.id for e in seen.executions()]
    assert ids == ["ex_00004", "ex_00003", made.id, "ex_00002", "ex_00001", "ex_00000"]
    assert [e.id for e in seen.executions(limit=2, after=made.id)] == ids[3:5]
    assert [e.id for e in seen.executions(open_only=True)] == [made.id]
    seen.put(replace(made, state=ExecutionState.SUCCEEDED))
    assert seen.executions(open_only=True) == []
    assert seen.executions(plugin_id="menu") == []


def test_what_needs_a_person_is_what_needed_one_then() -> None:
    """Not what was closed by then, nor what a later change replaced."""
    lost = execution(1, 10.0, change(), ExecutionState.NEEDS_OPERATOR)
    assert [e.id for e in world(lost).needing_person("orders")] == [lost.id]
    closed = replace(lost, closing=Closing(50.0, "ann", ""))
    assert world(closed, now=100.0).needing_person() == []
    assert world(closed, now=40.0).needing_person() == [closed]
    assert world(lost, execution(2, 20.0, change())).needing_person() == []


def test_what_does_not_prove_itself_is_undone_and_not_tried_again(tmp_path: Path) -> None:
    """A spike of two minutes is over before the third worker could help: undone at the end of the time to verify."""
    service = Service("orders", ((5, 3.0, 2), (2, BUSY, 2), (13, 3.0, 2), (3, BUSY, 2)), seed=3)
    store(tmp_path, [service], until=T0 + 23 * MINUTE)
    first, *later = ask(tmp_path, AUTOMATIC, services=[service], until=T0 + 23 * MINUTE).lines
    assert first.done is not None
    assert first.done.kept is False
    assert first.done.judged_at == first.done.stood_until
    assert 660.0 <= first.done.judged_at - first.done.at < 720.0
    assert first.cost is not None
    assert first.cost.hours * 3600 == first.done.judged_at - first.done.at
    assert later
    assert all(line.done is None for line in later)
    assert {code for line in later for code in line.held} == {"rail_undone"}
