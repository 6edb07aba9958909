"""What all kinds of records share: the database, and pages of rows."""

from functools import cache
from typing import Any

from sqlalchemy import Table, and_, bindparam, or_, select
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql.expression import ColumnElement, Select

from ...domain import NotFound
from .database import Database

MOST_ROWS = 5_000


class Records:
    """A part of the state store: the methods that deal with one concern."""

    def __init__(self, database: Database) -> None:
        self._database = database


def found(connection: Connection, table: Table, name: str, row_id: str) -> "Row[Any]":
    """Return the row with this id; raise NotFound naming the kind of thing and the id."""
    row = connection.execute(_by_id(table), {"row_id": row_id}).first()
    if row is None:
        raise NotFound(f"no {name} {row_id!r}")
    return row


def page(
    connection: Connection, table: Table, wanted: "list[ColumnElement[bool]]", limit: int, after: str | None, name: str
) -> "list[Row[Any]]":
    """Return up to `limit` rows, newest first; `after` is the id of the last one of the page before."""
    query = _newest_first(table).where(*wanted)
    if after is not None:
        last = found(connection, table, name, after)
        older = and_(table.c.created_at == last.created_at, table.c.id < last.id)
        query = query.where(or_(table.c.created_at < last.created_at, older))
    return list(connection.execute(query, {"most": max(0, min(limit, MOST_ROWS))}))


@cache  # to put a statement together takes longer than to run it
def _by_id(table: Table) -> "Select[Any]":
    return select(table).where(table.c.id == bindparam("row_id"))


@cache
def _newest_first(table: Table) -> "Select[Any]":
    return select(table).order_by(table.c.created_at.desc(), table.c.id.desc()).limit(bindparam("most"))
