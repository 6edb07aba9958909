"""SQLite files are opened safely."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from plugin_optimizer.domain import ConfigError
from plugin_optimizer.knowledge.sqlite import Synchronous, connect, journal_mode_for, prepare


@pytest.mark.parametrize(
    ("version", "mode"),
    [((3, 40, 1), "truncate"), ((3, 51, 2), "truncate"), ((3, 51, 3), "wal"), ((3, 52, 0), "wal"), ((4, 0, 0), "wal")],
)
def test_wal_is_used_only_where_it_cannot_corrupt(version: tuple[int, ...], mode: str) -> None:
    """Versions with the WAL-reset bug get a rollback journal."""
    assert journal_mode_for(version) == mode


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    """A new directory is 0700, the file 0600, also one that stood open before."""
    path = tmp_path / "new" / "deep" / "state.db"
    prepare(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)
    prepare(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(("synchronous", "number"), [(Synchronous.FULL, 2), (Synchronous.NORMAL, 1)])
def test_a_connection_is_set_up(tmp_path: Path, synchronous: Synchronous, number: int) -> None:
    """Journal, synchronous and busy timeout are as promised, whatever the library's defaults are."""
    with closing(connect(prepare(tmp_path / "x.db"), synchronous)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == journal_mode_for(sqlite3.sqlite_version_info)
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == number
        assert connection.execute("PRAGMA busy_timeout").fetchone()[0] == 5000
        assert connection.isolation_level is None


def test_a_wal_file_is_brought_back_to_a_rollback_journal(tmp_path: Path) -> None:
    """A file that a newer library left in WAL mode is not used in that mode by an older one."""
    path = prepare(tmp_path / "x.db")
    with closing(sqlite3.connect(path)) as earlier:
        earlier.execute("PRAGMA journal_mode=wal")
        earlier.execute("CREATE TABLE kept (x)")
    with closing(connect(path, Synchronous.FULL)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == journal_mode_for(sqlite3.sqlite_version_info)
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_file_of_another_kind_is_not_overwritten(tmp_path: Path) -> None:
    """A text file under our name is an error with advice, and stays as it is."""
    path = tmp_path / "x.db"
    path.write_text("dear diary, " * 100)
    with pytest.raises(ConfigError, match="not a database of ours"):
        connect(prepare(path), Synchronous.FULL)
    assert path.read_text().startswith("dear diary")


def test_a_place_that_cannot_be_written_is_an_error_with_advice(tmp_path: Path) -> None:
    """A file where a directory should be is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be opened for writing"):
        prepare(tmp_path / "file" / "state.db")
