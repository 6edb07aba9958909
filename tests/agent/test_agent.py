"""The agent obeys its own engine, in order and in time, and nobody else."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plugin_optimizer.agent.client import AgentAbsent, AgentClient, _raised
from plugin_optimizer.agent.messages import AskKnobs, Failed, Kinds, Request, read
from plugin_optimizer.agent.seal import make_key, read_key
from plugin_optimizer.agent.service import Service
from plugin_optimizer.agent.stop_flag import STOP_FILE
from plugin_optimizer.domain import (
    ConfigError,
    Gone,
    InvalidValue,
    Knob,
    Metric,
    NotFound,
    Plugin,
    Refused,
    Stale,
    UnderWay,
    Unobservable,
)
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.execute.orders import Fence, Order
from plugin_optimizer.knowledge.emergency_stop import EmergencyStop
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from .forgeries import forged
from .running import ORDERS, Running, agent, connected, directory_for_sockets

FORGERIES = 200


@pytest.fixture
def directory() -> Iterator[Path]:
    with directory_for_sockets() as made:
        yield made


@pytest.fixture
def running(directory: Path) -> Iterator[Running]:
    with agent(directory) as started:
        yield started


def order(fence: int, to: int = 3, plugin: Plugin = ORDERS, knob: str = "workers") -> Order:
    return Order(plugin, knob, to, Fence(fence))


def test_what_the_agent_senses_is_what_its_touchpoint_senses(running: Running) -> None:
    """Plugins, samples, pool, knobs and life come over as they are."""
    there = SimulatedTouchpoint({"orders": running.simulated})
    assert list(running.touchpoint.discover()) == [ORDERS]
    assert list(running.touchpoint.sense(ORDERS, 7.0)) == list(there.sense(ORDERS, 7.0))
    assert list(running.touchpoint.knobs(ORDERS)) == list(there.knobs(ORDERS))
    assert running.touchpoint.incarnation(ORDERS) == "0"
    pool = running.touchpoint.pool(ORDERS)
    assert pool is not None
    assert (pool.kind, pool.workers) == ("sync", 2)
    assert pool.worker_memory_bytes != pool.worker_memory_bytes  # not known: NaN stays NaN


def test_an_order_turns_and_keeps(running: Running) -> None:
    """One step towards the value, and the value made to last."""
    running.actuator.turn(running.touchpoint, order(1, to=4))
    assert running.simulated.effects == [("workers", 4)]
    assert running.actuator.persist(running.touchpoint, order(2, to=4))
    assert running.simulated.kept == {"workers": 4}


def test_what_went_wrong_over_there_is_raised_here(running: Running) -> None:
    """Each kind of error keeps its kind, and its code."""
    running.simulated.refusing = True
    for expected, wrong in (
        (Refused, order(1)),
        (NotFound, order(2, knob="nothing")),
        (NotFound, order(3, plugin=Plugin("orders", "celery"))),
        (Gone, order(4, plugin=Plugin("mail", "simulated"))),
    ):
        with pytest.raises(expected):
            running.actuator.turn(running.touchpoint, wrong)
    running.simulated.refusing = False
    with pytest.raises(InvalidValue):
        running.actuator.turn(running.touchpoint, order(5, to=99))
    with pytest.raises(Stale) as moved:
        running.actuator.turn(running.touchpoint, replace(order(6), seen=7))
    assert moved.value.code == "value_moved"


def test_what_is_under_way_over_there_is_under_way_here() -> None:
    """An agent of an earlier version tells no code, a server of an earlier version reads none: to them it is unobservable."""

    class Slow(SimulatedTouchpoint):
        def knobs(self, plugin: Plugin) -> Iterable[Knob]:
            raise UnderWay(f"{plugin.plugin_id} is still stopping")

    told = Service({"simulated": Slow({})}, LocalActuator()).answer(AskKnobs(ORDERS))
    assert told == Failed("unobservable", "orders is still stopping", "under_way")
    assert isinstance(told, Failed)
    assert isinstance(_raised(told), UnderWay)
    assert type(_raised(Failed(told.error, told.message))) is Unobservable


def test_a_touchpoint_without_a_fence_turns_nothing(running: Running) -> None:
    """In the web process there is no way to a knob but an order."""
    for act in (running.touchpoint.turn, running.touchpoint.persist):
        with pytest.raises(Refused, match="fence"):
            act(ORDERS, "workers", 3)
    assert running.simulated.effects == []


def test_two_hundred_forgeries_are_not_accepted(running: Running) -> None:
    """Forged, changed, replayed, out of order, expired, malformed: none is answered, none has an effect."""
    accepted = [name for name, taken in forged(running, FORGERIES, seed=4711) if taken]
    assert accepted == []
    assert running.simulated.effects == []
    running.actuator.turn(running.touchpoint, order(1_000_000))
    assert running.simulated.effects == [("workers", 3)]


def test_a_lower_fence_is_refused_also_by_the_next_agent(directory: Path) -> None:
    """What was obeyed last outlives the agent."""
    with agent(directory) as first:
        first.actuator.turn(first.touchpoint, order(7))
    with agent(directory) as second:
        for late in (6, 7):
            with pytest.raises(Stale) as refused:
                second.actuator.turn(second.touchpoint, order(late, to=9))
            assert refused.value.code == "stale_fence"
        assert second.simulated.effects == []
        second.actuator.turn(second.touchpoint, order(8))
        assert second.simulated.effects == [("workers", 3)]


def test_the_agent_looks_at_the_emergency_stop_itself(running: Running) -> None:
    """Whatever the engine says: forward is refused while the flag is there, back is not."""
    flag = EmergencyStop.of(running.directory)
    assert flag.path.name == STOP_FILE
    flag.set("kim", "test", 0.0)
    with pytest.raises(Stale) as stopped:
        running.actuator.turn(running.touchpoint, order(1))
    assert stopped.value.code == "emergency_stop"
    running.actuator.turn(running.touchpoint, replace(order(2), back=True))
    flag.arm()
    running.actuator.turn(running.touchpoint, order(3))
    assert len(running.simulated.effects) == 2


def test_another_user_is_not_answered(directory: Path) -> None:
    """The kernel says who connects; without the right user there is not even a greeting."""
    with agent(directory, user_ids=frozenset({os.geteuid() + 1})) as closed:
        assert "does not talk" in str(closed.client.trouble())
        assert closed.server.accepted == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_a_process_of_another_user_is_refused_where_the_file_would_let_it_in(running: Running) -> None:
    """Also with the socket open to everybody."""
    running.directory.chmod(0o755)
    running.socket_path.parent.chmod(0o755)
    running.socket_path.chmod(0o666)
    asks = (
        "import os, socket, sys; os.setuid(65534); s = socket.socket(socket.AF_UNIX); s.settimeout(30); "
        "s.connect(sys.argv[1]); print(len(s.recv(1)))"
    )
    command = [sys.executable, "-c", asks, str(running.socket_path)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/")
    assert answer.stdout == "0\n", answer.stderr


def test_a_listener_of_another_user_is_told_nothing(running: Running) -> None:
    """Whoever sits at the socket in the agent's place gets no order."""
    client = AgentClient(running.socket_path, running.directory / "agent.key", frozenset({os.geteuid() + 1}))
    with pytest.raises(AgentAbsent, match="not the agent's"):
        client.ask(Kinds(), list[str])
    assert running.server.accepted == 0


def test_without_an_agent_nothing_can_be_observed(directory: Path) -> None:
    """Absence is a clear error, of the kind from which nothing is concluded."""
    make_key(directory / "agent.key")
    client = AgentClient(directory / "agent" / "agent.sock", directory / "agent.key", frozenset({os.geteuid()}))
    with pytest.raises(Unobservable, match="plugin-optimizer agent"):
        client.ask(Kinds(), list[str])
    assert "plugin-optimizer agent" in str(client.trouble())


def test_the_files_are_nobody_elses(running: Running) -> None:
    """Socket and key 0600, their directory 0700; a key that others may read is not used."""
    modes = [path.stat().st_mode & 0o777 for path in (running.socket_path, running.directory / "agent.key")]
    assert modes == [0o600, 0o600]
    assert running.socket_path.parent.stat().st_mode & 0o777 == 0o700
    (running.directory / "agent.key").chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_key(running.directory / "agent.key")
    link = running.directory / "link.key"
    link.symlink_to(running.directory / "agent.key")
    with pytest.raises(ConfigError):
        read_key(link)


def test_a_second_agent_does_not_take_the_place_of_a_living_one(running: Running) -> None:
    """Its socket is not removed under its feet."""
    with pytest.raises(ConfigError, match="another agent answers"), agent(running.directory):
        pass
    assert running.client.trouble() is None


def test_a_greeting_differs_on_every_connection(running: Running) -> None:
    """So that no message is good for two of them."""
    challenges = set()
    for _ in range(5):
        with connected(running) as (_, challenge):
            challenges.add(challenge)
    assert len(challenges) == 5


def test_a_message_with_more_than_its_form_is_refused() -> None:
    """Unknown fields at any depth, names given twice, spaces: only what we would have written is read."""
    for payload in (b"{}", b"[]", b'{"challenge": "a"}', b"\xff"):
        with pytest.raises(Refused):
            read(payload, Request)


def test_the_agent_needs_neither_web_nor_database() -> None:
    """Nothing of them is loaded by the command, so nothing of them can be attacked in the process that signals."""
    barred = ("flask", "werkzeug", "sqlalchemy", "sqlite3", "jinja2", "requests")
    code = (
        f"import sys\nfor name in {barred!r}:\n    sys.modules[name] = None\n"
        "import plugin_optimizer.cli.agent\n"
        "print([n for n in sys.modules if n.startswith(('plugin_optimizer.web', 'plugin_optimizer.knowledge'))])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert answer.stdout == "[]\n", answer.stderr


def test_metrics_keep_their_kind(running: Running) -> None:
    """A sample's metric is the metric, not its name."""
    assert [sample.metric for sample in running.touchpoint.sense(ORDERS, 1.0)] == [Metric.UP]
    assert isinstance(running.simulated, SimulatedPlugin)
