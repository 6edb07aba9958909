"""Finds free ports on loopback, and says when one is taken."""

import random
import socket
from contextlib import ExitStack, suppress

BELOW_CONNECTIONS = range(16_384, 32_768)  # where net.ipv4.ip_local_port_range begins by default


def free_tcp_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Return different ports that nobody listened on a moment ago."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        return [_bind(one, host) for one in sockets]


def _bind(one: socket.socket, host: str) -> int:
    """Take a port below those that the kernel gives to connections, of which one could stand there a moment later."""
    for port in random.SystemRandom().sample(BELOW_CONNECTIONS, 100):
        with suppress(OSError):
            one.bind((host, port))
            return port
    one.bind((host, 0))
    port = one.getsockname()[1]
    return int(port)


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
