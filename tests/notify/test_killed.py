"""The process that delivers is killed again and again, and the server that takes the messages fails: nothing is lost."""

import contextlib
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from notify.sinks import HttpSink, http_sink
from notify.telling_engine import tell
from web.small_system import proposal

from plugin_optimizer.domain import DispatchState
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.knowledge.state.looking import look_at_state

pytestmark = pytest.mark.live
TOLD = int(os.environ.get("NOTIFICATIONS_TOLD", "120"))


@contextlib.contextmanager
def engine(tmp_path: Path) -> Iterator[multiprocessing.process.BaseProcess]:
    """A process of its own that delivers, and is killed at the end."""
    process = multiprocessing.get_context("fork").Process(target=tell, args=(tmp_path / "state.db", tmp_path / "url"))
    process.start()
    try:
        yield process
    finally:
        process.kill()  # SIGKILL
        process.join()
        assert process.exitcode == -signal.SIGKILL
        process.close()


def test_nothing_is_lost_by_kill_9_and_what_comes_twice_has_the_same_id(tmp_path: Path) -> None:
    """Kills at random moments, every seventh answer a failure: each notice arrives, and duplicates are known by their id."""
    chance = random.Random(7)
    open_state(tmp_path / "state.db").close()
    with http_sink(lambda n: "broken" if n % 7 == 0 else "ok") as sink:
        (tmp_path / "url").write_text(sink.url)
        with engine(tmp_path):
            _until(lambda: _look(tmp_path).notification_cursor() is not None)
        happening = threading.Thread(target=_happen, args=(tmp_path, TOLD))
        happening.start()
        kills = 0
        while happening.is_alive():
            with engine(tmp_path):
                time.sleep(chance.uniform(0.3, 1.5))
            kills += 1
        with engine(tmp_path):
            _until(lambda: _all_told(tmp_path, sink))
    arrived = Counter(n["suggestion_id"] for posted in sink.posted for n in posted.document["notices"])
    ids = Counter(posted.document["id"] for posted in sink.posted)
    twice = sum(count - 1 for count in ids.values())
    sys.stdout.write(
        f"{TOLD} notices in {len(ids)} messages, {kills} kills: {TOLD - len(arrived)} lost, {twice} messages twice\n"
    )
    assert kills >= 3
    assert len(arrived) == TOLD
    assert twice <= kills  # one at most is in hand when the process dies
    assert all(d.state is DispatchState.DELIVERED for d in _look(tmp_path).dispatches())


def test_a_message_in_hand_is_sent_again_under_its_id(tmp_path: Path) -> None:
    """Killed after the other side took it and before that was written: at least once, and known by its id."""
    state = open_state(tmp_path / "state.db")
    running: list[multiprocessing.process.BaseProcess] = []

    def kill_the_sender(n: int) -> str:
        if n == 1:
            running[0].kill()
        return "ok"

    with http_sink(kill_the_sender) as sink:
        (tmp_path / "url").write_text(sink.url)
        with engine(tmp_path) as first:
            running.append(first)
            _until(lambda: _look(tmp_path).notification_cursor() is not None)
            state.offer(proposal("orders"), time.time(), time.time() + 3600)
            _until(lambda: len(sink.posted) == 1)
        assert [d.state for d in state.dispatches()] == [DispatchState.SENDING]
        with engine(tmp_path):
            _until(lambda: [d.state for d in _look(tmp_path).dispatches()] == [DispatchState.DELIVERED])
    assert len(sink.posted) == 2
    assert len({posted.document["id"] for posted in sink.posted}) == 1
    state.close()


def _happen(tmp_path: Path, count: int) -> None:
    """Open suggestions, as an engine does, in the state that the other process delivers from."""
    state = open_state(tmp_path / "state.db")
    for i in range(count):
        now = time.time()
        state.offer(proposal(f"p{i:04}"), now, now + 3600)
        time.sleep(0.05)
    state.close()


def _all_told(tmp_path: Path, sink: HttpSink) -> bool:
    told = {n["suggestion_id"] for posted in list(sink.posted) for n in posted.document["notices"]}
    counts = _look(tmp_path).count_dispatches()
    return len(told) == TOLD and all(state is DispatchState.DELIVERED for _, state in counts)


def _look(tmp_path: Path) -> SqlStateStore:
    return look_at_state(tmp_path / "state.db")


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not true():
        time.sleep(0.1)
