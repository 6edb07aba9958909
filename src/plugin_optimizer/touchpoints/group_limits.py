"""Limits of a control group as knobs: how far they go, and what would do harm the moment it is turned."""

import math
import os

import psutil

from ..domain import InvalidValue, Knob, Refused, Reversibility, Value
from .control_group import ControlGroup
from .server_memory import MEMORY_SHARE, whole_steps

CPU_LIMIT, MEMORY_LIMIT, MEMORY_HIGH = "cpu_limit", "memory_limit", "memory_high"  # kinds of knobs
PERCENT = 100  # of one core
MEBIBYTE = 1 << 20
NEEDED_SHARE = 1.2  # times what is used: no change goes below it
LEAST_SHARE = 1.05  # nor does the way back go below this: the kernel would kill, or (version 1) keep the old limit


def cpu_knob(name: str, group: ControlGroup, cores: float, *, persistent: bool) -> Knob:
    """Return the CPU limit in percent of a core, up to the host's cores, or to what the groups above allow."""
    value = percent_of(cores)
    most = math.floor(PERCENT * min(host_cores(), group.cores_above() or math.inf))
    return Knob(
        name=name,
        value=value,
        minimum=min(1, value),
        maximum=max(most, value),
        unit="percent",
        persistent=persistent,
        kind=CPU_LIMIT,
    )


def memory_knob(name: str, kind: str, value: int, used: int, most: float, *, persistent: bool) -> Knob:
    """Return a memory limit in bytes; `most` of them there may be. Less of it costs what did not fit: never by itself."""
    return Knob(
        name=name,
        value=value,
        minimum=min(MEBIBYTE, value),
        maximum=max(most, value),
        unit="bytes",
        step=MEBIBYTE,
        persistent=persistent,
        kind=kind,
        needed=math.ceil(NEEDED_SHARE * used),
        down=Reversibility.LOSSY,
    )


def most_bytes(group: ControlGroup) -> int:
    """Return how much memory it may be given, in whole MiB: of what the host has free beside it, or what is above allows."""
    used = group.used_bytes() or 0
    room = min(MEMORY_SHARE * (psutil.virtual_memory().available + used), group.bytes_above() or math.inf)
    return whole_steps(room, MEBIBYTE)


def percent_of(cores: float) -> int | float:
    percent = round(PERCENT * cores, 2)
    return int(percent) if percent == int(percent) else percent


def host_cores() -> int:
    return os.cpu_count() or 1


def check_limit(knob: Knob, to: Value, used: int) -> Value:
    """Return `to` as it can be ordered.

    Raises InvalidValue; Refused for a memory limit at which the kernel would have to kill, or would keep the old one unasked:
    version 1 leaves a limit that is below what is used as it was, and the reply says otherwise (systemd issue 22211).
    """
    to = knob.checked(to)
    if to == knob.value:
        return to
    if to != int(to):
        raise InvalidValue(f"{knob.name} takes whole {knob.unit}, not {to!r}")
    lowered = isinstance(knob.value, int | float) and int(to) < knob.value
    if knob.kind in (MEMORY_LIMIT, MEMORY_HIGH) and lowered and int(to) < LEAST_SHARE * used:
        raise Refused(
            f"{used} bytes are in use: {knob.name} is never set below {LEAST_SHARE:g} times that, not to {to}"
        )
    return int(to)
