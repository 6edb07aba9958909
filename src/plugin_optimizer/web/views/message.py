"""A message in JSON: its stable code, its parameters, and the sentence in the asked language."""

from collections.abc import Mapping

import msgspec

from ...domain import Message, Metric, Parameter
from ...wording import render


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    params: Mapping[str, Parameter]
    text: str


def view_message(message: Message, lang: str) -> MessageView:
    return MessageView(code=message.code, params=message.params, text=render(message, lang))


def view_optional(message: Message | None, lang: str) -> MessageView | None:
    return None if message is None else view_message(message, lang)


def told(subject: str, kind: str, metric: Metric, figures: Mapping[str, float]) -> Message:
    """Return `<subject>_<kind>` with figures in the metric's unit."""
    return Message(f"{subject}_{kind}", {"metric": metric.value, **figures})
