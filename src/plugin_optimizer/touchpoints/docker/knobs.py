"""What can be turned on a container: the limits that it was given, and whether it runs at all."""

import math
from collections.abc import Mapping
from dataclasses import replace

from ...domain import Disruption, Knob, Reversibility
from ..control_group import ControlGroup
from ..group_limits import CPU_LIMIT, MEBIBYTE, MEMORY_LIMIT, PERCENT, cpu_knob, host_cores, memory_knob, percent_of
from .container import Container

CPU, MEMORY, STATE = "cpu_percent", "memory_bytes", "state"
RUNNING, STOPPED = "running", "stopped"
LEAST_MEMORY = 6 * MEBIBYTE  # Docker takes no less


def limit_knobs(container: Container, group: ControlGroup | None, used: int, most: int) -> list[Knob]:
    """Return the limits that are set. `most` bytes of memory there may be; without a control group to look at (an engine in a
    virtual machine, or in another namespace) memory can be turned only down, as nobody knows what its host has.
    """
    found = []
    if container.cores is not None:
        found.append(_cpu(container, group))
    if container.memory > 0:
        knob = memory_knob(MEMORY, MEMORY_LIMIT, container.memory, used, most, persistent=True)
        found.append(replace(knob, minimum=min(LEAST_MEMORY, container.memory)))
    return found


def _cpu(container: Container, group: ControlGroup | None) -> Knob:
    cores = container.cores or 0.0
    if group is not None:
        return cpu_knob(CPU, group, cores, persistent=True)
    value = percent_of(cores)
    most = max(math.floor(PERCENT * host_cores()), value)
    return Knob(name=CPU, value=value, minimum=min(1, value), maximum=most, unit="percent", kind=CPU_LIMIT)


def state_knob(container: Container) -> Knob:
    """Return whether it runs. What it did when it was stopped is lost: never by itself."""
    return Knob(
        name=STATE,
        value=RUNNING if container.running else STOPPED,
        choices=(RUNNING, STOPPED),
        disruption=Disruption.RESTART,
        reversibility=Reversibility.LOSSY,
        persistent=False,
        kind="state",
    )


def not_limited(container: Container) -> Mapping[str, str]:
    """Return why a limit is not among the knobs."""
    if container.owner:
        why = f"it belongs to {container.owner}, which would take a change back"
        return {CPU: why, MEMORY: why, STATE: why}
    if container.paused:
        why = "it is paused, and stands still with all it holds; docker unpause lets it go on"
        return {CPU: why, MEMORY: why, STATE: why}
    reasons = {}
    if container.cores is None:
        reasons[CPU] = "no CPU limit is set (docker run --cpus), so there is nothing to raise"
    if container.memory <= 0:
        reasons[MEMORY] = "no memory limit is set (docker run --memory), so there is nothing to raise"
    return reasons
