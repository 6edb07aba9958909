"""What a setting counts, as its name tells."""

import re

UNITS = {"bytes": "bytes", "seconds": "seconds", "ratio": "ratio"}
# Settings that their makers named without their unit.
NAMED = {"maxmemory": "bytes", "memlimit": "bytes", "ttl": "seconds", "timeout": "seconds", "keepalive": "seconds"}


def unit_named(knob: str) -> str:
    """Return `bytes`, `seconds` or `ratio` after the last word of a setting's name; "" for counts and what tells nothing.

    | knob               | unit    |
    |--------------------|---------|
    | `cache_memlimit`   | bytes   |
    | `menu.ttl_seconds` | seconds |
    | `workers`          |         |
    """
    word = re.split(r"[._-]", knob)[-1]
    return UNITS.get(word) or NAMED.get(word, "")
