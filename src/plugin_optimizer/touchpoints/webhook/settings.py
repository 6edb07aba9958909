"""How an operator's own receiver is reached, as the configuration says it. A secret is named, never written down."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from ...domain import ConfigError, Plugin
from ..server_address import LOOPBACK

LEAST_SECONDS, MOST_SECONDS = 0.1, 7.0  # less than a step is waited for before its fate counts as unknown
Settings = TypeVar("Settings", "WebhookSettings", "CommandSettings")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """An HTTP endpoint of your own that tells of settings and turns them: docs/WEBHOOK.md."""

    url: str  # https://host/path; http:// on loopback alone
    secret: str = ""  # `$VARIABLE` of the environment that holds what signs each request; or secret_file
    secret_file: str = ""  # a file that holds it and nothing else, may name a $VARIABLE
    ca_file: str = ""  # whom to trust for the endpoint's certificate; empty = whom the system trusts
    timeout_seconds: float = 3.0  # for one whole exchange, 0.1 to 7


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSettings:
    """A command of your own that does the same, by JSON on its standard input and output: docs/WEBHOOK.md."""

    command: tuple[str, ...]  # the program by its absolute path, and its arguments; no shell reads them
    directory: str = "/"  # where it runs
    environment: tuple[str, ...] = ()  # names of variables that it is given beside PATH and LANG
    timeout_seconds: float = 5.0  # after that it is killed with all it has started; 0.1 to 7


def webhook_settings(plugin: Plugin) -> WebhookSettings:
    """Return how a plugin's endpoint is reached. Raises ConfigError naming the key."""
    where, settings = f"plugins.{plugin.plugin_id}", _parsed(plugin, WebhookSettings)
    try:
        parts = urlsplit(settings.url)
        parts.port  # noqa: B018 - it raises for one that is none
    except ValueError as error:
        raise ConfigError(f"{where}.url is no URL: {error}") from error
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (plain or parts.scheme == "https"):
        raise ConfigError(f"{where}.url: expected https://host/path (http:// on loopback alone), not {settings.url!r}")
    if (
        parts.username is not None
        or parts.fragment
        or any(ord(sign) <= 32 or ord(sign) == 127 for sign in settings.url)
    ):
        raise ConfigError(f"{where}.url: expected neither a user, nor a fragment, nor blanks")
    if bool(settings.secret) == bool(settings.secret_file):
        raise ConfigError(f'{where}: expected one of secret = "$VARIABLE" and secret_file: each request is signed')
    if settings.secret and not settings.secret.startswith("$"):
        raise ConfigError(f"{where}.secret is named, not written down: $VARIABLE of the environment, or secret_file")
    _check_time(where, settings.timeout_seconds)
    return settings


def command_settings(plugin: Plugin) -> CommandSettings:
    """Return how a plugin's command is run. Raises ConfigError naming the key."""
    where, settings = f"plugins.{plugin.plugin_id}", _parsed(plugin, CommandSettings)
    if not settings.command or not Path(settings.command[0]).is_absolute():
        raise ConfigError(f'{where}.command: expected ["/absolute/path", "argument", …]')
    if any("\0" in argument for argument in settings.command):
        raise ConfigError(f"{where}.command: an argument cannot hold a NUL")
    if not Path(settings.directory).is_absolute():
        raise ConfigError(f"{where}.directory: expected an absolute path, not {settings.directory!r}")
    _check_time(where, settings.timeout_seconds)
    return settings


def _parsed(plugin: Plugin, kind: type[Settings]) -> Settings:
    where, known = f"plugins.{plugin.plugin_id}", {field.name: field for field in fields(kind)}
    for name in plugin.address:
        if name not in known:
            raise ConfigError(f"{where}.{name} is not a setting of {plugin.touchpoint}; known are {', '.join(known)}")
    try:
        return msgspec.convert(_values(plugin.address, kind), kind, strict=False)
    except (msgspec.MsgspecError, ValueError) as error:
        raise ConfigError(f"{where}: {error}") from error


def _values(address: Mapping[str, str], kind: type) -> Mapping[str, object]:
    """Return the texts of an address as what they were: lists are kept there as JSON."""
    lists = {field.name for field in fields(kind) if str(field.type).startswith("tuple")}
    return {name: msgspec.json.decode(text.encode()) if name in lists else text for name, text in address.items()}


def _check_time(where: str, seconds: float) -> None:
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise ConfigError(f"{where}.timeout_seconds is {seconds:g}; expected {LEAST_SECONDS:g} to {MOST_SECONDS:g}")
