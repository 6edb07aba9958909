"""What people outside are told, and how far the telling has come."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from .errors import InvalidValue
from .finding import Severity
from .message import Message

MOST_WRITTEN = 10
CHANNEL_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
SEVERITIES = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)  # rising


def at_least(severity: Severity, least: Severity) -> bool:
    """Tell whether `severity` is `least` or graver."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(least)


@dataclass(frozen=True, slots=True)
class NotificationRoute:
    """Which channel is told about a plugin, from which severity on."""

    channel: str
    least: Severity


def parse_route(text: str) -> NotificationRoute:
    """Read `ops` or `ops critical` (without a severity: warning). Raises InvalidValue."""
    channel, _, least = text.partition(" ")
    if not CHANNEL_NAME.fullmatch(channel) or least not in {"", *SEVERITIES} or text.endswith(" "):
        raise InvalidValue(
            f"{text[:80]!r} names no channel; expected a channel's name, and a severity where not from warning on "
            f"({', '.join(SEVERITIES)}): 'ops', 'mail critical'"
        )
    return NotificationRoute(channel, Severity(least or Severity.WARNING))


class NoticeKind(StrEnum):
    """What happened."""

    SUGGESTION_OPENED = "suggestion_opened"
    EXECUTION_STARTED = "execution_started"  # by the policy, without a person
    CHANGE_KEPT = "change_kept"
    CHANGE_UNDONE = "change_undone"
    CHANGE_FAILED = "change_failed"
    NEEDS_PERSON = "needs_person"
    EMERGENCY_STOP = "emergency_stop"
    PLUGIN_STALE = "plugin_stale"
    PLUGIN_DEAD = "plugin_dead"
    ENGINE_TROUBLE = "engine_trouble"


class Phase(StrEnum):
    """Something that lasts begins, goes on and is over; everything else just happens."""

    HAPPENED = "happened"
    BEGAN = "began"
    GOES_ON = "goes_on"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to be told. `cause` is the same for what has the same cause: it is told once while that lasts.

    `message` says what it is about (the title of a suggestion, a trouble), `reason` why it came so.
    """

    kind: NoticeKind
    phase: Phase
    severity: Severity
    cause: str
    at: float
    message: Message
    plugin_id: str | None = None
    suggestion_id: str | None = None
    execution_id: str | None = None
    reason: Message | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that lasts, or was told a while ago: what keeps one cause from being told fifty times.

    `told_at` is when people heard of it last; `absent_since` when it was first seen to be over, None while it lasts.
    """

    began: Notice
    told_at: float
    absent_since: float | None = None

    @property
    def cause(self) -> str:
        return self.began.cause


class DispatchState(StrEnum):
    """`waiting` until it is due, `sending` while somebody has it in hand, then one of the two ends."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One message to one channel: the notices that are told together, and how the telling goes.

    `id` stays the same however often it is sent. `gathering` is the key under which notices join while nothing was
    tried. `more` counts those that no longer fit in. `answer` is what the other side said last.
    """

    id: str
    channel: str
    gathering: str
    severity: Severity
    notices: tuple[Notice, ...]
    state: DispatchState
    created_at: float
    due_at: float
    gives_up_at: float
    more: int = 0
    attempts: int = 0
    answer: str = ""
    attempted_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A notice in words."""

    notice: Notice
    text: str
    link: str | None = None
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """What a notifier delivers: a message in the channel's language. `link` leads to the dashboard, None if unknown.

    `test` says that a person asked for it to see whether it arrives. `more` counts what is in no line; people are
    written the first ten lines, and `closing` how many are left.
    """

    id: str
    channel: str
    at: float
    language: str
    severity: Severity
    title: str
    lines: tuple[Line, ...] = field(default=())
    more: int = 0
    closing: str = ""
    link: str | None = None
    link_text: str = ""
    test: bool = False

    @property
    def written(self) -> tuple[Line, ...]:
        """Return the lines that people are written; machines get all of them."""
        return self.lines[:MOST_WRITTEN]
