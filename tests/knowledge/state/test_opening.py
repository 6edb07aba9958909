"""A state is opened where it can be kept, with the schema it needs."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from plugin_optimizer.domain import ConfigError
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.knowledge.state.migrations import STEPS, migrate
from tests.knowledge.proposals import HOUR, NOW, proposal

NEWEST = len(STEPS) + 1


def test_a_state_survives_closing(state_url: str) -> None:
    """What was written is there for the next one who opens it, by path or by URL."""
    first = open_state(state_url)
    opened = first.offer(proposal(), NOW, NOW + HOUR)
    first.close()
    second = open_state(state_url.removeprefix("sqlite:///"))
    assert repr(second.suggestion(opened.id)) == repr(opened)
    second.close()


@pytest.mark.parametrize("url", ["mysql://host/db", "oracle://host/db"])
def test_an_unknown_database_is_refused(url: str) -> None:
    """The message says which kinds are known."""
    with pytest.raises(ConfigError, match="known are a path"):
        open_state(url)


def test_a_state_of_a_newer_version_is_refused(state_path: Path) -> None:
    """Nothing is written to a schema that we do not know."""
    open_state(state_path).close()
    with closing(sqlite3.connect(state_path, isolation_level=None)) as connection:
        connection.execute("UPDATE schema_version SET version=99")
    with pytest.raises(ConfigError, match="newer version"):
        open_state(state_path)


def add_colour(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE plugins ADD COLUMN colour TEXT"))


def add_shape(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE plugins ADD COLUMN shape TEXT"))


def fail(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE plugins ADD COLUMN size TEXT"))
    raise OSError("the power went")


def columns(connection: Connection) -> set[str]:
    return {column["name"] for column in inspect(connection).get_columns("plugins")}


def test_steps_run_once_and_in_order(state: SqlStateStore) -> None:
    """An older schema is led to the newest; where it is that already, nothing runs."""
    with state._database.writing() as write:
        assert migrate(write.connection, [*STEPS, add_colour]) == NEWEST + 1
        assert migrate(write.connection, [*STEPS, add_colour, add_shape]) == NEWEST + 2
        assert migrate(write.connection, [*STEPS, add_colour, add_shape]) == NEWEST + 2
        assert {"colour", "shape"} <= columns(write.connection)


def test_a_failed_migration_leaves_all_as_it_was(state: SqlStateStore) -> None:
    """The steps before the failed one are undone with it, and the next start can try again."""
    with pytest.raises(OSError, match="power"), state._database.writing() as write:
        migrate(write.connection, [*STEPS, add_colour, fail])
    with state._database.writing() as write:
        assert not {"colour", "size"} & columns(write.connection)
        assert migrate(write.connection, [*STEPS, add_colour]) == NEWEST + 1


def test_a_fork_leaves_the_parents_connections_alone(state: SqlStateStore) -> None:
    """Parent and child go on writing; the child's end does not disturb the parent."""
    opened = state.offer(proposal("parent"), NOW, NOW + HOUR)
    child = os.fork()
    if child == 0:
        try:
            state.offer(proposal("child"), NOW, NOW + HOUR)
            assert state.suggestion(opened.id).id == opened.id
            os._exit(0)
        finally:
            os._exit(1)
    state.offer(proposal("parent-too"), NOW, NOW + HOUR)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert {s.proposal.plugin_id for s in state.suggestions()} == {"parent", "child", "parent-too"}
