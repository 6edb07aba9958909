"""E-mail, by an SMTP relay: plain text and HTML, marked as written by a machine, with the same Message-ID each time."""

import html
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from enum import StrEnum

from ..domain import ConfigError, DeliveryRefused, Letter, Severity, Undelivered
from .deadline import Deadline
from .secret import Secret

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
SUBJECT_CHARACTERS = 200
REPLY_CHARACTERS = 200
COLOURS = {Severity.INFO: "#2563eb", Severity.WARNING: "#b45309", Severity.CRITICAL: "#b91c1c"}


class Security(StrEnum):
    """How the connection is kept from others' eyes."""

    STARTTLS = "starttls"
    TLS = "tls"  # from the first byte (port 465)
    NONE = "none"  # for a relay on this host; never with a password


@dataclass(frozen=True, slots=True)
class EmailNotifier:
    """Needs an SMTP relay that takes mail from this host."""

    host: str  # the relay: an administrator names it, so it may be an inner one
    sender: str  # plugin-optimizer@example.com, or with a name: "Plugins <plugins@example.com>"
    recipients: tuple[str, ...]  # at least one address
    port: int = 587
    security: Security = Security.STARTTLS  # starttls, tls or none
    user: str = ""  # none: no login
    password: Secret | None = None  # env:NAME or file:/path
    ca_file: str = ""  # certificates that are trusted; none: those of the system

    def __post_init__(self) -> None:
        if not self.recipients or not all(map(is_address, (self.sender, *self.recipients))):
            raise ConfigError("sender and recipients must be e-mail addresses, and there must be a recipient")
        if self.user and (self.password is None or self.security is Security.NONE):
            raise ConfigError("a user needs a password, and a connection that is encrypted: security = starttls or tls")
        if not 1 <= self.port <= 65_535:
            raise ConfigError(f"port is {self.port}; expected 1 to 65535")

    @property
    def kind(self) -> str:
        return "email"

    def send(self, letter: Letter) -> str:
        """Hand the message to the relay and return what it said to it."""
        message = compose(letter, self.sender, self.recipients)
        try:
            with self._connected() as relay:
                return self._handed(relay, message)
        except smtplib.SMTPResponseException as error:
            raise _judged(error.smtp_code, error.smtp_error) from error
        except ssl.SSLError as error:
            raise Undelivered(f"{self.host}: TLS failed: {error.reason or type(error).__name__}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(
                f"{self.host} did not answer: {getattr(error, 'strerror', None) or type(error).__name__}"
            ) from error

    def _connected(self) -> smtplib.SMTP:
        if self.security is Security.TLS:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=CONNECT_SECONDS, context=self._trust())
        return smtplib.SMTP(self.host, self.port, timeout=CONNECT_SECONDS)

    def _handed(self, relay: smtplib.SMTP, message: EmailMessage) -> str:
        with Deadline(lambda: relay.sock, TOTAL_SECONDS):
            if self.security is Security.STARTTLS:
                relay.starttls(context=self._trust())
            if self.user and self.password is not None:
                self._log_in(relay, self.password.reveal())
            return _transferred(relay, message, parseaddr(self.sender)[1], self.recipients)

    def _log_in(self, relay: smtplib.SMTP, password: str) -> None:
        try:
            relay.login(self.user, password)
        except UnicodeEncodeError:  # RFC 4954 would allow it, Python's smtplib does not
            raise DeliveryRefused("the user and the password must be ASCII") from None

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file or None)


def compose(letter: Letter, sender: str, recipients: tuple[str, ...]) -> EmailMessage:
    """Return the message; its headers hold no line breaks, whatever a plugin is called."""
    message = EmailMessage(policy.SMTP)
    name, address = parseaddr(sender)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = ", ".join(recipients)
    message["Subject"] = " ".join(letter.title.split())[:SUBJECT_CHARACTERS]
    message["Date"] = format_datetime(datetime.fromtimestamp(letter.at, UTC))
    message["Message-ID"] = f"<{letter.id}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = letter.language
    if letter.severity is Severity.CRITICAL:
        message["Importance"] = "high"
    message.set_content("\n".join(_plain(letter)))
    message.add_alternative("\n".join(_marked_up(letter)), subtype="html")
    return message


def is_address(text: str) -> bool:
    """Tell whether it is one address, with or without a name, and nothing that breaks a header."""
    address = parseaddr(text)[1]
    local, at, domain = address.rpartition("@")
    return bool(local and at and domain) and text.isprintable() and " " not in address


def _transferred(relay: smtplib.SMTP, message: EmailMessage, sender: str, recipients: tuple[str, ...]) -> str:
    """Give the relay the message; the ones among the recipients that it does not take are named beside its answer."""
    relay.ehlo_or_helo_if_needed()
    code, reply = relay.mail(sender)
    if code != 250:
        raise _judged(code, reply)
    refused = {}
    for recipient in recipients:
        code, reply = relay.rcpt(parseaddr(recipient)[1])
        if code not in {250, 251}:
            refused[recipient] = _judged(code, reply)
    if len(refused) == len(recipients):
        raise next((error for error in refused.values() if type(error) is Undelivered), next(iter(refused.values())))
    code, reply = relay.data(message.as_bytes())
    if code != 250:
        raise _judged(code, reply)
    said = _said(code, reply)
    return said if not refused else f"{said} (refused: {'; '.join(f'{who}: {why}' for who, why in refused.items())})"


def _judged(code: int, reply: bytes | str) -> Undelivered:
    """Return the error of a reply: 5xx will stay so, everything else may pass (RFC 5321, 4.2.1)."""
    kind = DeliveryRefused if 500 <= code < 600 else Undelivered
    return kind(_said(code, reply))


def _said(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return "".join(sign if sign.isprintable() else " " for sign in f"{code} {text}")[:REPLY_CHARACTERS]


def _plain(letter: Letter) -> Iterator[str]:
    yield letter.title
    for line in letter.written:
        yield ""
        yield f"- {line.text}"
        yield from (f"  {extra}" for extra in (line.advice, line.link) if extra)
    yield from (f"\n{extra}" for extra in (letter.closing, letter.link) if extra)
    yield f"\n-- \n{letter.id}"


def _marked_up(letter: Letter) -> Iterator[str]:
    yield f'<!doctype html><html lang="{letter.language}"><body style="font:15px/1.5 sans-serif;max-width:42em">'
    yield f'<h1 style="font-size:18px;color:{COLOURS[letter.severity]}">{html.escape(letter.title)}</h1><ul>'
    for line in letter.written:
        advice = f"<br><small>{html.escape(line.advice)}</small>" if line.advice else ""
        link = f' <a href="{html.escape(line.link)}">→</a>' if line.link else ""
        yield f"<li>{html.escape(line.text)}{advice}{link}</li>"
    yield "</ul>"
    if letter.closing:
        yield f"<p>{html.escape(letter.closing)}</p>"
    if letter.link:
        yield f'<p><a href="{html.escape(letter.link)}">{html.escape(letter.link_text)}</a></p>'
    yield f'<p style="color:#6b7280;font-size:12px">{html.escape(letter.id)}</p></body></html>'
