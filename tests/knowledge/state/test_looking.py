"""A state that is looked at: everything can be read, nothing can be written, and nobody notices."""

import hashlib
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from plugin_optimizer.domain import ConfigError, NotFound, Plugin, PluginStatus, Refused
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.knowledge.state.looking import look_at_state
from tests.postgresql import Server


def test_looking_leaves_no_trace(tmp_path: Path) -> None:
    """The files stay as they are; what others write meanwhile is seen."""
    store = open_state(tmp_path / "state.db")
    store.save_plugin(Plugin("p", "gunicorn"), PluginStatus.ACTIVE, 1.0)

    def standing() -> list[tuple[str, str, int]]:
        files = sorted(tmp_path.iterdir())
        return [(f.name, hashlib.sha256(f.read_bytes()).hexdigest(), f.stat().st_mtime_ns) for f in files]

    before = standing()
    looked = look_at_state(tmp_path / "state.db")
    assert [plugin.plugin_id for plugin, _, _ in looked.plugins()] == ["p"]
    assert looked.executions() == []
    assert looked.policies() == {}
    with pytest.raises(Refused, match="looked at only"):
        looked.save_plugin(Plugin("q", "gunicorn"), PluginStatus.ACTIVE, 2.0)
    assert standing() == before
    store.save_plugin(Plugin("q", "gunicorn"), PluginStatus.ACTIVE, 2.0)
    assert len(looked.plugins()) == 2
    looked.close()
    store.close()


def test_no_state_and_a_foreign_one_are_told(tmp_path: Path) -> None:
    """What is missing is not made, and what is empty is not filled."""
    with pytest.raises(NotFound, match="did the engine ever run"):
        look_at_state(tmp_path / "state.db")
    assert not list(tmp_path.iterdir())
    (tmp_path / "state.db").touch()
    with pytest.raises(ConfigError, match="start the engine once"):
        look_at_state(tmp_path / "state.db")
    assert (tmp_path / "state.db").stat().st_size == 0


def test_a_server_is_looked_at_as_well(postgresql_server: Server) -> None:
    """In transactions that the server itself keeps from writing."""
    url = postgresql_server.new_state()
    store = open_state(url)
    store.save_plugin(Plugin("p", "gunicorn"), PluginStatus.ACTIVE, 1.0)
    looked = look_at_state(url)
    assert [plugin.plugin_id for plugin, _, _ in looked.plugins()] == ["p"]
    with looked._database.reading() as connection, pytest.raises(DBAPIError, match="read-only"):
        connection.exec_driver_sql("CREATE TABLE anything (id INTEGER)")
    looked.close()
    store.close()
