"""Telling people outside: what is to be told, to whom, when, and by which channel.

To add a kind of channel: one file with a frozen dataclass that keeps `contracts.Notifier`, one line here, one test class
that inherits `testing.notifier_contract`.
"""

from collections.abc import Mapping
from typing import Any

from .email import EmailNotifier
from .secret import Secret
from .slack import SlackNotifier
from .webhook import WebhookNotifier

NOTIFIERS: Mapping[str, Any] = {"slack": SlackNotifier, "email": EmailNotifier, "webhook": WebhookNotifier}

__all__ = ["NOTIFIERS", "EmailNotifier", "Secret", "SlackNotifier", "WebhookNotifier"]
