"""Reading what probes left: every request once, broken files left out, the dead taken away."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from plugin_optimizer.monitor.probe_journal import ProbeJournal
from plugin_optimizer.monitor.probe_source import ProbeSource, mixed
from plugin_optimizer.probe.outbox import Outbox
from plugin_optimizer.probe.places import ProcessIdentity, process_directory
from plugin_optimizer.probe.ring import REQUEST_CAPACITY

PLUGIN = "orders"
OWN = ProcessIdentity.own()


@pytest.fixture(scope="module")
def ended() -> ProcessIdentity:
    """A process that is surely gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return ProcessIdentity(process.pid, 1)


def record(at: float, status: int = 200, error: int = 0) -> tuple[float, float, float, float, float, int, int, int]:
    return (at, 0.25, 0.5, 0.125, 0.0, status, error, 7)


def test_each_request_is_read_once(tmp_path: Path) -> None:
    """A second reading brings only what came in between; all fields arrive."""
    outbox, source, now = Outbox(tmp_path, PLUGIN, OWN), ProbeSource(tmp_path), time.time()
    outbox.requests([record(now - 3), record(now - 2, 500, 9)])
    trace = source.read(PLUGIN)
    assert trace.arrival.tolist() == [now - 3, now - 2]
    assert trace.end.tolist() == pytest.approx([now - 2.25, now - 1.25])
    assert (trace.status.tolist(), trace.error.tolist(), trace.context.tolist()) == ([200, 500], [0, 9], [7, 7])
    assert trace.pid.tolist() == [OWN.pid] * 2
    outbox.requests([record(now - 1)])
    assert source.read(PLUGIN).arrival.tolist() == [now - 1]
    assert len(source.read(PLUGIN)) == 0
    outbox.close()


def test_a_new_engine_reads_what_is_still_in_the_ring(tmp_path: Path) -> None:
    """The ring keeps the last 8,192 requests whoever has read them."""
    outbox, now = Outbox(tmp_path, PLUGIN, OWN), time.time()
    outbox.requests([record(now - 100 + n * 0.01) for n in range(REQUEST_CAPACITY + 10)])
    assert len(ProbeSource(tmp_path).read(PLUGIN)) == REQUEST_CAPACITY
    outbox.close()


def test_requests_older_than_an_hour_or_impossible_stay_out(tmp_path: Path) -> None:
    """Another clock, a negative time or an infinite wait is no request."""
    outbox, now = Outbox(tmp_path, PLUGIN, OWN), time.time()
    nan, inf = float("nan"), float("inf")
    outbox.requests(
        [
            record(now - 4_000),
            record(now + 4_000),
            record(nan),
            (now, nan, -1.0, 0.0, 0.0, 200, 0, 0),
            (now, inf, 1.0, 0.0, 0.0, 200, 0, 0),
            (now, nan, nan, 0.0, 0.0, 200, 0, 0),
            (now, nan, 1.0, nan, nan, 200, 0, 0),
        ]
    )
    trace = ProbeSource(tmp_path).read(PLUGIN)
    assert trace.arrival.tolist() == [now]
    assert np.isnan(trace.queue_wait[0])
    outbox.close()


def test_the_dead_are_read_and_taken_away_after_a_minute(tmp_path: Path, ended: ProcessIdentity) -> None:
    """Their files stay for a minute, then go; the living are never touched."""
    now = time.time()
    for process in (ended, OWN):
        outbox = Outbox(tmp_path, PLUGIN, process)
        outbox.requests([record(now - 1)])
        outbox.close()
    directory, source = process_directory(tmp_path, PLUGIN), ProbeSource(tmp_path)
    assert sorted(source.read(PLUGIN).pid.tolist()) == sorted([ended.pid, OWN.pid])
    assert len(list(directory.iterdir())) == 2
    for path in directory.iterdir():
        os.utime(path, (now - 61, now - 61))
    source.read(PLUGIN)
    assert [path.name for path in directory.iterdir()] == [f"{OWN}.ring"]


@pytest.mark.parametrize("content", [b"", b"PLUGRNG1", b"\x00" * 4096, b"not a ring" * 1000])
def test_broken_files_are_counted_and_left_out(tmp_path: Path, ended: ProcessIdentity, content: bytes) -> None:
    """One broken ring does not hide the others."""
    outbox = Outbox(tmp_path, PLUGIN, OWN)
    outbox.requests([record(time.time())])
    directory = process_directory(tmp_path, PLUGIN)
    for name in (f"{ended}.ring", f"{ended}.report.json", f"{OWN}.report.json", "5-5.log.jsonl", "stranger.txt"):
        (directory / name).write_bytes(content)
    source = ProbeSource(tmp_path)
    assert len(source.read(PLUGIN)) == 1
    assert source.skipped >= 1
    assert (source.caches(PLUGIN), source.errors(PLUGIN), source.attributes(PLUGIN)) == ([], [], {})
    outbox.close()


def test_a_record_that_is_not_whole_is_left_out(tmp_path: Path) -> None:
    """A record whose own number is not the one of its place was torn."""
    outbox, now = Outbox(tmp_path, PLUGIN, OWN), time.time()
    outbox.requests([record(now - 2), record(now - 1)])
    path = process_directory(tmp_path, PLUGIN) / f"{OWN}.ring"
    with path.open("r+b") as file:
        file.seek(64 + 56)
        file.write(b"\x09")
    assert ProbeSource(tmp_path).read(PLUGIN).arrival.tolist() == [now - 1]
    outbox.close()


def test_an_unknown_plugin_and_a_missing_home_are_empty(tmp_path: Path) -> None:
    """Looking where nothing is creates nothing and raises nothing."""
    source = ProbeSource(tmp_path / "nowhere")
    assert (len(source.read(PLUGIN)), source.plugins(), source.reports(PLUGIN)) == (0, (), [])
    assert not (tmp_path / "nowhere").exists()


def test_a_home_open_to_others_is_not_read(tmp_path: Path) -> None:
    """It is refused, counted, and the loop goes on."""
    outbox = Outbox(tmp_path, PLUGIN, OWN)
    outbox.requests([record(time.time())])
    tmp_path.chmod(0o777)
    source = ProbeSource(tmp_path)
    assert (len(source.read(PLUGIN)), source.plugins()) == (0, ())
    assert source.skipped >= 2
    outbox.close()


def test_only_plugins_with_a_probe_are_named(tmp_path: Path) -> None:
    """A plugin that has settings but never ran with a probe is not one of them."""
    from plugin_optimizer.probe import channel

    channel.write_setting(tmp_path, "settings-only", "batch", 1)
    outbox = Outbox(tmp_path, PLUGIN, OWN)
    outbox.requests([record(time.time())])
    assert ProbeSource(tmp_path).plugins() == (PLUGIN,)
    outbox.close()


def line(**entry: object) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def error_line(fingerprint: object, at: float, message: str = "no") -> bytes:
    return line(kind="error", fingerprint=fingerprint, exception="KeyError", message=message, frames=["a:b"], at=at)


def test_a_journal_is_read_on_from_where_it_was(tmp_path: Path) -> None:
    """Half a line waits for its other half; a file begun anew is read from its beginning."""
    path, journal = tmp_path / "log.jsonl", ProbeJournal()
    path.write_bytes(error_line(5, 10.0) + error_line(6, 11.0)[:20])
    journal.take(path)
    assert list(journal.errors) == [5]
    with path.open("ab") as file:
        file.write(error_line(6, 11.0)[20:])
    journal.take(path)
    assert list(journal.errors) == [5, 6]
    replacement = tmp_path / "new"
    replacement.write_bytes(error_line(7, 12.0))
    replacement.rename(path)
    journal.take(path)
    assert list(journal.errors) == [5, 6, 7]
    assert journal.skipped == 0


def test_errors_of_one_kind_are_one_group(tmp_path: Path) -> None:
    """First and last time are those of all of them, the message is the latest; a record alone moves the last time."""
    path, journal = tmp_path / "log.jsonl", ProbeJournal()
    path.write_bytes(error_line(5, 20.0, "late") + error_line(5, 10.0, "early"))
    journal.take(path)
    journal.saw(5, 30.0)
    (group,) = journal.errors.values()
    assert (group.first_seen, group.last_seen, group.message) == (10.0, 30.0, "late")


@pytest.mark.parametrize("content", [b"x\n", b"{}\n", b"[]\n", error_line("5", 1.0), error_line(-1, 1.0), error_line(1 << 70, 1.0),
    line(kind="context", context=5, values=3), b"\xff\n"])  # fmt: skip
def test_lines_that_say_nothing_are_skipped(tmp_path: Path, content: bytes) -> None:
    """They are counted, and the next line is read."""
    path, journal = tmp_path / "log.jsonl", ProbeJournal()
    path.write_bytes(content + error_line(5, 1.0))
    journal.take(path)
    assert (journal.skipped, list(journal.errors)) == (1, [5])


def test_mixing_is_splitmix64() -> None:
    """The first two values of the reference implementation with seed 0."""
    seeds = np.array([0, 0x9E3779B97F4A7C15], dtype=np.uint64)
    assert [hex(value) for value in mixed(seeds)] == ["0xe220a8397b1dcdaf", "0x6e789e6aa1b965f4"]
