"""What the StatsD listener promises: it counts what it understands and survives the rest."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from gunicorn_service import start_gunicorn, wait_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import ConfigError, Metric
from plugin_optimizer.monitor.request_samples import samples_of_statsd
from plugin_optimizer.monitor.statsd import StatsdListener


@pytest.fixture
def listener() -> Iterator[StatsdListener]:
    found = StatsdListener("127.0.0.1", 0)
    yield found
    found.close()


def test_gunicorns_own_lines_are_understood(listener: StatsdListener) -> None:
    """Durations in seconds, statuses and requests counted, per prefix, once."""
    for _ in range(3):
        listener.take(b"orders.gunicorn.request.duration:12.5|ms")
        listener.take(b"orders.gunicorn.requests:1|c|@1.0")
    listener.take(b"orders.gunicorn.request.status.200:1|c|@1.0\norders.gunicorn.request.status.200:1|c|@1.0")
    listener.take(b"orders.gunicorn.request.status.500:1|c|@1.0|#env:live,team:a")
    listener.take(b"gunicorn.workers:2|g\nother.thing:3|c\n")
    batch = listener.drain("orders")
    assert batch.durations_seconds.tolist() == pytest.approx([0.0125] * 3)
    assert (batch.statuses, batch.requests, batch.dropped) == ({200: 2, 500: 1}, 3, 0)
    assert listener.prefixes() == {"orders", ""}
    assert listener.drain("orders").requests == 0
    assert listener.malformed == 0


def test_a_sampled_counter_counts_for_those_left_out(listener: StatsdListener) -> None:
    """At a rate of 0.1 each line stands for ten requests."""
    listener.take(b"a.gunicorn.requests:1|c|@0.1")
    assert listener.drain("a").requests == 10


def test_a_prefix_may_have_dots(listener: StatsdListener) -> None:
    """Everything before the last `gunicorn.` is the prefix."""
    listener.take(b"shop.gunicorn.eu.gunicorn.requests:1|c")
    assert listener.prefixes() == {"shop.gunicorn.eu"}


@pytest.mark.parametrize(
    "line",
    [b"x", b":1|c", b"a.gunicorn.requests:|c", b"a.gunicorn.requests:nan|c", b"a.gunicorn.request.duration:inf|ms",
     b"a.gunicorn.requests:1|c|@0", b"a.gunicorn.requests:1|c|@x", b"a.gunicorn.requests:1", b"\xff\xfe:1|c"],
)  # fmt: skip
def test_what_is_no_metric_is_counted_and_nothing_else(listener: StatsdListener, line: bytes) -> None:
    """Malformed lines and numbers that are none never raise and never enter the figures."""
    listener.take(line)
    assert listener.malformed == 1
    assert listener.drain("a").requests == 0
    assert len(listener.drain("a").durations_seconds) == 0


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_datagram_raises(listener: StatsdListener, datagram: bytes) -> None:
    """Anybody may send anything to a UDP port."""
    listener.take(datagram)


def test_a_flood_is_bounded(listener: StatsdListener) -> None:
    """A thousand prefixes and fifty thousand durations of each at most; the rest is counted as lost."""
    for number in range(1_010):
        listener.take(b"p%d.gunicorn.requests:1|c" % number)
    assert (len(listener.prefixes()), listener.refused) == (1_000, 10)
    for _ in range(51):
        listener.take(b"\n".join([b"p1.gunicorn.request.duration:1|ms"] * 1_000))
    batch = listener.drain("p1")
    assert (len(batch.durations_seconds), batch.dropped) == (50_000, 1_000)


def test_negative_durations_and_impossible_statuses_stay_out(listener: StatsdListener) -> None:
    """A time below zero is dropped, a status of 999 is none."""
    listener.take(b"a.gunicorn.request.duration:-5|ms\na.gunicorn.request.status.999:1|c")
    batch = listener.drain("a")
    assert (len(batch.durations_seconds), batch.dropped, batch.statuses) == (0, 1, {})


def test_a_prefix_never_heard_is_empty(listener: StatsdListener) -> None:
    """Asking does not create it."""
    assert listener.drain("nobody").requests == 0
    assert listener.prefixes() == frozenset()


def test_a_taken_port_is_said_in_words() -> None:
    """The error names the setting."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ConfigError, match=r"statsd\.port"):
            StatsdListener("127.0.0.1", taken.getsockname()[1])


@pytest.mark.live
def test_a_real_gunicorn_is_heard(tmp_path: Path, listener: StatsdListener) -> None:
    """What gunicorn sends by itself is what we count."""
    extra = ("--statsd-host", f"127.0.0.1:{listener.port}", "--statsd-prefix", "orders")
    with start_gunicorn(tmp_path, workers=1, extra=extra) as service:
        for _ in range(5):
            assert service.get("/").status == 200
        requests, durations, statuses = 0, 0, 0

        def heard() -> bool:
            nonlocal requests, durations, statuses
            batch = listener.drain("orders")
            requests += batch.requests
            durations += len(batch.durations_seconds)
            statuses += batch.statuses.get(200, 0)
            return requests >= 5 and statuses >= 5

        wait_for(heard, 60, "five requests")
    assert (requests, durations, statuses, listener.malformed) == (5, 5, 5, 0)


@pytest.fixture
def named() -> Iterator[StatsdListener]:
    found = StatsdListener("127.0.0.1", 0, frozenset({"shop.orders"}))
    yield found
    found.close()


def test_a_named_plugin_may_send_lines_of_its_own(named: StatsdListener) -> None:
    """Counts, timings and gauges under our names; any StatsD client, no gunicorn."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(
            b"shop.orders.requests:40|c\nshop.orders.errors:2|c\nshop.orders.request.duration:120|ms\n"
            b"shop.orders.memory_bytes:1.5e8|g|#host:a\nshop.orders.cpu_cores:0.4|g\nshop.orders.cpu_cores:0.5|g",
            ("127.0.0.1", named.port),
        )
        wait_for(lambda: "shop.orders" in named.prefixes())
    batch = named.drain("shop.orders")
    assert (batch.requests, batch.errors) == (40, 2)
    assert batch.durations_seconds.tolist() == pytest.approx([0.12])
    assert batch.gauges == {Metric.MEMORY_BYTES: 1.5e8, Metric.CPU_CORES: 0.5}
    values = {s.metric: s.value for s in samples_of_statsd("orders", batch, 0.0, 10.0, None)}
    assert values[Metric.ERROR_RATIO] == pytest.approx(0.05)
    assert values[Metric.MEMORY_BYTES] == 1.5e8
    later = named.drain("shop.orders")
    assert (later.errors, later.gauges) == (0, {})


def test_timings_alone_count_the_requests(named: StatsdListener) -> None:
    """A client that sends only timers, sampled or not, still tells how many there were; errors stay unknown."""
    named.take(b"shop.orders.request.duration:100|ms|@0.5\nshop.orders.request.duration:300|ms")
    batch = named.drain("shop.orders")
    assert (batch.requests, batch.errors) == (3, None)


@pytest.mark.parametrize(
    "line",
    [b"menu.requests:1|c", b"orders.requests:1|c", b"x.shop.orders.requests:1|c", b"shop.orders.up:1|g",
     b"shop.orders.memory_bytes:-5|g", b"shop.orders.memory_bytes:1e300|g", b"shop.orders.requests:-5|c",
     b"shop.orders.requests:5|g", b"shop.orders.restarts:5|g"],
)  # fmt: skip
def test_nobody_else_may_speak_by_that_way(named: StatsdListener, line: bytes) -> None:
    """Only the prefixes of the configuration, only figures that can be true, and never whether it is up."""
    named.take(line)
    batch = named.drain("shop.orders")
    assert batch.is_empty
    assert named.prefixes() <= {"shop.orders"}
