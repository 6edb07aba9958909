"""What a ring promises: whole records, in order, each once, whatever happens to the file."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.probe.places import ProcessIdentity
from plugin_optimizer.probe.ring import HEADER_BYTES, KEY, RingCorrupt, RingWriter, read_ring

WRITER = ProcessIdentity(1, 2)


def packed(*numbers: int) -> bytes:
    return b"".join(KEY.pack(number) for number in numbers)


def unpacked(records: bytes) -> list[int]:
    return [number for (number,) in KEY.iter_unpack(records)]


def writer(path: Path, capacity: int = 8, written: int = 0) -> RingWriter:
    return RingWriter(path, KEY.size, capacity, WRITER, written)


@given(batches=st.lists(st.integers(0, 20), max_size=20), capacity=st.integers(1, 9))
def test_a_reader_sees_every_record_that_is_still_there_once(
    tmp_path_factory: pytest.TempPathFactory, batches: list[int], capacity: int
) -> None:
    """Whatever the batches: what is read follows what was read before, and `lost` counts the gap."""
    path = tmp_path_factory.mktemp("ring") / "x.ring"
    ring, written, after = writer(path, capacity), 0, 0
    for size in batches:
        ring.write(packed(*range(written + 1, written + size + 1)))
        written += size
        found = read_ring(path, KEY.size, after)
        assert unpacked(found.records) == list(range(found.first, written + 1))
        assert found.first == after + found.lost + 1
        assert found.count == min(written - after, capacity)
        after = found.last
    ring.close()


def test_records_being_overwritten_are_left_out(tmp_path: Path) -> None:
    """Once the writer has announced that it goes on, the oldest slots are not trusted."""
    path = tmp_path / "x.ring"
    ring = writer(path)
    ring.write(packed(*range(1, 9)))
    with path.open("r+b") as file:
        file.seek(32)
        file.write(struct.pack("<Q", 11))  # begun: three more records are on their way
    found = read_ring(path, KEY.size)
    assert (found.first, unpacked(found.records), found.lost) == (4, [4, 5, 6, 7, 8], 3)
    ring.close()


def test_what_a_dead_writer_left_can_be_read(tmp_path: Path) -> None:
    """The records are in the file, not in the process."""
    ring = writer(tmp_path / "x.ring")
    ring.write(packed(1, 2, 3))
    ring.close()
    assert unpacked(read_ring(tmp_path / "x.ring", KEY.size).records) == [1, 2, 3]


def test_a_ring_that_was_begun_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    """A reader that had read further than the ring now holds does not wait for it to catch up."""
    ring = writer(tmp_path / "x.ring")
    ring.write(packed(7))
    assert unpacked(read_ring(tmp_path / "x.ring", KEY.size, after=100).records) == [7]
    ring.close()


def test_numbers_go_on_in_a_new_file_of_the_same_process(tmp_path: Path) -> None:
    """A deleted file is replaced without its records being counted twice."""
    ring = writer(tmp_path / "x.ring", written=5)
    ring.write(packed(6))
    found = read_ring(tmp_path / "x.ring", KEY.size, after=5)
    assert (found.first, unpacked(found.records), found.lost) == (6, [6], 0)
    ring.close()


@pytest.mark.parametrize("length", [0, 10, HEADER_BYTES, HEADER_BYTES + 8])
def test_a_cut_off_ring_is_refused(tmp_path: Path, length: int) -> None:
    """Whatever is missing, the reader says so and returns nothing."""
    path = tmp_path / "x.ring"
    ring = writer(path)
    ring.write(packed(1, 2, 3))
    ring.close()
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(RingCorrupt):
        read_ring(path, KEY.size)


@given(content=st.binary(max_size=300))
def test_foreign_files_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Anything that is not a ring of these records raises RingCorrupt and nothing else."""
    path = tmp_path_factory.mktemp("ring") / "x.ring"
    path.write_bytes(content)
    with pytest.raises(RingCorrupt):
        read_ring(path, KEY.size)


def test_records_of_another_size_are_refused(tmp_path: Path) -> None:
    """A ring of requests is not a ring of keys."""
    RingWriter(tmp_path / "x.ring", 64, 8, WRITER).close()
    with pytest.raises(RingCorrupt):
        read_ring(tmp_path / "x.ring", KEY.size)
