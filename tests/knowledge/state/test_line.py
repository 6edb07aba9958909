"""Writers of several processes on one SQLite file come one after the other, and nobody holds the others up for good."""

import logging
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from plugin_optimizer.domain import Unavailable
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.knowledge.state import beginning, line
from plugin_optimizer.knowledge.state.line import WRITING, Line
from plugin_optimizer.web.problem import problem_from
from tests.knowledge.proposals import NOW
from tests.knowledge.state.one_writer import another, write_for_ever
from tests.knowledge.state.test_turns import LONGEST_SECONDS, until


def far() -> float:
    return time.monotonic() + LONGEST_SECONDS


def taken(path: Path, seat: int) -> bool:
    """Tell whether somebody sits there, as a stranger would find out."""
    file = os.open(path, os.O_RDWR)
    try:
        return not line._taken(file, seat, 1)
    finally:
        os.close(file)


@pytest.fixture
def line_path(tmp_path: Path) -> Path:
    return tmp_path / "state.db-line"


def test_nobody_is_overtaken(line_path: Path) -> None:
    """They write in the order in which they sat down, and who asks anew after writing is the last."""
    first, came = Line(line_path), list[int]()
    first.wait(far())

    def write(number: int) -> None:
        own = Line(line_path)
        own.wait(far())
        came.append(number)
        own.leave()
        own.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(5)]
    for number, thread in enumerate(threads):
        thread.start()
        until(lambda: taken(line_path, number + 1))  # noqa: B023
    first.leave()
    first.wait(far())
    assert came == list(range(5))
    first.close()
    for thread in threads:
        thread.join()


def test_there_is_a_door_where_the_seats_are_taken(line_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More writers than seats: all of them come to write."""
    monkeypatch.setattr(line, "SEATS", 3)
    first, came = Line(line_path), list[int]()
    first.wait(far())

    def write(number: int) -> None:
        own = Line(line_path)
        own.wait(far())
        came.append(number)
        own.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    until(lambda: taken(line_path, 1) and taken(line_path, 2))
    first.close()
    for thread in threads:
        thread.join()
    assert sorted(came) == list(range(6))


def test_a_killed_writer_leaves_no_lock_behind(state_path: Path) -> None:
    """With kill -9 within its transaction: the next one writes at once, and nothing of the killed one is there."""
    with another("write", state_path) as process:
        process.kill()
        state = open_state(state_path)
        before = state.verify_audit()
        state.save_policy("orders", {"max_workers": 3}, "ann", NOW)
        assert state.verify_audit() == before + 1
        assert "other" not in {entry.actor for entry in state.audit()}
        state.close()


def test_a_child_of_a_killed_writer_holds_nobody_up(state_path: Path) -> None:
    """A fork shares its parent's locks until it lets them go: it must have done so by the time it runs."""
    with another("fork", state_path) as process:
        process.kill()
        until(lambda: not taken(state_path.with_name("state.db-line"), WRITING))


def test_a_child_that_ends_frees_no_seat_of_its_parent(line_path: Path) -> None:
    """What it renews, leaves and closes is its own."""
    own = Line(line_path)
    own.wait(far())
    child = os.fork()
    if child == 0:
        try:
            own.renew()
            own.leave()
            own.close()
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert taken(line_path, WRITING)
    own.close()
    assert not taken(line_path, WRITING)


def test_a_stopped_writer_is_answered_with_503(state_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for it is told within the deadline to come again; once it goes on, both writes are there."""
    monkeypatch.setattr(line, "STILL_SECONDS", 0.2)
    monkeypatch.setattr(beginning, "BUSY_TIMEOUT_SECONDS", 0.2)
    state = open_state(state_path)
    with another("write", state_path) as process:
        process.stop()
        with pytest.raises(OperationalError, match="locked") as caught:
            state.save_policy("orders", {"max_workers": 3}, "ann", NOW)
        problem = problem_from(caught.value)
        assert (problem.status, problem.headers["Retry-After"]) == (503, "2")
        process.finish()
    state.save_policy("orders", {"max_workers": 3}, "ann", NOW)
    assert {"other", "ann"} <= {entry.actor for entry in state.audit()}
    state.close()


def test_who_is_stopped_in_the_line_stops_nobody_else(
    state_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It does not write, so the others may: they pass it by, and the log says why."""
    monkeypatch.setattr(line, "STILL_SECONDS", 0.2)
    monkeypatch.setattr(line, "PASSED_BY_SECONDS", LONGEST_SECONDS)
    state = open_state(state_path)
    with another("seat", state_path) as process, caplog.at_level(logging.WARNING):
        process.stop()
        state.save_policy("orders", {"max_workers": 3}, "ann", NOW)
        state.save_policy("orders", {"max_workers": 4}, "ann", NOW)
    assert "is one of them stopped?" in caplog.text
    assert len(caplog.records) == 1, "a line that was passed by is not tried again at once"
    assert state.policies()["orders"] == {"max_workers": 4}
    state.close()


def test_a_line_that_moves_too_slowly_ends_with_a_clear_error(line_path: Path) -> None:
    """The one at its end is told that the database is too slow, and leaves its seat to others."""
    first, second = Line(line_path), Line(line_path)
    first.wait(far())
    with pytest.raises(Unavailable, match="too slow"):
        second.wait(time.monotonic() - 1.0)
    second.leave()
    assert not taken(line_path, 1)
    first.close()
    second.close()


def test_without_a_file_to_lock_the_state_works_all_the_same(
    state_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As on a disk without room for one more file: nobody queues, which the log says, and SQLite's lock decides."""
    state_path.parent.mkdir()
    state_path.with_name("state.db-line").mkdir()
    with caplog.at_level(logging.WARNING):
        stores = [open_state(state_path) for _ in range(2)]
    assert "do not queue" in caplog.text
    for number, store in enumerate(stores * 3):
        store.save_policy(f"p{number}", {"max_workers": 3}, "ann", NOW)
    assert len(stores[0].policies()) == 6
    for store in stores:
        store.close()


def test_locks_that_fail_later_let_everybody_pass(line_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A queue that breaks (no room for locks in the kernel) must not stop a write that SQLite would take."""
    own = Line(line_path)
    assert own._file is not None
    readable = os.open(line_path, os.O_RDONLY)  # cannot be locked for writing: EBADF
    os.dup2(readable, own._file)
    os.close(readable)
    with caplog.at_level(logging.WARNING):
        own.wait(far())
    own.leave()
    assert "cannot be locked" in caplog.text


def test_the_line_goes_on_when_any_of_it_is_killed(state_path: Path) -> None:
    """Three writers that never pause, one killed again and again, wherever it is: the others and a new one go on, one write each or more."""
    state = open_state(state_path)
    writers = [write_for_ever(state_path) for _ in range(3)]
    try:
        for number in range(6):
            before = state.version()
            until(lambda: state.version() > before + 2)  # noqa: B023
            killed = writers.pop(number % 3)
            os.kill(killed, signal.SIGKILL)
            os.waitpid(killed, 0)
            writers.append(write_for_ever(state_path))
    finally:
        for writer in writers:
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
    assert not any(taken(state_path.with_name("state.db-line"), seat) for seat in range(line.SEATS))
    assert state.verify_audit() >= 18
    state.close()
