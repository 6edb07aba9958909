"""The settings of notifications: what holds for all channels, and the rules of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol, TypeVar

import msgspec

from ..domain import ConfigError, InvalidValue, NoticeKind, Severity
from ..domain.notification import CHANNEL_NAME

Kind = TypeVar("Kind")
READ = {"read": True}  # what is made of other settings


class Hours(Protocol):
    """Certain hours of the week, in a time zone of their own."""

    def holds(self, now: float) -> bool:
        """Tell whether `now` (Unix seconds) lies within."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What every channel has, whatever its kind. Beside these stand the settings of the kind itself."""

    kind: str  # slack, email or webhook
    language: str = "ko"  # ko or en
    events: tuple[NoticeKind, ...] = ()  # only these kinds, as docs/NOTIFICATIONS.md lists them; none: all
    digest_minutes: int = 0  # what is no `urgent` matter is told together, so often; 0 = at once
    urgent: Severity = Severity.CRITICAL  # from here on neither a digest nor quiet hours keep it back
    quiet_hours: tuple[str, ...] = ()  # kept back until their end, as "Mon-Fri 22:00-07:00 Asia/Seoul"
    most_per_hour: int = 30  # what is beyond waits, and is told together
    quiet: tuple[Hours, ...] = field(default=(), metadata=READ)


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as the configuration gives it. `settings` are those of its kind, not yet checked."""

    name: str
    rules: Rules
    settings: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Notify:
    """Telling people outside, by the channels of `[notify.channels.NAME]`. Who is told what, the policies say (`notify`)."""

    dashboard_url: str = ""  # where messages link to, as https://host/plugin-optimization; none: no links
    group_seconds: float = 30.0  # notices of one kind within this time are one message
    remind_hours: float = 4.0  # what needs a person is told again so often; 0 = once
    repeat_hours: float = 24.0  # the same suggestion is not told again within this time
    give_up_hours: float = 24.0  # what could not be delivered by then is given up, and the health page says so
    channels: tuple[Channel, ...] = field(default=(), metadata=READ)


def parse_notify(table: Mapping[str, Any], parse_hours: Callable[[str], Hours]) -> Notify:
    """Read the table `notify`. Raises ConfigError naming the key."""
    _only(table, [f.name for f in fields(Notify)], "notify")
    channels = table.get("channels", {})
    if not isinstance(channels, Mapping):
        raise ConfigError("notify.channels: expected a table of channels by name")
    notify = _converted({k: v for k, v in table.items() if k != "channels"}, Notify, "notify")
    _check(notify)
    made = tuple(_channel(name, channel, parse_hours) for name, channel in channels.items())
    return replace(notify, channels=made)


def _channel(name: str, table: Any, parse_hours: Callable[[str], Hours]) -> Channel:
    where = f"notify.channels.{name}"
    if not CHANNEL_NAME.fullmatch(name):
        raise ConfigError(f"{where}: a channel is called by a-z, 0-9, - and _, at most 32 of them")
    if not isinstance(table, Mapping) or "kind" not in table:
        raise ConfigError(f"{where}: expected a table with a `kind`")
    own = {f.name for f in fields(Rules)} - {"quiet"}
    rules: Rules = _converted({k: v for k, v in table.items() if k in own}, Rules, where)
    if rules.language not in {"ko", "en"}:
        raise ConfigError(f"{where}.language is {rules.language!r}; expected ko or en")
    if not 0 <= rules.digest_minutes <= 10_080 or not 1 <= rules.most_per_hour <= 3_600:
        raise ConfigError(f"{where}: expected digest_minutes 0 to 10080, most_per_hour 1 to 3600")
    try:
        quiet = tuple(parse_hours(text) for text in rules.quiet_hours)
    except InvalidValue as error:
        raise ConfigError(f"{where}.quiet_hours: {error}") from error
    return Channel(name, replace(rules, quiet=quiet), {k: v for k, v in table.items() if k not in own})


def _check(notify: Notify) -> None:
    if not 0 <= notify.group_seconds <= 600:
        raise ConfigError(f"notify.group_seconds is {notify.group_seconds:g}; expected 0 to 600")
    for name, least, most in (("remind_hours", 0, 720), ("repeat_hours", 0, 720), ("give_up_hours", 0.01, 168)):
        if not least <= getattr(notify, name) <= most:
            raise ConfigError(f"notify.{name} is {getattr(notify, name):g}; expected {least:g} to {most:g}")
    if notify.dashboard_url and not notify.dashboard_url.startswith(("https://", "http://")):
        raise ConfigError("notify.dashboard_url: expected https://… or http://…")


def _converted(table: Mapping[str, object], kind: type[Kind], where: str) -> Kind:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}") from error


def _only(table: Any, known: "list[str]", where: str) -> None:
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where}: expected a table")
    for key in table:
        if key not in known:
            raise ConfigError(f"{where}.{key} is not a setting; known are {', '.join(known)}")
