"""Errors, kinds of requests and queue waits: what single fields of a record promise."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

import pytest

from plugin_optimizer.probe.contexts import OTHER, Contexts, Values
from plugin_optimizer.probe.fingerprint import ErrorKind, Fingerprints
from plugin_optimizer.probe.queue_wait import queue_wait_seconds
from plugin_optimizer.probe.recycling import spread
from plugin_optimizer.probe.thread_clock import begin_run_delay, end_run_delay, run_delay_seconds


def caught(action: Callable[[], object]) -> BaseException:
    with pytest.raises(Exception) as found:  # noqa: PT011 - any error will do
        action()
    return found.value


def kind_of(action: Callable[[], object]) -> ErrorKind:
    return Fingerprints().of(caught(action))


def fail(message: str) -> None:
    raise ValueError(message)


def fail_elsewhere(message: str) -> None:
    raise ValueError(message)


def recurse(depth: int) -> None:
    if depth:
        recurse(depth - 1)
    raise KeyError(depth)


def chained(cause: Exception) -> None:
    raise RuntimeError from cause


def test_the_message_does_not_change_the_fingerprint() -> None:
    """Two orders that fail alike are one error."""
    assert kind_of(lambda: fail("order 1")).fingerprint != 0
    fingerprints = {kind_of(partial(fail, f"order {n}")).fingerprint for n in range(3)}
    assert len(fingerprints) == 1


def test_another_place_or_type_is_another_error() -> None:
    """The same type from another function, and another type, are told apart."""
    assert len({kind_of(lambda: fail("x")).fingerprint, kind_of(lambda: fail_elsewhere("x")).fingerprint}) == 2


def test_recursion_collapses() -> None:
    """How deep a recursion was does not matter."""
    assert kind_of(lambda: recurse(2)) == kind_of(lambda: recurse(40))


def test_the_cause_counts() -> None:
    """The same error with another cause is another error."""
    assert kind_of(lambda: chained(ValueError())).fingerprint != kind_of(lambda: chained(KeyError())).fingerprint


def test_the_second_error_of_a_kind_comes_from_the_dictionary() -> None:
    """The very same object is returned, and the fingerprint is a positive number of 63 bits."""
    fingerprints, error = Fingerprints(), caught(lambda: fail("x"))
    first = fingerprints.of(error)
    assert fingerprints.of(error) is first
    assert 0 < first.fingerprint < 1 << 63
    assert first.exception == "ValueError"
    assert first.frames[-1].endswith("test_what_is_recorded.py:fail")


def contexts(*attributes: str) -> tuple[Contexts, list[Values]]:
    told: list[Values] = []
    return Contexts(attributes, lambda _number, values: told.append(values)), told


def test_a_context_is_the_same_number_in_every_process() -> None:
    """The number is a digest of method, route and attributes; each is told once."""
    one, told = contexts("channel")
    other, _ = contexts("channel")
    environ = {"REQUEST_METHOD": "GET", "QUERY_STRING": "channel=kakao&x=1"}
    assert one.of(environ, "/a") == one.of(environ, "/a") == other.of(environ, "/a") > 0
    assert told == [(("method", "GET"), ("route", "/a"), ("channel", "kakao"))]


def test_a_header_gives_an_attribute_too() -> None:
    """Where no query parameter has the name, a header may."""
    one, told = contexts("X-Tenant")
    one.of({"REQUEST_METHOD": "GET", "HTTP_X_TENANT": "seoul"}, "")
    assert told[0][2] == ("X-Tenant", "seoul")


def test_identities_do_not_become_contexts() -> None:
    """From the 33rd value on, all are "other"; a thousand combinations at most are numbered."""
    one, told = contexts("user")
    numbers = {one.of({"QUERY_STRING": f"user={n}"}, "/a") for n in range(2_000)}
    assert len(numbers) == 33
    assert told[-1][2] == ("user", OTHER)
    many, _ = contexts()
    assert [many.of({}, f"/{n}") for n in range(1_001)][-1] == 0


NOW = 1_800_000_000.5
TICK_SECONDS = 0.02  # the kernel counts in jiffies of up to 10 ms


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("t=1800000000.25", 0.25),
        ("1800000000.25", 0.25),
        ("t=1800000000250", 0.25),
        ("t=1800000000250000", 0.25),
        ("t=1800000000250000000", 0.25),
        ("t=1800000000.75", 0.0),  # the proxy's clock is a little ahead
    ],
)
def test_a_proxys_stamp_is_understood_in_every_unit(header: str, wait: float) -> None:
    """Seconds, milli-, micro- and nanoseconds, with and without `t=`."""
    assert queue_wait_seconds({"HTTP_X_REQUEST_START": header}, NOW) == pytest.approx(wait, abs=1e-5)


@pytest.mark.parametrize("header", ["", "t=", "soon", "nan", "inf", "-5", "t=17", "t=1800009999", "t=1700000000"])
def test_a_stamp_that_makes_no_sense_is_unknown(header: str) -> None:
    """Garbage, another clock and hours of wait are not a wait."""
    wait = queue_wait_seconds({"HTTP_X_REQUEST_START": header}, NOW)
    assert wait != wait


def test_the_age_of_the_last_data_is_the_wait() -> None:
    """A request that lay in the accept queue for 0.2 s says so; resolution is the kernel's tick."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        earliest = time.monotonic()
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        latest = time.monotonic()
        time.sleep(0.2)
        accepted, _ = server.accept()
        with accepted:
            asked = time.monotonic()
            wait = queue_wait_seconds({"gunicorn.socket": accepted}, time.time())
            answered = time.monotonic()
        assert asked - latest - TICK_SECONDS <= wait <= answered - earliest + TICK_SECONDS


def test_a_unix_socket_has_no_known_wait() -> None:
    """Unknown, not zero."""
    one, other = socket.socketpair()
    with one, other:
        wait = queue_wait_seconds({"gunicorn.socket": one}, time.time())
    assert wait != wait


def test_run_delay_only_grows() -> None:
    """The kernel's counter of one thread never goes back (or is unknown throughout)."""
    first, second = run_delay_seconds(), run_delay_seconds()
    assert second >= first or first != first


def test_a_request_that_only_computed_did_not_wait_for_a_core() -> None:
    """Where next to no time is left beside the CPU time, the wait is 0 (or unknown where nobody counts)."""
    begin_run_delay(time.time())
    waited = end_run_delay(0.0)
    assert waited == 0.0 or waited != waited


def test_a_request_never_waited_for_a_core_longer_than_it_did_not_compute() -> None:
    """However old the reading at its beginning was, the wait stays within the request."""
    for _ in range(20):
        begin_run_delay(time.time())
        waited = end_run_delay(0.000_3)
        assert 0.0 <= waited <= 0.000_3 or waited != waited


def test_a_crowded_core_is_seen() -> None:
    """Two threads of other processes on our only core: about as much waiting as the fair share says, not none."""
    cores = os.sched_getaffinity(0)
    core = {min(cores)}
    burn = f"import os\nos.sched_setaffinity(0, {core})\nwhile True: pass"
    rivals = [subprocess.Popen([sys.executable, "-c", burn]) for _ in range(2)]
    try:
        os.sched_setaffinity(0, core)
        deadline = time.monotonic() + 60
        waited = 0.0
        while waited < 0.05 and time.monotonic() < deadline:
            begin_run_delay(time.time())
            began, cpu = time.perf_counter(), time.thread_time()
            while time.thread_time() - cpu < 0.05:
                pass
            off_cpu = time.perf_counter() - began - (time.thread_time() - cpu)
            waited = end_run_delay(off_cpu)
            assert waited <= off_cpu or waited != waited
        assert waited >= 0.05 or waited != waited
    finally:
        os.sched_setaffinity(0, cores)
        for rival in rivals:
            rival.kill()
            rival.wait()


def test_workers_begun_together_do_not_leave_together() -> None:
    """The limit moves by at most a tenth, always alike for a pid, differently for neighbours."""
    limits = [spread(1_000, pid) for pid in range(100, 108)]
    assert limits == [spread(1_000, pid) for pid in range(100, 108)]
    assert all(900 <= limit <= 1_100 for limit in limits)
    assert len(set(limits)) == len(limits)
    assert spread(1, 7) == 1
