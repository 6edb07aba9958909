"""The load generator: open loop, bounded, and undisturbed by whoever does not answer."""

import asyncio
import json
import resource
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import pytest
from gunicorn_service import free_port

from plugin_optimizer.demo.load import Generator, Plan, Stream, write_report
from plugin_optimizer.demo.tally import Tally


@asynccontextmanager
async def slow_server(seconds: float, status: int = 200) -> AsyncIterator[tuple[int, list[float]]]:
    """Serve answers after `seconds`; yield the port and the times at which requests came."""
    came: list[float] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        came.append(time.monotonic())
        await asyncio.sleep(seconds)
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\nok".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], came


def ignore(_: Mapping[str, Tally]) -> None:
    """Nobody reads the reports of these runs."""


async def send(port: int, **plan: float) -> Tally:
    limit = int(plan.pop("in_flight_limit", 400))
    stream = Stream("menu", "127.0.0.1", port, plan.pop("rate", 100.0), limit)
    generator = Generator(Plan((stream,), **plan))  # type: ignore[arg-type]
    await generator.run(ignore)
    return generator.tallies["menu"]


async def sent_to_slow_server(seconds: float, **plan: float) -> tuple[Tally, list[float]]:
    async with slow_server(seconds) as (port, came):
        return await send(port, **plan), came


def test_a_slow_server_gets_as_many_requests_as_a_fast_one() -> None:
    """Arrivals do not wait for answers: the same seed sends the same number to either."""
    fast, _ = asyncio.run(sent_to_slow_server(0.0, duration_seconds=1.0, seed=3))
    slow, came = asyncio.run(sent_to_slow_server(0.7, duration_seconds=1.0, seed=3))
    assert fast.requests == slow.requests > 60
    assert came[-1] - came[0] < 1.2


def test_the_gaps_between_arrivals_are_those_of_a_poisson_stream() -> None:
    """Mean and standard deviation of an exponential distribution are the same (of when requests were due)."""
    tally, _ = asyncio.run(sent_to_slow_server(0.0, duration_seconds=3.0, rate=200.0))
    due = sorted(at - seconds for at, seconds, _ in tally.recent)
    gaps = [after - before for before, after in pairwise(due)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert mean == pytest.approx(1 / 200, rel=0.2)
    assert deviation == pytest.approx(mean, rel=0.35)


def test_a_request_is_timed_from_when_it_was_due() -> None:
    """What a late generator hides is counted: the event loop stands still for 0.3 s, and the latency shows it."""

    async def stalled() -> Tally:
        async with slow_server(0.0) as (port, _):
            asyncio.get_running_loop().call_later(0.2, time.sleep, 0.3)
            return await send(port, duration_seconds=0.7, rate=50.0)

    tally = asyncio.run(stalled())
    assert max(seconds for _, seconds, _ in tally.recent) > 0.2


def test_no_more_than_the_limit_is_in_flight() -> None:
    """What is due beyond it is dropped and counted, not queued."""
    tally, came = asyncio.run(sent_to_slow_server(1.0, duration_seconds=0.5, rate=100.0, in_flight_limit=5))
    assert len(came) == tally.requests == 5
    assert tally.dropped > 20


def test_the_load_ends_after_its_number_of_requests() -> None:
    """`request_limit` bounds each stream."""
    tally, _ = asyncio.run(sent_to_slow_server(0.0, request_limit=7, rate=500.0))
    assert tally.requests == 7


def test_a_service_that_is_down_costs_errors_and_nothing_else() -> None:
    """Refused connections are counted; the run goes on to its end."""
    tally = asyncio.run(send(free_port(), duration_seconds=0.5))
    assert tally.requests == tally.errors == tally.unanswered > 20


def test_a_peer_that_does_not_speak_http_is_an_error() -> None:
    """A broken answer does not end the load."""

    async def against_nonsense() -> Tally:
        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 nonsense\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            return await send(server.sockets[0].getsockname()[1], request_limit=5)

    tally = asyncio.run(against_nonsense())
    assert tally.errors == tally.requests == 5


def test_the_load_costs_little() -> None:
    """At 150 requests per second, this server included, it takes well below half a core."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    asyncio.run(sent_to_slow_server(0.02, duration_seconds=2.0, rate=150.0))
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.0


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    """What the supervisor writes is what the generator reads."""
    plan = Plan((Stream("menu", "127.0.0.1", 80, 3.0),), 60.0, 10, 5)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(asdict(plan)))
    assert Plan.read(path) == plan


def test_a_report_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """A reader never sees half a report."""
    tally = Tally()
    tally.add(time.monotonic(), 0.1, 200)
    write_report(tmp_path / "load.json", {"menu": tally})
    assert json.loads((tmp_path / "load.json").read_text())["services"]["menu"]["p50_seconds"] == 0.1
    assert [path.name for path in tmp_path.iterdir()] == ["load.json"]
