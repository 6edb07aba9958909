"""A PostgreSQL server that cannot keep the state, or not now, is told apart and named."""

import pytest

from plugin_optimizer.domain import ConfigError, InvalidValue, Unavailable
from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests.postgresql import Server, free_port


def test_a_server_that_is_not_there_is_named() -> None:
    """Who starts without the database reads where it was looked for."""
    port = free_port()
    with pytest.raises(Unavailable, match=f"127.0.0.1:{port}/nothing.*does not answer"):
        open_state(f"postgresql://nobody@127.0.0.1:{port}/nothing")


def test_a_server_that_forgets_is_refused(postgresql_server: Server) -> None:
    """A commit that is not on disk when it is acknowledged may be lost: the state is not kept there."""
    url = postgresql_server.new_state()
    postgresql_server.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = off")
    with pytest.raises(ConfigError, match="synchronous_commit=off"):
        open_state(url)


@pytest.mark.parametrize("url", ["postgresql+nonsense://host/db", "postgresql://host:port/db"])
def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    """A driver that is not there, an address that is none: said before anything is tried."""
    with pytest.raises(ConfigError):
        open_state(url)


@pytest.mark.parametrize("state_url", ["postgresql"], indirect=True)
def test_what_the_server_cannot_hold_is_an_invalid_value(state: SqlStateStore) -> None:
    """A zero byte in a name is the asker's mistake, not the server's absence."""
    with pytest.raises(InvalidValue, match="cannot hold"):
        state.user("a\0b")


def test_a_connection_that_died_is_replaced(postgresql_server: Server) -> None:
    """Whatever ended the connections that wait in the pool: the next question gets its answer."""
    url = postgresql_server.new_state()
    state = open_state(url)
    before = state.version()
    name = url.rpartition("/")[2]
    postgresql_server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='{name}'")
    assert state.version() == before
    state.close()
