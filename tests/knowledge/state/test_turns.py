"""Threads of one process have their turns in the order in which they came."""

import threading
import time
from collections.abc import Callable

import pytest

from plugin_optimizer.domain import Unavailable
from plugin_optimizer.knowledge.state import queue
from plugin_optimizer.knowledge.state.turns import Turns

LONGEST_SECONDS = 60.0


def until(true: Callable[[], bool]) -> None:
    """Poll until it is true."""
    end = time.monotonic() + LONGEST_SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_turns_come_in_the_order_of_coming() -> None:
    """Even the one that asks anew right after its release is behind all who waited."""
    turns, came = Turns(), list[int]()
    assert turns.acquire(0.0)

    def take(number: int) -> None:
        assert turns.acquire(LONGEST_SECONDS)
        came.append(number)
        turns.release()

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for number, thread in enumerate(threads):
        thread.start()
        until(lambda: len(turns._waiting) == number + 1)  # noqa: B023
    turns.release()
    assert turns.acquire(LONGEST_SECONDS)
    assert came == list(range(8))
    for thread in threads:
        thread.join()


def test_who_waits_too_long_gives_its_place_up() -> None:
    """It is told so, and those behind it lose nothing."""
    turns = Turns()
    assert turns.acquire(0.0)
    assert not turns.acquire(0.01)
    assert not turns.acquire(-1.0)
    turns.release()
    assert turns.acquire(0.0)


def test_a_queue_that_does_not_end_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that waited for the whole deadline gets Unavailable, which the API answers with 503."""
    monkeypatch.setattr(queue, "LONGEST_SECONDS", 0.05)
    alone = queue.Queue(None)
    with alone.turn(), pytest.raises(Unavailable, match="too slow"), alone.turn():
        pass
    with alone.turn():
        pass


def test_turns_are_never_two_at_once() -> None:
    """Eight threads that come and go, some giving up: one is inside at any time, and it ends free."""
    turns, inside, most = Turns(), list[int](), list[int]()

    def come_and_go(number: int) -> None:
        for attempt in range(200):
            if turns.acquire(0.0 if (number + attempt) % 3 == 0 else LONGEST_SECONDS):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)
                turns.release()

    threads = [threading.Thread(target=come_and_go, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert turns.acquire(0.0)
