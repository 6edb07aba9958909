"""Slack, by an incoming webhook: a Block Kit message with a button that leads to the card."""

import json
from dataclasses import dataclass
from typing import Any

from ..domain import Letter, Line, Severity
from .http_post import Target, post
from .secret import Secret

# Limits of Block Kit (docs.slack.dev, reference/block-kit/blocks), in characters
HEADER_CHARACTERS, SECTION_CHARACTERS, URL_CHARACTERS, FALLBACK_CHARACTERS = 150, 2_900, 3_000, 3_000
MARKS = {Severity.INFO: "🔵", Severity.WARNING: "🟠", Severity.CRITICAL: "🔴"}
ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True, slots=True)
class SlackNotifier:
    """Needs an app of the workspace with an incoming webhook."""

    url: Secret  # the incoming webhook, a secret: env:NAME or file:/path
    allow_inner: bool = False  # also private addresses and plain HTTP: for a gateway of one's own

    @property
    def kind(self) -> str:
        return "slack"

    def send(self, letter: Letter) -> str:
        """Post the message. Slack knows no idempotency key: one that is sent again is shown again, with the same id."""
        return post(Target(self.url.reveal(), self.allow_inner), json.dumps(document(letter)).encode(), {})


def document(letter: Letter) -> dict[str, Any]:
    """Return the message as Slack takes it. What comes from plugins is escaped: it can neither mention nor link."""
    blocks: list[dict[str, Any]] = [_header(letter), *(_section(line) for line in letter.written)]
    if letter.closing:
        blocks.append(_text("section", letter.closing))
    if letter.link and len(letter.link) <= URL_CHARACTERS:
        blocks.append(_button(letter.link_text, letter.link))
    blocks.append({"type": "context", "elements": [{"type": "plain_text", "text": letter.id, "emoji": False}]})
    return {"text": _escaped(letter.title, FALLBACK_CHARACTERS), "blocks": blocks}


def _header(letter: Letter) -> dict[str, Any]:
    title = f"{MARKS[letter.severity]} {letter.title}"[:HEADER_CHARACTERS]
    return {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": True}}


def _section(line: Line) -> dict[str, Any]:
    said = line.text if line.advice is None else f"{line.text}\n{line.advice}"
    block = _text("section", said)
    if line.link and len(line.link) <= URL_CHARACTERS:
        block["accessory"] = {"type": "button", "text": {"type": "plain_text", "text": "→"}, "url": line.link}
    return block


def _text(kind: str, text: str) -> dict[str, Any]:
    """Return a block of plain text: no mark-up of Slack's is read in it."""
    return {"type": kind, "text": {"type": "plain_text", "text": text[:SECTION_CHARACTERS], "emoji": False}}


def _button(text: str, url: str) -> dict[str, Any]:
    return {
        "type": "actions",
        "elements": [{"type": "button", "text": {"type": "plain_text", "text": text}, "url": url}],
    }


def _escaped(text: str, most: int) -> str:
    return text.translate(ESCAPED)[:most]
