"""Plugins and metrics as numbers, for the file and for arrays."""

import sqlite3

from ...domain import Metric


class Names:
    """Numbers of one kind of name (`plugins` or `metrics`), as the file has them."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}

    def reload(self, connection: sqlite3.Connection) -> None:
        """Read what other processes added, and forget what a failed transaction did."""
        rows = connection.execute(f"SELECT name, id FROM {self._table}").fetchall()  # noqa: S608 - our own table
        self._numbers = dict(rows)
        self._names = {number: name for name, number in rows}

    def number(self, name: str) -> int | None:
        return self._numbers.get(name)

    def name(self, number: int) -> str | None:
        return self._names.get(number)

    def add(self, connection: sqlite3.Connection, name: str) -> int:
        """Return the number of a name, giving it one if it has none; inside a write transaction."""
        number = self._numbers.get(name)
        if number is None:
            number = connection.execute(
                f"INSERT INTO {self._table} (name) VALUES (?) RETURNING id",  # noqa: S608 - our own table
                (name,),
            ).fetchone()[0]
            self._numbers[name], self._names[number] = number, name
        return number

    def known(self) -> list[int]:
        return list(self._names)


def metric_of(names: Names, number: int) -> Metric | None:
    """Return the metric of a number; None if this version of the product does not keep it."""
    name = names.name(number)
    return Metric(name) if name is not None and name in _KNOWN else None


_KNOWN = frozenset(metric.value for metric in Metric)
