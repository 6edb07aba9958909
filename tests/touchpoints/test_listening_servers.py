"""Where the servers of this host listen, looked up or told by their command lines."""

import os
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from plugin_optimizer.touchpoints.listening_servers import ListeningServers, in_other_network, told_places


@pytest.mark.parametrize(
    ("command", "places", "paths"),
    [
        (("redis-server 127.0.0.1:6379",), (("127.0.0.1", 6379),), ()),
        (("redis-server *:6379 [cluster]",), (("127.0.0.1", 6379),), ()),
        (("redis-server 10.0.0.5:6380",), (("10.0.0.5", 6380),), ()),
        (("redis-server unixsocket:/run/r.sock",), (), ("/run/r.sock",)),
        (
            ("/usr/bin/memcached", "-m", "64", "-p", "11212", "-u", "memcache", "-l", "10.0.0.5"),
            (("10.0.0.5", 11212),),
            (),
        ),
        (("memcached", "-s", "/run/m.sock"), (), ("/run/m.sock",)),
        (("memcached",), (("127.0.0.1", 11211),), ()),
        (("redis-server",), (), ()),
        ((), (), ()),
    ],
)
def test_a_command_line_tells_where_another_users_server_listens(
    command: Sequence[str], places: tuple[tuple[str, int], ...], paths: tuple[str, ...]
) -> None:
    """Titles of Redis, options of memcached; without any it has its usual port."""
    assert told_places(command) == (places, paths)


def test_a_process_is_found_by_its_name_at_all_its_places(tmp_path: Path) -> None:
    """Its ports, reached over loopback, and its sockets; another name is not found."""
    comm, path = Path("/proc/self/comm"), str(tmp_path / "s.sock")
    usual = comm.read_text()
    with socket.create_server(("127.0.0.1", 0)) as here, socket.socket(socket.AF_UNIX) as beside:
        beside.bind(path)
        beside.listen()
        comm.write_text("odd-server")  # what the kernel calls it
        try:
            (found,) = (each for each in ListeningServers({"odd-server"}).find() if each.pid == os.getpid())
        finally:
            comm.write_text(usual.strip())
        assert ("127.0.0.1", here.getsockname()[1]) in found.places
        assert path in found.paths
        assert not found.elsewhere
    assert ListeningServers({"no-such-name"}).find() == []
    assert not in_other_network(os.getpid())
