"""The emergency stop latches when nothing else can be written any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.knowledge.emergency_stop import EmergencyStop, Stop, StopFailed
from tests.reliability.small_disk import NotPermitted, SmallDisk, small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    try:
        with small_disk(tmp_path / "disk", 64 * 1024, inodes=8) as mounted:
            yield mounted
    except NotPermitted as refusal:
        pytest.skip(str(refusal))


def test_it_latches_with_its_words_on_a_full_disk(disk: SmallDisk) -> None:
    """No room for a single byte: the spare file holds the words."""
    flag = EmergencyStop.of(disk.path)
    flag.prepare()
    disk.fill()
    assert flag.set("kim", "불이 났다", 5.0) == Stop("kim", "불이 났다", 5.0)
    assert EmergencyStop.of(disk.path).read() == Stop("kim", "불이 났다", 5.0)
    assert flag.set("lee", "too", 6.0).actor == "kim"


def test_it_latches_where_no_new_file_can_be_made(disk: SmallDisk) -> None:
    """All inodes are taken: the spare file is the flag, and lies ready again once there is room."""
    flag = EmergencyStop.of(disk.path)
    flag.prepare()
    disk.fill_inodes()
    assert flag.set("kim", "fire", 5.0) == Stop("kim", "fire", 5.0)
    assert flag.arm()
    assert not flag.is_set()
    disk.fill_inodes()
    assert flag.set("lee", "again", 7.0) == Stop("lee", "again", 7.0)


def test_without_a_spare_file_it_says_that_it_is_not_set(disk: SmallDisk) -> None:
    """Nobody may believe that it is set where it is not."""
    disk.fill_inodes()
    with pytest.raises(StopFailed, match="NOT set"):
        EmergencyStop.of(disk.path).set("kim", "fire", 5.0)


def test_a_full_disk_without_a_spare_file_still_takes_an_empty_flag(disk: SmallDisk) -> None:
    """Its existence is the stop; who it was cannot be told."""
    disk.fill()
    assert EmergencyStop.of(disk.path).set("kim", "fire", 5.0) == Stop()
    assert EmergencyStop.of(disk.path).is_set()


def test_the_spare_file_is_no_stop(tmp_path: Path) -> None:
    """Made at every start, it stops nobody; made twice, it is one."""
    flag = EmergencyStop.of(tmp_path)
    flag.prepare()
    flag.prepare()
    assert not flag.is_set()
    assert not flag.arm()
    assert [path.name for path in tmp_path.iterdir()] == ["estop.spare"]
