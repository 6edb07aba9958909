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


def refusal(host: str, port: int) -> str | None:
    """Return why a server could not listen there now, in the system's words; None if it could."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(address)
    except OSError as error:
        return error.strerror or str(error)
    return None
