"""Over TLS nobody on the way reads, and only the one certificate is trusted: real certificates, a real line with a listener on it."""

import contextlib
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from plugin_optimizer.agent.buffered import BufferedTouchpoint
from plugin_optimizer.agent.client import AgentAbsent
from plugin_optimizer.agent.encryption import Wrap, agents_side, plain, servers_side
from plugin_optimizer.agent.remote import RemoteActuator
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import ConfigError

from .running import ORDERS
from .test_network import elsewhere, order

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a certificate and its key as docs/AGENT.md says."""
    shown, key = folder / f"{name}.crt", folder / f"{name}.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=agent"
    subprocess.run(["openssl", *words.split(), "-keyout", key, "-out", shown], check=True, capture_output=True)
    return shown, key


def sides(folder: Path) -> tuple[Wrap, Wrap]:
    shown, key = certificate(folder, "agent")
    return agents_side(shown, key), servers_side(shown)


@contextmanager
def overheard(port: int) -> Iterator[tuple[int, bytearray]]:
    """Yield a port that leads to `port`, and all that passes by."""
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def pass_on(source: socket.socket, target: socket.socket) -> None:
            with contextlib.suppress(OSError):  # whoever has heard enough goes
                while part := source.recv(65_536):
                    heard.extend(part)
                    target.sendall(part)
                target.shutdown(socket.SHUT_WR)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, socket.create_connection(("127.0.0.1", port)) as onward:
                back = threading.Thread(target=pass_on, args=(onward, connection), daemon=True)
                back.start()
                pass_on(connection, onward)
                back.join(30)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join(30)


@pytest.mark.parametrize("encrypted", [True, False])
def test_nobody_on_the_way_reads_what_is_encrypted(encrypted: bool, tmp_path: Path) -> None:
    """The plugin's name and address pass by in the clear without a certificate, and not with one."""
    both = sides(tmp_path) if encrypted else (plain, plain)
    with elsewhere(tmp_path, encrypt=both) as there, overheard(there.client.port) as (port, heard):
        client = replace(there.client, port=port)
        assert list(BufferedTouchpoint("simulated", client).discover()) == [ORDERS]
    assert (b"orders" in heard) is not encrypted
    assert (b"127.0.0.1:1" in heard) is not encrypted


def test_orders_are_obeyed_and_fenced_as_ever(tmp_path: Path) -> None:
    """What is asked and ordered does not know of it."""
    with elsewhere(tmp_path, encrypt=sides(tmp_path)) as there:
        RemoteActuator(there.client).turn(BufferedTouchpoint("simulated", there.client), order(10))
        assert there.simulated.effects == [("workers", 3)]


def test_another_certificate_is_not_spoken_to(tmp_path: Path) -> None:
    """Somebody who listens in its place and shows one of his own learns nothing, whatever name stands in it."""
    shown, _ = certificate(tmp_path, "trusted")
    theirs, key = certificate(tmp_path, "other")
    with (
        elsewhere(tmp_path, encrypt=(agents_side(theirs, key), servers_side(shown))) as there,
        pytest.raises(AgentAbsent, match="certificate verify failed"),
    ):
        BufferedTouchpoint("simulated", there.client).discover()


@pytest.mark.parametrize("agent_encrypts", [True, False])
def test_one_side_alone_is_told_apart_from_an_agent_that_is_away(agent_encrypts: bool, tmp_path: Path) -> None:
    """Nothing passes in the clear by mistake: a server with a certificate never falls back, nor does an agent."""
    agent, server = sides(tmp_path)
    both = (agent, plain) if agent_encrypts else (plain, server)
    with elsewhere(tmp_path, encrypt=both) as there, pytest.raises(AgentAbsent):
        BufferedTouchpoint("simulated", there.client).discover()


def test_what_is_no_certificate_is_refused_with_the_setting(tmp_path: Path) -> None:
    """At the start, not at the first question."""
    nothing = tmp_path / "none.crt"
    with pytest.raises(ConfigError, match=r"agent\.certificate"):
        servers_side(nothing)
    nothing.write_text("nonsense")
    with pytest.raises(ConfigError, match=r"agent\.certificate"):
        servers_side(nothing)
    with pytest.raises(ConfigError, match=r"agent\.certificate_key"):
        agents_side(certificate(tmp_path, "agent")[0], nothing)
    with pytest.raises(ConfigError, match=r"agent\.address"):
        parse_config({"agent": {"separate": True, "certificate": str(nothing)}})
