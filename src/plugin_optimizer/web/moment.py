"""Unix seconds as ISO 8601 with zone, and back."""

import math
from datetime import UTC, datetime

from .problem import Problem


def iso(at: float | None) -> str | None:
    """Return `2026-11-25T08:00:00.000Z`; None for None, NaN and what no calendar holds."""
    if at is None or not math.isfinite(at) or not 0 <= at < 253402300800:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def unix(text: str, name: str) -> float:
    """Return the Unix seconds of an ISO 8601 time or a plain number; raise Problem 400 naming the parameter."""
    try:
        at = float(text) if text.replace(".", "", 1).isdigit() else _from_iso(text)
    except (ValueError, OverflowError):
        at = math.nan
    if not (math.isfinite(at) and 0 <= at < 253402300800):
        raise Problem(400, "invalid_time", f"{name} is {text[:40]!r}; expected ISO 8601 with zone or Unix seconds")
    return at


def _from_iso(text: str) -> float:
    moment = datetime.fromisoformat(text.replace(" ", "+"))
    if moment.tzinfo is None:
        raise ValueError
    return moment.timestamp()
