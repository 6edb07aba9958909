"""TLS between server and agent on two hosts: so that nobody on the way reads. Who asks and who answers is known by the key, as ever.

Source: RFC 8446 (TLS 1.3); Python's `ssl` speaks it. The server trusts the certificate it was given and no other, so no name in it is
compared, and no authority is needed.
"""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

from ..domain import ConfigError

Wrap = Callable[[socket.socket], socket.socket]


def plain(connection: socket.socket) -> socket.socket:
    """Return the connection as it is: on one host, and where a tunnel encrypts."""
    return connection


def agents_side(certificate: Path, key: Path) -> Wrap:
    """Return what makes an accepted connection speak TLS; it raises OSError. Raises ConfigError for files that do not serve."""
    context = _context(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"agent.certificate {certificate} and agent.certificate_key {key} are not a certificate and its key in PEM: {error}"
        ) from error
    return lambda connection: context.wrap_socket(connection, server_side=True)


def servers_side(certificate: Path) -> Wrap:
    """Return what makes a connection that is still to be made speak TLS, with an agent of that certificate alone.

    Raises ConfigError.
    """
    context = _context(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    try:
        context.load_verify_locations(certificate)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"agent.certificate {certificate} is not the agent's certificate in PEM: {error}") from error
    return context.wrap_socket


def _context(side: int) -> ssl.SSLContext:
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
