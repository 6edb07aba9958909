"""Who is at the other end of a Unix socket: the kernel says so, not the other end."""

import pwd
import socket
import struct

from ..domain import ConfigError

_CREDENTIALS = struct.Struct("3i")


def peer_user_id(connection: socket.socket) -> int:
    """Return the user id the other side had when it connected or began to listen: SO_PEERCRED, unix(7)."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    user_id: int = _CREDENTIALS.unpack(found)[1]
    return user_id


def user_id_of(name: str, own: int, setting: str) -> int:
    """Return the id of a user by name or number, `own` for the empty name. Raises ConfigError naming the setting."""
    if not name:
        return own
    if name.isdecimal():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError as error:
        raise ConfigError(f"{setting}: there is no user {name!r} on this host") from error
