"""How often somebody may try to log in, counted for all processes together.

A failed try is no change of state: it leaves no audit entry, and the version stays.
"""

from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql.expression import ColumnElement

from .records import Records
from .schema import login_tries

HOUR_SECONDS = 3600.0
CLOCK_SLACK_SECONDS = 60.0  # between the clocks of two hosts
MOST_KEPT = 100_000  # so that guessing from many addresses cannot fill the disk


class Limit(NamedTuple):
    """So many tries within so many seconds."""

    tries: int
    seconds: float


# OWASP ASVS 5.0, 6.3.1; the first one is what a person who mistypes meets.
PER_USER_AND_ADDRESS = Limit(10, 900.0)
PER_USER = Limit(100, HOUR_SECONDS)
PER_ADDRESS = Limit(1_000, HOUR_SECONDS)


class LoginTries(Records):
    def count_login(self, name: str, address: str, at: float) -> float:
        """Count a try and return 0, or, where there were too many, the seconds to wait; such a try does not count."""
        table = login_tries.c
        with self._database.writing() as write:
            write.connection.execute(delete(login_tries).where(table.at <= at - HOUR_SECONDS))
            wait = max(
                _wait(write.connection, PER_USER_AND_ADDRESS, at, table.name == name, table.address == address),
                _wait(write.connection, PER_USER, at, table.name == name),
                _wait(write.connection, PER_ADDRESS, at, table.address == address),
            )
            if wait <= 0.0:
                made = write.connection.execute(insert(login_tries).values(name=name, address=address, at=at))
                (number,) = made.inserted_primary_key or (0,)
                write.connection.execute(delete(login_tries).where(table.id <= number - MOST_KEPT))
        return wait

    def forgive_logins(self, name: str, address: str) -> None:
        """Forget the tries of somebody who logged in."""
        table = login_tries.c
        with self._database.writing() as write:
            write.connection.execute(delete(login_tries).where(table.name == name, table.address == address))


def _wait(connection: Connection, limit: Limit, at: float, *of: "ColumnElement[Any]") -> float:
    """Return the seconds until one of the tries that fill the limit is old enough; 0 where there is room.

    Tries that a clock set back has put into the future do not count: they would lock people out until then.
    """
    table = login_tries.c
    within = select(func.count(), func.min(table.at)).where(
        table.at > at - limit.seconds, table.at <= at + CLOCK_SLACK_SECONDS, *of
    )
    count, oldest = connection.execute(within).one()
    if count < limit.tries:
        return 0.0
    return float(max(1.0, oldest + limit.seconds - at))
