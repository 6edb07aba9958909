"""The socket the agent listens on: for one user's eyes only."""

import os
import socket
import stat
from pathlib import Path

from ..domain import ConfigError

LONGEST_PATH_BYTES = 107  # sun_path of unix(7), its final zero left out
FIRST_PASSED = 3  # sd_listen_fds(3)
BACKLOG = 16


def listener(path: Path, client_user_id: int) -> socket.socket:
    """Return the socket systemd passed on, else one of our own at `path`. Raises ConfigError."""
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        return socket.socket(fileno=FIRST_PASSED)
    if len(os.fsencode(path)) > LONGEST_PATH_BYTES:
        raise ConfigError(f"agent.socket is {path}; a Unix socket's path holds at most {LONGEST_PATH_BYTES} bytes")
    try:
        _prepare(path, client_user_id)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)  # mode 0600 from its first moment on
        try:
            made.bind(os.fspath(path))
        finally:
            os.umask(before)
        if client_user_id != os.geteuid():
            os.chown(path, client_user_id, -1)
    except OSError as error:
        raise ConfigError(
            f"the agent cannot listen at {path} for user {client_user_id}: {error.strerror}; another user's process "
            "is served by root, or at a socket that systemd made for it (docs/AGENT.md)"
        ) from error
    made.listen(BACKLOG)
    return made


def _prepare(path: Path, client_user_id: int) -> None:
    """Make the directory (0700), and take away the socket of an agent that has ended."""
    directory = path.parent
    directory.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory.mkdir(exist_ok=True, mode=0o700)
    if client_user_id != os.geteuid():
        os.chown(directory, client_user_id, -1)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), client_user_id) or found.st_mode & 0o077:
        raise ConfigError(f"{directory} has to be a directory of mode 0700 that belongs to the agent or its client")
    if path.exists():
        _take_away(path)


def _take_away(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        if stat.S_ISSOCK(path.lstat().st_mode) and probe.connect_ex(os.fspath(path)) != 0:
            path.unlink()
            return
    raise ConfigError(f"at {path} another agent answers, or there is something else; end or remove it")
