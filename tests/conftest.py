"""What tests of several rooms share."""

from collections.abc import Iterator

import pytest

from tests import postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """Lend a server to all tests of this process that want one; the first one starts it."""
    with postgresql.running() as server:
        yield server
