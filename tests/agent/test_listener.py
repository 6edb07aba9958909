"""The agent's socket: its own, or one that was made for it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.agent.listener import listener
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import ConfigError

from .running import directory_for_sockets

PASSED = """
import os, sys
from pathlib import Path
from plugin_optimizer.agent.listener import listener
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
print(listener(Path("/nowhere/at/all"), 0).getsockname())
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    with directory_for_sockets() as made:
        yield made


def test_a_socket_that_was_passed_on_is_taken(directory: Path) -> None:
    """As systemd does it: file descriptor 3, and the environment says for whom."""
    path = directory / "passed.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
        made.bind(str(path))
        made.listen()
        number = made.fileno()
        command = [sys.executable, "-c", PASSED, str(number)]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, pass_fds=(number,))
    assert answer.stdout.strip() == str(path), answer.stderr


def test_a_directory_that_others_may_enter_is_refused(directory: Path) -> None:
    """The socket's own mode is only the second door."""
    for mode in (0o755, 0o710, 0o777):
        (directory / "agent").mkdir(exist_ok=True)
        (directory / "agent").chmod(mode)
        with pytest.raises(ConfigError, match="0700"):
            listener(directory / "agent" / "agent.sock", os.geteuid())
    (directory / "link").symlink_to(directory / "agent")
    with pytest.raises(ConfigError):
        listener(directory / "link" / "agent.sock", os.geteuid())


def test_what_an_ended_agent_left_is_replaced_and_nothing_else(directory: Path) -> None:
    """A dead socket goes; a file in its place stays, and is named."""
    path = directory / "agent" / "agent.sock"
    listener(path, os.geteuid()).close()
    listener(path, os.geteuid()).close()
    path.unlink()
    path.write_text("mine")
    with pytest.raises(ConfigError, match="something else"):
        listener(path, os.geteuid())
    assert path.read_text() == "mine"


def test_a_path_too_long_for_a_socket_is_named(directory: Path) -> None:
    """The kernel would only say that it is invalid."""
    with pytest.raises(ConfigError, match="107"):
        listener(directory / ("a" * 100) / "agent.sock", os.geteuid())


def test_the_key_may_lie_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that systemd passes have another directory in every unit."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/one.service")
    config = parse_config({"agent": {"key_file": "$CREDENTIALS_DIRECTORY/agent.key"}})
    assert config.agent_key == Path("/run/credentials/one.service/agent.key")
