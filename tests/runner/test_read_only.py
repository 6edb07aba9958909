"""An engine that finds itself in an older world does nothing until a person says so."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.bootstrap import System, build, make_loop
from plugin_optimizer.config import Config, Engine, Statsd
from plugin_optimizer.domain import ExecutionState, Plugin, PluginStatus
from plugin_optimizer.knowledge.anchors import anchors_of
from plugin_optimizer.knowledge.audit_watch import accept, audit_trouble
from tests.knowledge.lives import queued
from tests.knowledge.proposals import proposal


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    engine = Engine(state_dir=str(tmp_path / "state"), home=str(tmp_path / "home"), start=False, discover=False)
    made = build(Config(engine=engine, statsd=Statsd(enabled=False)))
    yield made
    made.close()


def run_once(system: System) -> None:
    """One life of an engine: start, one turn, some ticks, the end."""
    loop = make_loop(system, "test:1")
    loop.turn()
    for _ in range(3):
        loop.tick()
    loop.close()


def restore_older(system: System) -> None:
    """Keep a copy, let an engine live on it and set its anchors, then put the copy back."""
    state = system.config.state_dir
    system.close()
    shutil.copy(state / "state.db", state / "backup")
    run_once(system)
    system.close()
    shutil.copy(state / "backup", state / "state.db")


def test_what_waits_in_a_restored_database_is_not_executed(system: System) -> None:
    """It stays queued through starts, turns and ticks; once a person accepts the database, it is cancelled."""
    system.state.save_plugin(Plugin("orders", "gunicorn", {"name": "orders"}), PluginStatus.ACTIVE, time.time())
    execution = queued(system.state, proposal("orders"), time.time())
    restore_older(system)
    run_once(system)
    run_once(system)
    assert system.state.execution(execution.id).state is ExecutionState.QUEUED
    assert system.halted()
    trouble = audit_trouble(system.state, system.config.state_dir)
    assert trouble is not None
    accept(system.state, system.config.state_dir, trouble, "kim", "restored on purpose", time.time())
    assert not system.halted()
    run_once(system)
    assert system.state.execution(execution.id).state is ExecutionState.CANCELLED


def test_on_its_own_database_it_acts(system: System) -> None:
    """The same life without a restore: what waits is taken up (and ends, for there is no such service)."""
    system.state.save_plugin(Plugin("orders", "gunicorn", {"name": "orders"}), PluginStatus.ACTIVE, time.time())
    execution = queued(system.state, proposal("orders"), time.time())
    run_once(system)
    run_once(system)
    assert system.state.execution(execution.id).state is not ExecutionState.QUEUED


def test_a_life_is_anchored_at_its_beginning_and_its_end(system: System) -> None:
    """The last anchor is the head that the next start will find."""
    run_once(system)
    first = anchors_of(system.config.state_dir).last()
    assert first is not None
    assert first.number == system.state.audit_standing(0).number
    run_once(system)
    second = anchors_of(system.config.state_dir).last()
    assert second is not None
    assert second.number > first.number
