"""Where a cache server listens, and with what secret we speak to it. Secrets are named, never written into an address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from ..domain import InvalidValue, Plugin
from .named_secret import named_secret

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """One end point. `path` is a Unix socket's, empty for TCP. The password is looked up when a connection is opened:
    `password_name` is `$VARIABLE` of the environment, `password_file` a file that holds nothing else.
    """

    host: str = "127.0.0.1"
    port: int = 0
    path: str = ""
    tls: bool = False
    ca_file: str = ""
    username: str = ""
    password_name: str = field(default="", repr=False)
    password_file: str = ""
    database: int = 0

    @classmethod
    def of(cls, plugin: Plugin, port: int) -> Self:
        """Read a plugin's address: `url`, and beside it `username`, `password`, `password_file`, `ca_file`.

        `port` is the usual one. Raises InvalidValue.
        """
        told = plugin.address
        return cls.parse(told.get("url", ""), port, told)

    @classmethod
    def parse(cls, url: str, port: int, beside: Mapping[str, str] | None = None) -> Self:
        told = beside or {}
        parts = urlsplit(url if "//" in url else f"tcp://{url}")
        try:
            number = parts.port or port
            database = int(parts.path.strip("/") or 0) if parts.scheme != "unix" else 0
        except ValueError as error:
            raise InvalidValue(
                f"{parts.scheme}://{parts.hostname or ''}… is not the address of a server: {error}"
            ) from error
        secret = unquote(parts.password or "") or told.get("password", "")
        if secret and not secret.startswith("$"):
            raise InvalidValue("a password is named, not written down: $VARIABLE of the environment, or password_file")
        return cls(
            host=parts.hostname or "127.0.0.1",
            port=number,
            path=parts.path if parts.scheme == "unix" else "",
            tls=parts.scheme == "rediss",
            ca_file=told.get("ca_file", ""),
            username=unquote(parts.username or "") or told.get("username", ""),
            password_name=secret,
            password_file=told.get("password_file", ""),
            database=database,
        )

    @property
    def place(self) -> str:
        """Return what tells this end point from every other, whatever it is called."""
        if self.path:
            return f"unix:{self.path}"
        return f"{'127.0.0.1' if self.local else self.host}:{self.port}"

    @property
    def local(self) -> bool:
        return bool(self.path) or self.host in LOOPBACK

    def password(self) -> str | None:
        """Return the secret, None where none is named. Raises Unobservable where it cannot be read."""
        return named_secret("password", self.password_name, self.password_file)
