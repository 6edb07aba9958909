"""A number of workers is told where it can be told: not in the middle of a reload, a crash, a fork."""

import os
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plugin_optimizer.domain import Unobservable
from plugin_optimizer.touchpoints.gunicorn.count import (
    COUNTING_SECONDS,
    MIXED_STANDS_SECONDS,
    STANDS_SECONDS,
    Count,
    Counting,
    stands_seconds,
)
from plugin_optimizer.touchpoints.gunicorn.process import Invocation, Master, master_at
from plugin_optimizer.touchpoints.gunicorn.sense import WorkerKeys
from plugin_optimizer.touchpoints.process_identity import identify
from tests.gunicorn_service import start_gunicorn

# Ends most workers 0.02 to 0.3 s after they began: as one that crashes does, again and again.
CRASHING = """
import os, random, threading

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]

threading.Timer(random.uniform(0.02, 0.3), os._exit, (1,)).start()
"""


def keys(names: str) -> WorkerKeys:
    return frozenset((ord(name), 1) for name in names if name != " ")


@pytest.mark.parametrize(
    ("told", "present", "seconds"),
    [
        ("ab", "ab", 0.0),
        ("ab", "ac", 0.0),
        ("ab", "cd", 0.0),
        ("ab", "abc", STANDS_SECONDS),
        ("ab", "a", STANDS_SECONDS),
        ("abc", "de", STANDS_SECONDS),
        ("ab", "cdef", STANDS_SECONDS),
        ("a", "ab", MIXED_STANDS_SECONDS),
        ("a", "b", 0.0),
        ("ab", "abcd", MIXED_STANDS_SECONDS),
        ("abc", "ad", MIXED_STANDS_SECONDS),
        ("abc", "a", MIXED_STANDS_SECONDS),
    ],
)
def test_how_long_workers_have_to_stand(told: str, present: str, seconds: float) -> None:
    """By who came and who stayed: what a single step of ours or a finished reload leaves stands shortly."""
    assert stands_seconds(keys(told), keys(present)) == seconds


def test_one_more_that_we_asked_for_is_told_soon() -> None:
    """Also beside a single one, where it would else be taken for the next generation."""
    assert stands_seconds(keys("a"), keys("ab"), asked=True) == STANDS_SECONDS
    assert stands_seconds(keys("ab"), keys("abcd"), asked=True) == MIXED_STANDS_SECONDS
    counting, master = Counting(), _nobody()
    assert counting._tells("orders", master, keys("a"), 0.0)
    counting.ask_for_one_more("orders")
    assert not counting._tells("orders", master, keys("ab"), 1.0)
    assert counting._tells("orders", master, keys("ab"), 1.0 + STANDS_SECONDS)
    assert not counting._tells("orders", master, keys("abc"), 2.0)
    assert not counting.last["orders"].asked


@given(st.integers(1, 8), st.integers(1, 8), st.floats(0.02, 0.4), st.floats(0.05, 2.0))
def test_no_look_in_a_reload_tells_a_number_that_nobody_wanted(
    old: int, new: int, fork_seconds: float, ending_seconds: float
) -> None:
    """Looked at every 20 ms while the new are forked and the old go one by one: the old number is told, then the new.

    A reload that also goes down to one worker begins like a step of one up, and is not told from it.
    """
    assume(new > 1 or old == 1)
    told = _told_in_a_reload(old, new, fork_seconds, ending_seconds)
    changes = [number for number, following in pairwise([*told, None]) if number != following]
    assert changes in ([old, new], [old] if old == new else [old, new])


def _told_in_a_reload(old: int, new: int, fork_seconds: float, ending_seconds: float) -> list[int]:
    """Play a reload on the clock of the counting; return what was told at each look."""
    counting, master = Counting(), _nobody()
    olds, news = [(n, 1) for n in range(old)], [(100 + n, 1) for n in range(new)]
    forked = [0.05 + fork_seconds * n / new for n in range(new)]
    gone = [max(forked) + ending_seconds * (n + 1) / old for n in range(old)]
    told, now = [], 0.0
    while now < max(gone) + 2 * MIXED_STANDS_SECONDS:
        present = {key for key, at in zip(olds, gone, strict=True) if now < at}
        young = {key for key, at in zip(news, forked, strict=True) if at <= now < at + 0.1}
        present |= {key for key, at in zip(news, forked, strict=True) if at <= now}
        if not young and counting._tells("orders", master, frozenset(present), now):
            told.append(len(present))
        now += 0.02
    return told


def _nobody() -> Master:
    return Master(identify(os.getpid()), Invocation(()), {}, None)


def test_another_master_is_counted_anew() -> None:
    """What was told of the master before says nothing of this one."""
    counting, master = Counting(), _nobody()
    counting.last["orders"] = Count(master.identity, keys("ab"), keys("ab"), 0.0)
    assert not counting._tells("orders", master, keys("abcd"), 1.0)
    other = Master(type(master.identity)(1, 1, 0, None, ()), master.invocation, {}, None)
    assert counting._tells("orders", other, keys("abcd"), 1.0)


@pytest.mark.live
def test_workers_that_crash_all_the_time_are_never_counted_wrong_and_hold_nobody_up(tmp_path: Path) -> None:
    """Each look ends soon, without keeping a processor busy, and tells what is wanted or that it cannot be told."""
    with start_gunicorn(tmp_path, CRASHING, workers=2, name="crash-loop", extra=("--no-control-socket",)) as service:
        master, counting = master_at(service.master_pid), Counting()
        counting.last["crash-loop"] = Count(master.identity, keys("ab"), keys("ab"), 0.0)  # as it was before
        begun = time.thread_time()
        told = [_told(counting, master) for _ in range(12)]
        assert time.thread_time() - begun < 12 * COUNTING_SECONDS
        assert set(told) <= {2, None}


def _told(counting: Counting, master: Master) -> int | None:
    try:
        return len(counting.workers("crash-loop", master))
    except Unobservable:
        return None
