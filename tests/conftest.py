"""What tests of several rooms share."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import postgresql

# How long an example takes says how busy the machine is, not whether a formula is right.
ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Whoever runs the tests asks whether this commit is whole, and should get the same answer twice. `make hunt` tries new ones.
settings.register_profile("repeatable", ANY_MACHINE, derandomize=True)
settings.register_profile("new", ANY_MACHINE, print_blob=True)
settings.load_profile(os.environ.get("EXAMPLES", "repeatable"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """Lend a server to all tests of this process that want one; the first one starts it."""
    with postgresql.running() as server:
        yield server
