"""The fence on disk: what is written is read back, what is not ours is refused in words, and nothing is left open."""

import json
import os
from pathlib import Path

import pytest

from plugin_optimizer.domain import InvalidValue, Refused, Unobservable
from plugin_optimizer.execute.fences import LONGEST_BYTES, FenceFiles, FencesInMemory, Mark
from plugin_optimizer.execute.orders import Fence

FENCE = {"fence": [5, 2, 1], "kept": ["workers", 4]}


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def read(directory: Path, plugin_id: str = "orders") -> Mark:
    with FenceFiles(directory).holding(plugin_id) as cell:
        return cell.read()


@pytest.mark.parametrize(
    "mark", [Mark(Fence(5, 2, 1)), Mark(Fence(5, 2, 1), ("workers", 4)), Mark(Fence(7), ("p", "lru"))]
)
def test_what_was_acted_on_is_known_to_whoever_comes_next(tmp_path: Path, mark: Mark) -> None:
    """All three numbers, and what was made to last; the lowest before the first."""
    for fences, later in ((FenceFiles(tmp_path), FenceFiles(tmp_path)), (memory := FencesInMemory(), memory)):
        with fences.holding("orders") as cell:
            assert cell.read() == Mark(Fence(0, 0, 0), None)
            cell.write(mark)
            assert cell.read() == mark
        with later.holding("orders") as cell:
            assert cell.read() == mark
        with later.holding("mail") as cell:
            assert cell.read() == Mark()


def test_a_fence_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Directories are made where they are missing, closed to others; of a write nothing but the fence remains."""
    directory = tmp_path / "var" / "fences"
    with FenceFiles(directory).holding("orders") as cell:
        cell.write(Mark(Fence(5, 2, 1), ("workers", 4)))
    assert directory.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir()} == {
        "orders.lock": 0o600,
        "orders.json": 0o600,
    }
    assert json.loads((directory / "orders.json").read_text()) == FENCE


def test_nothing_stays_open(tmp_path: Path) -> None:
    """A hundred looks and writes leave about as many open files as before (others in this process may open some)."""
    before = open_files()
    for number in range(100):
        with FenceFiles(tmp_path).holding("orders") as cell:
            cell.write(Mark(Fence(number)))
            cell.read()
    assert open_files() < before + 50


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "7", "null", '{"fence": [1, 2, 3]}', '{"kept": null}', '{"fence": [1, 2], "kept": null}',
        '{"fence": [1, 2, 3, 4], "kept": null}', '{"fence": "123", "kept": null}', '{"fence": [1, 2, "3"], "kept": null}',
        '{"fence": [1, 2, true], "kept": null}', '{"fence": [1, 2, 3.0], "kept": null}', '{"fence": {"0": 1}, "kept": null}',
        '{"fence": [1, 2, 3], "kept": []}', '{"fence": [1, 2, 3], "kept": ["workers"]}', '{"fence": [1, 2, 3], "kept": 7}',
    ],
)  # fmt: skip
def test_a_damaged_fence_waits_for_a_person(tmp_path: Path, content: str) -> None:
    """It names the file, and what is to be done."""
    (tmp_path / "orders.json").write_text(content)
    path = tmp_path / "orders.json"
    with pytest.raises(Refused) as refused:
        read(tmp_path)
    assert str(refused.value) == (
        f"the fence {path} is damaged; nothing is turned until a person has looked and removed it"
    )
    path.unlink()
    assert read(tmp_path) == Mark()


def test_a_file_longer_than_any_fence_is_not_read_to_its_end(tmp_path: Path) -> None:
    """Up to the limit it is read, beyond it is damaged."""
    text = json.dumps(FENCE)
    (tmp_path / "orders.json").write_text(text + " " * (LONGEST_BYTES - len(text)))
    assert read(tmp_path) == Mark(Fence(5, 2, 1), ("workers", 4))
    (tmp_path / "orders.json").write_text(" " * LONGEST_BYTES + text)
    with pytest.raises(Refused, match="damaged"):
        read(tmp_path)


def test_what_cannot_be_read_or_written_is_named_with_its_cause(tmp_path: Path) -> None:
    """A link in its place, a directory that is a file, a place where nothing can be written."""
    (tmp_path / "orders.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused) as refused:
        read(tmp_path)
    assert str(refused.value) == (
        f"the fence {tmp_path / 'orders.json'} cannot be read: Too many levels of symbolic links"
    )
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(Refused) as refused:
        read(tmp_path / "file")
    assert str(refused.value) == f"no fence can be kept in {tmp_path / 'file'}: File exists"
    (tmp_path / "mail.new").mkdir()
    with FenceFiles(tmp_path).holding("mail") as cell, pytest.raises(Refused) as refused:
        cell.write(Mark(Fence(1)))
    assert str(refused.value) == (
        f"nothing was turned: the fence {tmp_path / 'mail.json'} cannot be written (Is a directory)"
    )


def test_links_are_followed_nowhere(tmp_path: Path) -> None:
    """Neither the lock nor what is about to become the fence: a file elsewhere stays as it is."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    directory = tmp_path / "fences"
    directory.mkdir()
    (directory / "orders.lock").symlink_to(elsewhere)
    with pytest.raises(Refused, match="no fence can be kept"):
        read(directory)
    (directory / "mail.new").symlink_to(elsewhere)
    with FenceFiles(directory).holding("mail") as cell, pytest.raises(Refused, match="cannot be written"):
        cell.write(Mark(Fence(1)))
    assert elsewhere.read_text() == "precious"


def test_a_name_that_is_no_plugins_is_no_file(tmp_path: Path) -> None:
    """It could lead out of the directory."""
    with pytest.raises(InvalidValue):
        read(tmp_path, "../orders")
    assert list(tmp_path.iterdir()) == []


def test_who_holds_a_plugin_is_waited_for_and_then_named(tmp_path: Path) -> None:
    """Other plugins are not held up; after it was let go it can be held."""
    with FenceFiles(tmp_path).holding("orders"):
        with (
            pytest.raises(Unobservable) as held,
            FenceFiles(tmp_path, lock_seconds=0.05).holding("orders"),
        ):
            pytest.fail("two held it")
        said = str(held.value)
        assert said.startswith("somebody else is acting on orders, or was stopped while acting: ")
        assert f"process {os.getpid()} has held it since" in said
        assert read(tmp_path, "mail") == Mark()
    assert read(tmp_path) == Mark()
