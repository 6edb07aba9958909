"""Stores in a directory, or a database, of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.knowledge import SqliteSampleStore, SqlStateStore, open_samples, open_state
from tests import postgresql


@pytest.fixture
def state_path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "state.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, state_path: Path) -> Iterator[str]:
    """Say where an empty state is: once in a file, once on a server."""
    if request.param == "sqlite":
        yield f"sqlite:///{state_path}"
        return
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    url = server.new_state()
    yield url
    server.forget(url)


@pytest.fixture
def state(state_url: str) -> Iterator[SqlStateStore]:
    store = open_state(state_url)
    yield store
    assert store.verify_audit() >= 0  # whatever a test did, the chain holds
    store.close()


@pytest.fixture
def samples_path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "samples.db"


@pytest.fixture
def samples(samples_path: Path) -> Iterator[SqliteSampleStore]:
    store = open_samples(samples_path)
    yield store
    store.close()
