"""The inbox: what several processes put in one takes out, within limits that hold for all of them."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.contracts import Allowance, Parcel
from plugin_optimizer.domain import ConfigError
from plugin_optimizer.knowledge import SqliteInbox

NOW = 1_800_000_000.0
ALLOWED = Allowance("token a", 2.0, 4.0)


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[SqliteInbox]:
    made = SqliteInbox(tmp_path / "inbox.db", 1_000)
    yield made
    made.close()


def parcel(number: int, size: int = 10, at: float = NOW) -> Parcel:
    return Parcel(f"p{number}", at, bytes([number % 256]) * size)


def test_what_is_put_in_is_taken_out_once_in_order(inbox: SqliteInbox) -> None:
    """First in, first out; a second look finds nothing."""
    assert inbox.put([parcel(1), parcel(2)])
    assert inbox.put([parcel(3)])
    assert inbox.take(NOW) == [parcel(1), parcel(2), parcel(3)]
    assert inbox.take(NOW) == ()


def test_it_is_bounded_and_takes_all_or_none(inbox: SqliteInbox) -> None:
    """Beyond its size nothing of a request is kept; when it was emptied it takes again."""
    assert inbox.put([parcel(1, 600)])
    assert not inbox.put([parcel(2, 100), parcel(3, 400)])
    assert inbox.put([parcel(4, 400)])
    assert [each.plugin_id for each in inbox.take(NOW)] == ["p1", "p4"]
    assert inbox.put([parcel(2, 1_000)])


def test_what_nobody_looked_at_for_an_hour_is_dropped(inbox: SqliteInbox) -> None:
    """It would be refused as too old anyway."""
    inbox.put([parcel(1, at=NOW - 3_601), parcel(2, at=NOW - 3_599)])
    assert [each.plugin_id for each in inbox.take(NOW)] == ["p2"]


def test_an_allowance_is_used_up_and_comes_back(inbox: SqliteInbox) -> None:
    """Four at once, then two a second; it says how long to wait, and a refusal costs nothing."""
    assert [inbox.wait_seconds(ALLOWED, 1.0, NOW) for _ in range(4)] == [0, 0, 0, 0]
    assert inbox.wait_seconds(ALLOWED, 1.0, NOW) == pytest.approx(0.5)
    assert inbox.wait_seconds(ALLOWED, 3.0, NOW + 1.0) == pytest.approx(0.5)
    assert inbox.wait_seconds(ALLOWED, 2.0, NOW + 1.0) == 0
    assert inbox.wait_seconds(ALLOWED, 9.0, NOW + 100.0) > 0  # more than may ever come at once
    assert inbox.wait_seconds(Allowance("token b", 2.0, 4.0), 4.0, NOW) == 0


def test_a_clock_that_is_set_back_gives_nothing(inbox: SqliteInbox) -> None:
    """Nobody gains by it; and forwards no more than may come at once."""
    inbox.wait_seconds(ALLOWED, 4.0, NOW)
    assert inbox.wait_seconds(ALLOWED, 1.0, NOW - 3_600) > 0
    assert inbox.wait_seconds(ALLOWED, 5.0, NOW + 1e9) > 0


def test_hits_are_counted_and_bounded(inbox: SqliteInbox) -> None:
    """Each limit and sender one row; a flood of names shares one; those of yesterday are forgotten."""
    inbox.note("figures", "a", 2, NOW)
    inbox.note("figures", "a", 3, NOW + 1)
    assert [(h.reason, h.sender, h.count, h.at) for h in inbox.hits(NOW)] == [("figures", "a", 5, NOW + 1)]
    for number in range(1_100):
        inbox.note("figures", f"s{number}", 1, NOW + 2)
    assert len(inbox.hits(0.0)) <= 1_001
    assert sum(hit.count for hit in inbox.hits(0.0)) == 1_105
    inbox.note("figures", "late", 1, NOW + 90_000)
    assert [hit.sender for hit in inbox.hits(0.0)] == ["late"]


WRITER = """
import sys
from pathlib import Path
from plugin_optimizer.contracts import Allowance, Parcel
from plugin_optimizer.domain import ConfigError
from plugin_optimizer.knowledge import SqliteInbox

inbox = SqliteInbox(Path(sys.argv[1]), 1_000_000)
taken = 0
for number in range(50):
    assert inbox.put([Parcel(f"{sys.argv[2]}-{number}", 1_800_000_000.0, b"x")])
    taken += inbox.wait_seconds(Allowance("token a", 1e-9, 60.0), 1.0, 1_800_000_000.0) == 0
print(taken)
"""


def test_several_processes_share_it(tmp_path: Path) -> None:
    """Three write at once: nothing is lost, and all together get no more than one sender's allowance."""
    path = tmp_path / "inbox.db"
    command = [sys.executable, "-c", WRITER, str(path)]
    writers = [subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True) for name in "abc"]
    granted = [int(writer.communicate(timeout=120)[0]) for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert sum(granted) == 60
    inbox = SqliteInbox(path, 1_000_000)
    try:
        found = [each.plugin_id for each in inbox.take(NOW)]
    finally:
        inbox.close()
    assert sorted(found) == sorted(f"{name}-{number}" for name in "abc" for number in range(50))


@pytest.mark.parametrize("damage", ["overwritten", "cut", "torn"])
def test_one_that_a_power_failure_broke_is_begun_anew(tmp_path: Path, damage: str) -> None:
    """Nothing in it is worth an engine that does not start; the next one works, and a second process keeps what is in it."""
    path = tmp_path / "inbox.db"
    first = SqliteInbox(path, 10_000_000)
    first.put([parcel(n, 5_000) for n in range(200)])
    first.close()
    raw = bytearray(path.read_bytes())
    if damage == "overwritten":
        raw[:100] = b"x" * 100
    elif damage == "torn":
        raw[4_096 : len(raw) // 2] = b"\xff" * (len(raw) // 2 - 4_096)
    path.write_bytes(raw if damage != "cut" else raw[: len(raw) // 3])
    again = SqliteInbox(path, 10_000_000)
    assert again.take(NOW) == ()
    assert again.put([parcel(1)])
    second = SqliteInbox(path, 10_000_000)
    assert [each.plugin_id for each in second.take(NOW)] == ["p1"]
    again.close()
    second.close()


def test_one_that_may_not_be_opened_is_not_taken_away(tmp_path: Path) -> None:
    """Only what is broken is begun anew: a place that is no file is an error, and stays."""
    (tmp_path / "inbox.db").mkdir()
    with pytest.raises(ConfigError):
        SqliteInbox(tmp_path / "inbox.db", 1_000)
    assert (tmp_path / "inbox.db").is_dir()
