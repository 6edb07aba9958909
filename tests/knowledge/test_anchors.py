"""The anchors of the audit: durable, signed, and telling when anything is wrong with them."""

import multiprocessing
import os
import shutil
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import Conflict
from plugin_optimizer.knowledge.anchors import Anchor, Anchors

LINES = 8


def anchor(number: int) -> Anchor:
    return Anchor(number, f"{number:064x}", 1_000.0 + number)


def filled(directory: Path, lines: int = LINES) -> Anchors:
    anchors = Anchors(directory)
    anchors.begin(anchor(1))
    for number in range(2, lines + 1):
        anchors.add(anchor(number))
    return anchors


def test_the_last_one_is_known_to_everybody(tmp_path: Path) -> None:
    """Before the first there is none; then each reader sees the newest, whoever wrote it."""
    reader = Anchors(tmp_path)
    assert reader.last() is None
    writer = filled(tmp_path)
    assert (reader.last(), reader.count()) == (anchor(LINES), LINES)
    writer.add(anchor(40))
    assert reader.last() == Anchors(tmp_path).last() == anchor(40)


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    """Directory 0700, files 0600, whatever the umask."""
    before = os.umask(0)
    try:
        filled(tmp_path)
    finally:
        os.umask(before)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "audit", *(tmp_path / "audit").iterdir())
    }
    assert modes == {"audit": 0o700, "anchors": 0o600, "key": 0o600}
    assert [path.name for path in tmp_path.iterdir()] == ["audit"]


def test_who_begins_second_changes_nothing(tmp_path: Path) -> None:
    """Two processes start at the same moment: the first one's key stays."""
    filled(tmp_path)
    key = (tmp_path / "audit" / "key").read_bytes()
    Anchors(tmp_path).begin(anchor(99))
    assert (tmp_path / "audit" / "key").read_bytes() == key
    assert Anchors(tmp_path).last() == anchor(LINES)


def test_an_anchor_never_goes_back(tmp_path: Path) -> None:
    """One with a number that was reached already is not written."""
    anchors = filled(tmp_path)
    anchors.add(anchor(3))
    assert anchors.last() == anchor(LINES)
    assert anchors.count() == LINES


def test_a_line_that_a_crash_cut_off_does_not_count(tmp_path: Path) -> None:
    """However little of it was written: the ones before stand, and the next one takes its place."""
    filled(tmp_path)
    file = tmp_path / "audit" / "anchors"
    whole = file.read_bytes()
    last = len(whole.splitlines(keepends=True)[-1])
    for written in range(last):
        file.write_bytes(whole[: len(whole) - last + written])
        anchors = Anchors(tmp_path)
        assert anchors.last() == anchor(LINES - 1)
        anchors.add(anchor(LINES))
        assert file.read_bytes() == whole


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_a_whole_line_is_found(tmp_path: Path, data: st.DataObject) -> None:
    """A flipped byte, a line taken out, two exchanged, one put in twice: the signature tells."""
    shutil.rmtree(tmp_path / "audit", ignore_errors=True)
    filled(tmp_path)
    file = tmp_path / "audit" / "anchors"
    lines = file.read_bytes().splitlines(keepends=True)
    one, other = data.draw(st.integers(0, LINES - 2)), data.draw(st.integers(0, LINES - 2))
    kind = data.draw(st.sampled_from(["flip", "remove", "exchange", "repeat"]))
    if kind == "flip":
        place = data.draw(st.integers(0, len(lines[one]) - 2))
        wrong = bytearray(lines[one])
        wrong[place] ^= 1 << data.draw(st.integers(0, 6))
        lines[one] = bytes(wrong)
    elif kind == "remove":
        del lines[one]
    elif kind == "exchange":
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines.insert(one, lines[one])
    changed = b"".join(lines)
    if changed == file.read_bytes():
        return
    file.write_bytes(changed)
    with pytest.raises(Conflict) as caught:
        Anchors(tmp_path).last()
    assert caught.value.code == "anchors_forged"


@pytest.mark.parametrize(
    ("name", "code"), [("anchors", "anchors_missing"), ("key", "anchor_key_missing"), ("audit", None)]
)
def test_what_is_gone_is_missed(tmp_path: Path, name: str, code: str | None) -> None:
    """Lines or key alone cannot go unnoticed; without the whole directory it is as at the very first start."""
    filled(tmp_path)
    if code is None:
        shutil.rmtree(tmp_path / name)
        assert Anchors(tmp_path).last() is None
        return
    (tmp_path / "audit" / name).unlink()
    with pytest.raises(Conflict) as caught:
        Anchors(tmp_path).last()
    assert caught.value.code == code


def test_emptied_lines_are_missed(tmp_path: Path) -> None:
    """A file cut to nothing is no first start."""
    anchors = filled(tmp_path)
    (tmp_path / "audit" / "anchors").write_bytes(b"")
    for reader in (anchors, Anchors(tmp_path)):
        with pytest.raises(Conflict) as caught:
            reader.last()
        assert caught.value.code == "anchors_missing"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Somebody puts a link in the place of the lines: refused."""
    filled(tmp_path)
    lines = tmp_path / "audit" / "anchors"
    shutil.move(lines, tmp_path / "elsewhere")
    lines.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Conflict):
        Anchors(tmp_path).last()


def append_many(directory: Path, first: int) -> None:
    anchors = Anchors(directory)
    for number in range(first, first + 120, 2):
        anchors.add(anchor(number))


def test_two_processes_that_append_leave_whole_lines(tmp_path: Path) -> None:
    """They take turns: every line fits, and the numbers only grow."""
    Anchors(tmp_path).begin(anchor(1))
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=append_many, args=(tmp_path, first)) for first in (2, 3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert Anchors(tmp_path).last() == anchor(121)


def test_anchors_that_were_set_aside_are_kept(tmp_path: Path) -> None:
    """As evidence, under another name; new ones can begin."""
    anchors = filled(tmp_path)
    aside = anchors.set_aside(5.0)
    assert aside is not None
    assert (aside / "anchors").is_file()
    assert anchors.last() is None
    assert anchors.set_aside(6.0) is None
