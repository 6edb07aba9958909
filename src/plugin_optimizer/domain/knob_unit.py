"""What a setting counts, as its name tells."""

import re

UNITS = {"bytes": "bytes", "seconds": "seconds", "ratio": "ratio", "percent": "percent"}
# Settings that their makers named without their unit.
NAMED = {
    **dict.fromkeys(("maxmemory", "memlimit", "MemoryMax", "MemoryHigh"), "bytes"),
    **dict.fromkeys(("ttl", "timeout", "keepalive", "harakiri"), "seconds"),
    **dict.fromkeys(("container_memory_limit", "container_memory_request"), "bytes"),
    "CPUQuota": "percent",
}


def unit_named(knob: str) -> str:
    """Return `bytes`, `seconds`, `ratio` or `percent` by a setting's name, mostly its last word; "" for counts and what tells nothing.

    | knob               | unit    |
    |--------------------|---------|
    | `cache_memlimit`   | bytes   |
    | `menu.ttl_seconds` | seconds |
    | `CPUQuota`         | percent |
    | `workers`          |         |
    """
    word = re.split(r"[._-]", knob)[-1]
    return UNITS.get(word) or NAMED.get(word) or NAMED.get(knob, "")
