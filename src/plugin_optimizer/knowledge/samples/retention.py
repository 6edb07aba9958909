"""What is kept for how long, and what goes first when the file grows too large."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from .rollup import HOUR_SECONDS

DAY_SECONDS = 86_400.0
TRIM_TO = 0.85  # of the cap, so that not every hour has to trim again
FREED_PAGES = 4_000  # handed back to the file system at a time


@dataclass(frozen=True, slots=True)
class Retention:
    """Ages in seconds; `cap_bytes` bounds the pages in use, the oldest raw samples go first."""

    hot_seconds: float = 7_200.0
    raw_seconds: float = DAY_SECONDS
    minutes_seconds: float = 14 * DAY_SECONDS
    hours_seconds: float = 400 * DAY_SECONDS
    cap_bytes: int = 10 * 1024**3


def full_hour(at: float) -> int:
    """Return the beginning of the hour that `at` lies in."""
    return int(at // HOUR_SECONDS) * HOUR_SECONDS


def drop_old(connection: sqlite3.Connection, plugins: Sequence[int], retention: Retention, now: float) -> None:
    """Delete what is older than its time, of these plugins."""
    ages = {
        "chunks": retention.raw_seconds,
        "minutes": retention.minutes_seconds,
        "hours": retention.hours_seconds,
    }
    for table, seconds in ages.items():
        before = full_hour(now - seconds)
        connection.executemany(
            f"DELETE FROM {table} WHERE plugin=? AND start<?",  # noqa: S608 - our own tables
            [(plugin, before) for plugin in plugins],
        )


def note_horizon(connection: sqlite3.Connection, retention: Retention, now: float) -> None:
    """Record since when raw samples and minutes are complete."""
    _raise_horizon(connection, "raw", full_hour(now - retention.raw_seconds))
    _raise_horizon(connection, "minutes", full_hour(now - retention.minutes_seconds))


def drop_until_fits(connection: sqlite3.Connection, cap_bytes: int) -> None:
    """Delete the oldest hours of raw samples, then of minutes, then of hours, until the file fits again."""
    if used_bytes(connection) <= cap_bytes:
        return
    for table, resolution in (("chunks", "raw"), ("minutes", "minutes"), ("hours", None)):
        while used_bytes(connection) > TRIM_TO * cap_bytes and _drop_oldest(connection, table, resolution):
            pass


def used_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes of all pages that hold something."""
    page_bytes, pages, free = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_size", "page_count", "freelist_count")
    )
    return page_bytes * (pages - free)


def give_back(connection: sqlite3.Connection) -> None:
    """Return free pages to the file system, some at a time; outside a transaction."""
    connection.execute(f"PRAGMA incremental_vacuum({FREED_PAGES})").fetchall()


def _drop_oldest(connection: sqlite3.Connection, table: str, resolution: str | None) -> bool:
    """Delete the oldest tenth of the hours in a table; False if there is nothing left."""
    oldest, newest = connection.execute(f"SELECT min(start), max(start) FROM {table}").fetchone()  # noqa: S608
    if oldest is None:
        return False
    before = full_hour(oldest + (newest - oldest) / 10) + HOUR_SECONDS
    connection.execute(f"DELETE FROM {table} WHERE start<?", (before,))  # noqa: S608 - our own tables
    if resolution is not None:
        _raise_horizon(connection, resolution, before)
    return True


def _raise_horizon(connection: sqlite3.Connection, resolution: str, at: float) -> None:
    connection.execute(
        "UPDATE horizon SET complete_from=max(complete_from, ?) WHERE resolution=?", (float(at), resolution)
    )
