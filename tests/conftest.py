"""What tests of several rooms share."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import postgresql

# How long an example takes says how busy the machine is, not whether a formula is right.
settings.register_profile("any machine", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """Lend a server to all tests of this process that want one; the first one starts it."""
    with postgresql.running() as server:
        yield server
