"""What can be turned on a unit: the limits that the kernel has for its group, and whether it runs at all."""

from collections.abc import Mapping
from pathlib import Path

from ...domain import Disruption, Knob, Reversibility, Unobservable, Value
from ..control_group import ControlGroup
from ..group_limits import MEMORY_HIGH, MEMORY_LIMIT, cpu_knob, memory_knob
from .systemctl import Unit

QUOTA, HIGH, MAX, STATE = "CPUQuota", "MemoryHigh", "MemoryMax", "ActiveState"
LIMITS = (QUOTA, HIGH, MAX)
RUNNING, STOPPED = "running", "stopped"
CONTROL = "etc/systemd/system.control"
NONE_TOLD = "infinity"


def limit_knobs(group: ControlGroup, most: int, *, persistent: bool) -> list[Knob]:
    """Return the limits that are set, as the kernel has them. One that is not set limits nothing and is not offered."""
    found, used = [], group.used_bytes() or 0
    cores, high, limit = group.cpu_cores(), group.high_bytes(), group.memory_bytes()
    if cores is not None:
        found.append(cpu_knob(QUOTA, group, cores, persistent=persistent))
    if high is not None:
        found.append(memory_knob(HIGH, MEMORY_HIGH, high, used, min(most, limit or most), persistent=persistent))
    if limit is not None:
        found.append(memory_knob(MAX, MEMORY_LIMIT, limit, used, most, persistent=persistent))
    return found


def state_knob(unit: Unit) -> Knob:
    """Return whether it runs. What it did when it was stopped is lost: never by itself."""
    return Knob(
        name=STATE,
        value=RUNNING if unit.runs else STOPPED,
        choices=(RUNNING, STOPPED),
        disruption=Disruption.RESTART,
        reversibility=Reversibility.LOSSY,
        persistent=False,
        kind="state",
    )


def not_limited(unit: Unit, group: ControlGroup) -> Mapping[str, str]:
    """Return why a limit is not among the knobs."""
    cores, limit = group.cpu_cores(), group.memory_bytes()
    reasons = {}
    if cores is None:
        reasons[QUOTA] = _unset(QUOTA, unit.told_quota)
    if not group.has_high():
        reasons[HIGH] = "the kernel has no such limit in cgroups of version 1"
    elif group.high_bytes() is None:
        reasons[HIGH] = _unset(HIGH, NONE_TOLD)
    if limit is None:
        reasons[MAX] = _unset(MAX, unit.told_memory)
    return reasons


def _unset(name: str, told: str) -> str:
    if told != NONE_TOLD:
        return f"systemd says {told}, but the kernel has no limit: the order was lost on its way (systemd issue 22211)"
    return f"no {name} is set, so there is nothing to raise"


def text_of(knob: Knob, value: Value) -> str:
    """Return a value as systemd is told it."""
    return f"{value:g}%" if knob.name == QUOTA else str(value)


def drop_in(unit: str, setting: str, root: Path) -> Path:
    """Return where `systemctl set-property` keeps a value for good."""
    return root / CONTROL / f"{unit}.d" / f"50-{setting}.conf"


def kept(path: Path, setting: str) -> str | None:
    """Return what a drop-in sets, None where there is none. Raises Unobservable where we may not read it."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unobservable(f"{path} cannot be read: {error.strerror}") from error
    given = [line.partition("=")[2].strip() for line in lines if line.partition("=")[0].strip() == setting]
    return given[-1] if given else None


def same(knob: Knob, kept_text: str | None, value: Value) -> bool:
    """Tell whether a drop-in keeps that value; systemd writes percents with or without fractions."""
    if kept_text is None:
        return False
    number = kept_text.removesuffix("%") if knob.name == QUOTA else kept_text
    try:
        return float(number) == float(value)
    except ValueError:
        return False
