"""Finds free ports on loopback, and says when one is taken."""

import socket
from contextlib import ExitStack


def free_tcp_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Return different ports that nobody listened on a moment ago."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((host, 0))
        return [one.getsockname()[1] for one in sockets]


def free_udp_port(host: str = "127.0.0.1") -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.bind((host, 0))
        port: int = one.getsockname()[1]
        return port


def is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there now."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
        except OSError:
            return False
    return True
