"""Times as people type them: how long ago, or a date."""

import re
from datetime import datetime

import click

AGO = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|w)")
SECONDS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
EXAMPLES = "expected how long ago, for example 90m, 24h or 7d, or a time like 2026-11-25T08:00Z"


def duration(text: str, option: str) -> float:
    """Return the seconds of `90m`, `24h`, `7d`, `30s`, `2w`. Raises BadParameter naming the option."""
    found = AGO.fullmatch(text.strip())
    if found is None or not float(found[1]) > 0:
        raise click.BadParameter(
            f"{text[:40]!r} is no length of time; expected for example 30s, 5m or 1h", param_hint=option
        )
    return float(found[1]) * SECONDS[found[2]]


def moment(text: str, now: float, option: str) -> float:
    """Return Unix seconds of a time before `now`: so long ago, or ISO 8601 (without a zone: that of this host)."""
    if AGO.fullmatch(text.strip()):
        return now - duration(text, option)
    try:
        return datetime.fromisoformat(text.strip()).astimezone().timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise click.BadParameter(f"{text[:40]!r} is no time; {EXAMPLES}", param_hint=option) from error
