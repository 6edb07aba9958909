"""An agent on another host: known by its key, one version apart or told so, nothing lost while the line was cut, nothing twice."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from plugin_optimizer.agent import network
from plugin_optimizer.agent.buffered import BufferedTouchpoint, StoppedHere
from plugin_optimizer.agent.client import AgentAbsent
from plugin_optimizer.agent.encryption import Wrap, plain
from plugin_optimizer.agent.greeting import Greet, greeting
from plugin_optimizer.agent.messages import OLDEST_PROTOCOL, PROTOCOL, Greeting
from plugin_optimizer.agent.network import NetworkClient, address_of, network_listener
from plugin_optimizer.agent.remote import RemoteActuator
from plugin_optimizer.agent.seal import GREETING, make_key
from plugin_optimizer.agent.server import AgentServer
from plugin_optimizer.agent.service import Service
from plugin_optimizer.agent.spool import KEPT_SECONDS, Spool
from plugin_optimizer.agent.stop_flag import stop_flag
from plugin_optimizer.domain import ConfigError, Knob, Metric, Plugin, Sample, Stale
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.execute.fences import FenceFiles
from plugin_optimizer.execute.orders import Fence, Order
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from .running import ORDERS


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An agent that listens on a network, what it would turn, what it keeps, and who asks it."""

    simulated: SimulatedPlugin
    spool: Spool
    client: NetworkClient


def counting(plugins: Mapping[str, Plugin], now: float) -> list[Sample]:
    """Stand for sensors: the moment of the look is the value, so that each can be told from the others."""
    return [Sample(name, Metric.MEMORY_BYTES, now, now) for name in plugins]


@contextmanager
def elsewhere(
    directory: Path,
    greet: Greet = greeting,
    key: Path | None = None,
    encrypt: tuple[Wrap, Wrap] = (plain, plain),
) -> Iterator[Elsewhere]:
    """Run an agent on a network; `encrypt` is its side and the server's."""
    simulated = SimulatedPlugin(ORDERS, {"workers": Knob("workers", 2, 1, 16, kind="workers")})
    actuator = LocalActuator(FenceFiles(directory / "fences"), stop_flag(directory))
    spool = Spool(counting, 1.0)
    service = Service({"simulated": SimulatedTouchpoint({"orders": simulated})}, actuator, spool=spool)
    listener = network_listener("127.0.0.1", 0)
    server = AgentServer(listener, make_key(directory / "agent.key"), None, service.answer, greet, encrypt[0])
    thread = threading.Thread(target=server.serve)
    thread.start()
    port = listener.getsockname()[1]
    client = NetworkClient(directory, key or directory / "agent.key", frozenset(), "127.0.0.1", port, encrypt[1])
    try:
        yield Elsewhere(simulated, spool, client)
    finally:
        server.stop()
        thread.join(30)
        listener.close()


def speaking(version: int, oldest: int) -> Greet:
    """Return the first word of an agent of another version, which may say more than we know."""

    def greet(challenge: str) -> tuple[bytes, bytes]:
        word = msgspec.json.decode(greeting(challenge)[1], type=Greeting)
        said = msgspec.to_builtins(word) | {"version": version, "oldest": oldest, "later": "something new"}
        return GREETING, msgspec.json.encode(said)

    return greet


def order(fence: int, to: int = 3) -> Order:
    return Order(ORDERS, "workers", to, Fence(fence))


def test_it_obeys_fenced_orders_only(tmp_path: Path) -> None:
    """One step for one fence; the same again, or an older one, changes nothing."""
    with elsewhere(tmp_path) as there:
        touchpoint = BufferedTouchpoint("simulated", there.client)
        actuator = RemoteActuator(there.client)
        actuator.turn(touchpoint, order(10))
        assert there.simulated.effects == [("workers", 3)]
        for late in (10, 9):
            with pytest.raises(Stale) as refused:
                actuator.turn(touchpoint, order(late, 4))
            assert refused.value.code == "stale_fence"
        assert there.simulated.effects == [("workers", 3)]


def test_the_servers_own_emergency_stop_is_looked_at_before_an_order_leaves(tmp_path: Path) -> None:
    """The agent of another host cannot see it; going back is allowed, as everywhere."""
    with elsewhere(tmp_path) as there:
        touchpoint = BufferedTouchpoint("simulated", there.client)
        stopped = StoppedHere(RemoteActuator(there.client), lambda: True)
        with pytest.raises(Stale) as refused:
            stopped.turn(touchpoint, order(10))
        assert refused.value.code == "emergency_stop"
        assert there.simulated.effects == []
        stopped.turn(touchpoint, Order(ORDERS, "workers", 3, Fence(11), back=True))
        assert there.simulated.effects == [("workers", 3)]


def test_what_was_sensed_meanwhile_comes_once_and_whole(tmp_path: Path) -> None:
    """Looks go on while nobody asks; an answer that was lost comes again; a new agent's spool begins anew."""
    with elsewhere(tmp_path) as there:
        touchpoint = BufferedTouchpoint("simulated", there.client)
        assert list(touchpoint.sense(ORDERS, 0.0)) == []  # from now on it is watched
        begin = time.time()
        for second in range(3):
            there.spool.turn(begin + second)
        assert [sample.at for sample in touchpoint.sense(ORDERS, 0.0)] == [begin, begin + 1, begin + 2]
        assert list(touchpoint.sense(ORDERS, 0.0)) == []
        there.spool.turn(begin + 3)
        there.spool.turn(begin + 4)
        again = BufferedTouchpoint("simulated", there.client, {"orders": (there.spool.name, 3)})
        assert [sample.at for sample in again.sense(ORDERS, 0.0)] == [begin + 3, begin + 4]
        assert [sample.at for sample in touchpoint.sense(ORDERS, 0.0)] == [begin + 3, begin + 4]
        of_another = BufferedTouchpoint("simulated", there.client, {"orders": ("another", 99)})
        assert len(of_another.sense(ORDERS, 0.0)) == 5


def test_what_nobody_fetches_for_an_hour_is_given_up_and_counted() -> None:
    """The gate would not believe it any more."""
    spool = Spool(counting, 1.0)
    spool.fetch(ORDERS, "", 0)
    for at in (0.0, 1.0, KEPT_SECONDS + 0.5):
        spool.turn(at)
    found = spool.fetch(ORDERS, "", 0)
    assert ([sample.at for sample in found.samples], found.number, found.lost) == ([1.0, KEPT_SECONDS + 0.5], 3, 1)


def test_another_key_is_refused_and_said(tmp_path: Path) -> None:
    """Nothing is asked of an agent that another key speaks for."""
    make_key(tmp_path / "other.key")
    with elsewhere(tmp_path, key=tmp_path / "other.key") as there, pytest.raises(AgentAbsent, match="sealed with this"):
        BufferedTouchpoint("simulated", there.client).discover()


@pytest.mark.parametrize("version", [PROTOCOL, PROTOCOL + 1])
def test_one_version_apart_works(version: int, tmp_path: Path) -> None:
    """An agent that also speaks ours, whatever else it says."""
    with elsewhere(tmp_path, speaking(version, OLDEST_PROTOCOL)) as there:
        assert list(BufferedTouchpoint("simulated", there.client).discover()) == [ORDERS]


@pytest.mark.parametrize(
    ("version", "oldest", "said"),
    [
        (PROTOCOL + 2, PROTOCOL + 1, "upgrade the server"),
        (OLDEST_PROTOCOL - 1, OLDEST_PROTOCOL - 1, "upgrade the agent"),
    ],
)
def test_too_far_apart_is_said_with_what_to_upgrade(version: int, oldest: int, said: str, tmp_path: Path) -> None:
    """Neither is asked anything."""
    with elsewhere(tmp_path, speaking(version, oldest)) as there, pytest.raises(AgentAbsent, match=said):
        BufferedTouchpoint("simulated", there.client).discover()


def test_who_does_not_answer_is_left_in_peace_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn that asks twenty things does not wait twenty times; afterwards it is asked again."""
    make_key(tmp_path / "agent.key")
    monkeypatch.setattr(network, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(network, "REST_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        client = NetworkClient(tmp_path, tmp_path / "agent.key", frozenset(), "127.0.0.1", port)
        began = time.monotonic()
        assert all("no agent can be asked" in (client.trouble() or "") for _ in range(20))
        assert time.monotonic() - began < 2.0
    assert "timed out" in (client.trouble() or "") or "refused" in (client.trouble() or "")


@pytest.mark.parametrize("text", ["", "host", "host:", ":7443", "host:0", "host:70000", "host:http"])
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    """The setting is named."""
    with pytest.raises(ConfigError, match=r"agent\.address"):
        address_of(text)
    assert address_of("[::1]:7443") == ("::1", 7443)
