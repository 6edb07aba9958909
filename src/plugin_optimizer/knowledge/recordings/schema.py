"""The tables of the file of recordings.

A row of `requests` holds what came of one plugin within about a minute; `begin` is its first arrival, `finish` its last
completion. A row of `settings` holds how a plugin was set from `at` on.
"""

import sqlite3

from ...domain import ConfigError

VERSION = 1
UNKNOWN_BYTES = 0.0  # stands for NaN, which JSON does not have
TABLES = """
CREATE TABLE plugins (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE requests (plugin INTEGER NOT NULL, begin REAL NOT NULL, finish REAL NOT NULL, body BLOB NOT NULL);
CREATE INDEX requests_by_plugin ON requests (plugin, begin);
CREATE INDEX requests_by_age ON requests (finish);
CREATE TABLE settings (
  plugin INTEGER NOT NULL, at REAL NOT NULL, body TEXT NOT NULL, PRIMARY KEY (plugin, at)) WITHOUT ROWID;
"""


def create(connection: sqlite3.Connection) -> None:
    """Create the tables in an empty file, in one transaction. Raises ConfigError for a file of another version."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        require_version(connection, VERSION, 0)
        if _version(connection) == 0:
            for statement in TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def require_version(connection: sqlite3.Connection, *known: int) -> None:
    """Raise ConfigError for a file whose format is none of `known`."""
    version = _version(connection)
    if version not in known:
        raise ConfigError(f"the recordings have format {version}; this version of the product knows {VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
