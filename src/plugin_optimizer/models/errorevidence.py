"""What is known of the cause of an error, as messages: since when, which exception, for whom, after which change."""

import re

from ..domain import ErrorGroup, Message, SettingChange
from .errorcause import ErrorCause

WORD = re.compile(r"\w+")
CLASS = re.compile(r"<class '(?:\w+\.)*(\w+)'>")
ONE_MOMENT_SECONDS = 1.0  # onset and change are both known to about a second: closer ones are told apart by nothing


def error_evidence(cause: ErrorCause) -> tuple[Message, ...]:
    named = cause.group.exception if cause.group else "unknown"
    place = cause.group.frames[-1] if cause.group and cause.group.frames else ""
    messages = [
        Message("error_since", {"errors": cause.errors, "requests": cause.requests, "since_at_seconds": cause.onset}),
        Message(
            "error_is",
            {"exception": named, "place": place or None, "message": _told(cause.group), "share_ratio": cause.share},
        ),
    ]
    if cause.slice is not None:
        name = ", ".join(f"{name}={value}" for name, value in cause.slice.values)
        shares = {"share_ratio": cause.slice.excess_share, "failing_ratio": cause.slice.concentration}
        messages.append(Message("error_slice", {"name": name, **shares}))
    else:
        messages.append(Message("no_slice"))
    return tuple(messages)


def _told(group: ErrorGroup | None) -> str | None:
    """Return what the exception said, None where that is no more than its own name: `[<class 'decimal.Inexact'>]`."""
    if group is None:
        return None
    said = CLASS.sub(r"\1", group.message)
    return group.message[:200] if set(WORD.findall(said)) - set(WORD.findall(group.exception)) else None


def about_change(change: SettingChange, cause: ErrorCause) -> Message:
    lag_seconds = max(0.0, cause.onset - change.at)
    params = {"knob": change.knob, "from": change.before, "to": change.after}
    params |= {"at_seconds": change.at, "lag_seconds": lag_seconds}
    at_once = lag_seconds < ONE_MOMENT_SECONDS
    if change.by == "outside":
        return Message("setting_changed_then" if at_once else "setting_changed_before", params)
    return Message("own_change_then" if at_once else "own_change_before", params)
