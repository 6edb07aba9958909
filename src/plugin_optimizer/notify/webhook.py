"""A webhook of one's own: typed JSON, signed, with the same id however often it is sent."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from ..contracts.signature import HEADER, sign
from ..domain import Letter, Line, Parameter
from .http_post import TLS_PORT, Target, post
from .secret import Secret

KEY_HEADER = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class WebhookNotifier:
    """Posts to whatever takes JSON."""

    url: Secret  # where to post, a secret: env:NAME or file:/path
    secret: Secret | None = None  # signs each message, see docs/NOTIFICATIONS.md: env:NAME or file:/path
    allow_inner: bool = False  # also private addresses, plain HTTP and any port
    ports: tuple[int, ...] = (TLS_PORT,)  # of public addresses

    @property
    def kind(self) -> str:
        return "webhook"

    def send(self, letter: Letter) -> str:
        """Post the message. Whoever receives it knows by its id what it has seen before."""
        body = msgspec.json.encode(event(letter))
        headers = {KEY_HEADER: letter.id}
        if self.secret is not None:
            headers[HEADER] = sign(self.secret.reveal(), body, time.time())
        return post(Target(self.url.reveal(), self.allow_inner, self.ports), body, headers)


class NoticeEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened: its code and figures in SI units, and the sentence."""

    kind: str
    phase: str
    severity: str
    cause: str
    at: str
    code: str
    params: dict[str, Parameter]
    text: str
    advice: str | None
    plugin_id: str | None
    suggestion_id: str | None
    execution_id: str | None
    link: str | None


class NotificationEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The document that is posted. `more` notices are not written out."""

    version: int
    id: str
    channel: str
    at: str
    language: str
    severity: str
    title: str
    test: bool
    more: int
    link: str | None
    notices: tuple[NoticeEvent, ...]


def event(letter: Letter) -> NotificationEvent:
    """Return the document of a letter."""
    return NotificationEvent(
        version=1,
        id=letter.id,
        channel=letter.channel,
        at=_iso(letter.at),
        language=letter.language,
        severity=letter.severity,
        title=letter.title,
        test=letter.test,
        more=letter.more,
        link=letter.link,
        notices=tuple(_notice(line) for line in letter.lines),
    )


def _notice(line: Line) -> NoticeEvent:
    notice = line.notice
    return NoticeEvent(
        kind=notice.kind,
        phase=notice.phase,
        severity=notice.severity,
        cause=notice.cause,
        at=_iso(notice.at),
        code=notice.message.code,
        params=dict(notice.message.params),
        text=line.text,
        advice=line.advice,
        plugin_id=notice.plugin_id,
        suggestion_id=notice.suggestion_id,
        execution_id=notice.execution_id,
        link=line.link,
    )


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
