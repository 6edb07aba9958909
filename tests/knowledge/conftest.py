"""Stores in a directory of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.knowledge import SqliteSampleStore, SqlStateStore, open_samples, open_state


@pytest.fixture
def state_path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "state.db"


@pytest.fixture
def state(state_path: Path) -> Iterator[SqlStateStore]:
    store = open_state(state_path)
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
