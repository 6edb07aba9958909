"""What all kinds of records share: the database, and pages of rows."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Table, and_, bindparam, or_, select
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql.expression import ColumnElement, Select, TextClause

from ...domain import NotFound
from .database import Database
from .schema import DOUBLE

MOST_ROWS = 5_000

Conditions = tuple["ColumnElement[bool] | TextClause", ...]


class Records:
    """A part of the state store: the methods that deal with one concern."""

    def __init__(self, database: Database) -> None:
        self._database = database


def found(connection: Connection, table: Table, row_id: str) -> "Row[Any]":
    """Return the row with this id; raise NotFound naming the kind of thing and the id."""
    row = connection.execute(_by_id(table), {"row_id": row_id}).first()
    if row is None:
        raise NotFound(f"no {table.name.removesuffix('s')} {row_id!r}")
    return row


def page(
    connection: Connection,
    table: Table,
    wanted: Conditions,
    values: Mapping[str, object],
    limit: int,
    after: str | None,
) -> "list[Row[Any]]":
    """Return up to `limit` rows, newest first; `after` is the id of the last one of the page before.

    `wanted` are conditions that are put together once, and so is their query; `values` are those of their parameters.
    """
    parameters = {**values, "most": max(0, min(limit, MOST_ROWS))}
    if after is None:
        return list(connection.execute(_newest_first(table, wanted), parameters))
    last = found(connection, table, after)
    query = _newest_first(table, (*wanted, _older(table)))
    return list(connection.execute(query, {**parameters, "last_created_at": last.created_at, "last_id": last.id}))


@cache  # to put a statement together takes longer than to run it
def _by_id(table: Table) -> "Select[Any]":
    return select(table).where(table.c.id == bindparam("row_id"))


@cache
def _newest_first(table: Table, wanted: Conditions) -> "Select[Any]":
    newest = select(table).order_by(table.c.created_at.desc(), table.c.id.desc())
    return newest.where(*wanted).limit(bindparam("most"))


@cache
def _older(table: Table) -> "ColumnElement[bool]":
    created_at, last = table.c.created_at, bindparam("last_created_at", type_=DOUBLE)
    return or_(created_at < last, and_(created_at == last, table.c.id < bindparam("last_id")))
