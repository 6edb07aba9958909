"""An operator's own HTTP endpoint or command: asked how it stands, ordered with signed and named requests, never believed."""

from .touchpoint import ReceiverTouchpoint, commands, webhooks

__all__ = ["ReceiverTouchpoint", "commands", "webhooks"]
