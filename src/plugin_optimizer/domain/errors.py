"""Errors a caller can act on. Each message says what would have been right."""

from .message import Message


class OptimizerError(Exception):
    """Anything this product raises on purpose."""


class ConfigError(OptimizerError):
    """A setting is missing, unknown or out of its range; the message names the key."""


class InvalidSetting(ConfigError):
    """One field does not fit. `message` says why in a code and figures, `said` in English, after the field's name."""

    def __init__(self, field: str, message: Message, said: str) -> None:
        super().__init__(f"{field} {said}")
        self.field = field
        self.message = message
        self.said = said


class InvalidValue(OptimizerError, ValueError):
    """A value does not fit its type (an identifier, a number, a knob's bounds)."""


class NotFound(OptimizerError, LookupError):
    """The named plugin, suggestion, execution or knob does not exist."""


class Conflict(OptimizerError):
    """The request does not fit the present state (already executed, expired, superseded).

    `code` names the reason for machines: `expired`, `superseded`, `dismissed`, `in_flight`…
    """

    def __init__(self, message: str, code: str = "conflict") -> None:
        super().__init__(message)
        self.code = code


class Stale(Conflict):
    """Somebody changed the thing after the caller read it."""

    def __init__(self, message: str, code: str = "stale") -> None:
        super().__init__(message, code)


class Refused(OptimizerError):
    """A touchpoint or a rail declined an effect before anything happened."""


class Unobservable(OptimizerError):
    """The managed thing could not be read; nothing may be concluded from that."""


class UnderWay(Unobservable):
    """What was ordered is being carried out by whoever runs the managed thing, and has not ended: wait, and order nothing again."""

    code = "under_way"


class Gone(Unobservable):
    """The managed thing no longer exists."""


class Unavailable(OptimizerError):
    """What the product itself needs (its database) does not answer now; whether a write came through is not known."""


class Undelivered(OptimizerError):
    """A message did not arrive, or nobody knows whether it did; sending it again later may help.

    `retry_after_seconds` is what the other side asked for, None where it did not.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class DeliveryRefused(Undelivered):
    """The other side will not take the message, however often it is sent: an address or a secret is wrong."""
