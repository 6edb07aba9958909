"""The tables of the sample file.

`hot` takes what arrives; `chunks` holds it sealed by hour, `minutes` and `hours` what remains of it later:
per cell minimum, mean, maximum and count.
"""

import sqlite3

from ...domain import ConfigError

VERSION = 1
TABLES = """
CREATE TABLE plugins (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE metrics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE hot (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, plugin INTEGER NOT NULL, at REAL NOT NULL, body BLOB NOT NULL);
CREATE INDEX hot_by_plugin ON hot (plugin, at);
CREATE TABLE chunks (
  plugin INTEGER NOT NULL, start INTEGER NOT NULL, metric INTEGER NOT NULL, body BLOB NOT NULL,
  UNIQUE (plugin, start, metric));
CREATE TABLE minutes (
  plugin INTEGER NOT NULL, start INTEGER NOT NULL, metric INTEGER NOT NULL, body BLOB NOT NULL,
  UNIQUE (plugin, start, metric));
CREATE TABLE hours (
  plugin INTEGER NOT NULL, start INTEGER NOT NULL, metric INTEGER NOT NULL,
  minimum REAL NOT NULL, mean REAL NOT NULL, maximum REAL NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (plugin, start, metric)) WITHOUT ROWID;
CREATE TABLE horizon (resolution TEXT PRIMARY KEY, complete_from REAL NOT NULL);
INSERT INTO horizon VALUES ('raw', -1e18), ('minutes', -1e18);
"""


def create(connection: sqlite3.Connection) -> None:
    """Create the tables in an empty file, in one transaction. Raises ConfigError for a file of another version."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        _create(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _create(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in {0, VERSION}:
        raise ConfigError(f"the samples have format {version}; this version of the product knows {VERSION}")
    if version == 0:
        for statement in TABLES.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")
