"""Making a setting of Redis survive a restart: CONFIG REWRITE, and a look into the file it wrote."""

import re
import shlex
from pathlib import Path
from typing import Any

from ...domain import Refused, Value
from .knobs import LIMIT

UNITS = {"": 1, "b": 1, "k": 1000, "kb": 1024, "m": 1000**2, "mb": 1024**2, "g": 1000**3, "gb": 1024**3}
NUMBER = re.compile(r"(\d+)([a-z]*)")


def rewrite(client: Any, config_file: str, here: bool, knob: str, to: Value) -> bool:
    """Write the running settings into the server's own file; return whether `to` stands there now.

    The whole configuration is written, with what others set at run time. Where the file cannot be read from here
    (another host, another user), the server's word is taken: it answers only after the file was replaced.
    Raises what redis-py raises.
    """
    client.config_rewrite()
    if not here:
        return True
    try:
        text = Path(config_file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    written = written_value(text, knob)
    if written != (_plain(to) if knob == LIMIT else str(to)):
        raise Refused(f"CONFIG REWRITE left {knob} at {written!r} in {config_file} instead of {to!r}")
    return True


def written_value(text: str, knob: str) -> int | str | None:
    """Return what a configuration file sets: the last line wins; None where it is silent (the default holds)."""
    found: str | None = None
    for line in text.splitlines():
        words = _words(line)
        if len(words) == 2 and words[0].lower() == knob:
            found = words[1]
    if knob != LIMIT:
        return found.lower() if found is not None else "noeviction"
    return bytes_of(found) if found is not None else 0


def bytes_of(text: str) -> int | None:
    """Return the bytes that Redis takes `8mb` or `8388608` for; None for what it would not take (redis.conf, units)."""
    match = NUMBER.fullmatch(text.lower())
    return int(match[1]) * UNITS[match[2]] if match and match[2] in UNITS else None


def _words(line: str) -> list[str]:
    if line.lstrip().startswith("#"):
        return []
    try:
        return shlex.split(line)
    except ValueError:
        return []


def _plain(to: Value) -> int:
    return int(to)
