"""Channels ready to be used: their rules, and the notifier of their kind with its settings."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import msgspec

from ..contracts import Notifier
from ..domain import ConfigError, Undelivered
from .secret import Secret
from .settings import Channel, Rules

log = logging.getLogger(__name__)
SHORTEST_SECRET = 6  # characters; shorter parts of an address are words


@dataclass(frozen=True, slots=True)
class ReadyChannel:
    """A channel by name, with what delivers to it."""

    name: str
    rules: Rules
    notifier: Notifier

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return the secrets among the notifier's settings."""
        values = [getattr(self.notifier, f.name) for f in fields(self.notifier)]  # type: ignore[arg-type]
        return tuple(value for value in values if isinstance(value, Secret))

    def revealed(self) -> tuple[str, ...]:
        """Return the secrets themselves, to keep them out of what is shown; those that cannot be read are left out.

        Of an address its path is as secret as the whole.
        """
        found: list[str] = []
        for secret in self.secrets:
            try:
                found += _parts(secret.reveal())
            except Undelivered:
                continue
        return tuple(found)

    def shown(self) -> Mapping[str, object]:
        """Return the notifier's settings as they may be shown: of a secret, where it is kept and whether it is there."""
        return {f.name: _shown(getattr(self.notifier, f.name)) for f in fields(self.notifier)}  # type: ignore[arg-type]


def make_channels(channels: Iterable[Channel], kinds: Mapping[str, Any]) -> Mapping[str, ReadyChannel]:
    """Return the channels by name. Raises ConfigError naming the channel and what does not fit."""
    return {channel.name: _made(channel, kinds) for channel in channels}


def _parts(secret: str) -> Iterator[str]:
    yield secret
    if "://" in secret:
        path, _, query = secret.partition("://")[2].partition("/")[2].partition("?")
        yield from (part for part in (path, query, *path.split("/")) if len(part) >= SHORTEST_SECRET)


def usable_channels(channels: Iterable[Channel], kinds: Mapping[str, Any]) -> Mapping[str, ReadyChannel]:
    """Return those that fit; what does not is logged, and on the health page: it must not keep the engine from running."""
    made: dict[str, ReadyChannel] = {}
    for channel in channels:
        try:
            made[channel.name] = _made(channel, kinds)
        except ConfigError as error:
            log.warning("nobody is told by the channel %s: %s", channel.name, error)
    return made


def _made(channel: Channel, kinds: Mapping[str, Any]) -> ReadyChannel:
    where, kind = f"notify.channels.{channel.name}", kinds.get(channel.rules.kind)
    if kind is None:
        raise ConfigError(f"{where}.kind is {channel.rules.kind!r}; known are {', '.join(sorted(kinds))}")
    known = {f.name for f in fields(kind)}
    for key in channel.settings:
        if key not in known:
            raise ConfigError(
                f"{where}.{key} is not a setting of {channel.rules.kind}; known are {', '.join(sorted(known))}"
            )
    try:
        notifier = msgspec.convert(channel.settings, kind, dec_hook=_secret)
    except (msgspec.ValidationError, ConfigError) as error:
        raise ConfigError(f"{where}: {error}") from error
    return ReadyChannel(channel.name, channel.rules, notifier)


def _secret(kind: type, value: Any) -> Any:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise ConfigError("a secret is named by a text: env:NAME or file:/path")


def _shown(value: object) -> object:
    if isinstance(value, Secret):
        return {"reference": value.reference, "there": value.there}
    return value
