"""One seed of the simulated runs on a PostgreSQL server."""

from tests import postgresql
from tests.simulator.run import run

from .simulated_on_postgresql import run_on

SEED = 1_006  # a short run that has effects


def test_a_simulated_run_takes_the_same_course_on_a_postgresql_server(postgresql_server: postgresql.Server) -> None:
    """What the engine does hangs on no peculiarity of one database."""
    there = run_on(postgresql_server, SEED)
    assert there.effects > 0
    assert there.violations == []
    assert there.lines == run(SEED).lines
