"""CPU and memory of one container: what it asks for and what it may have, in cores and bytes."""

from fractions import Fraction
from math import ceil

from ...domain import Disruption, InvalidValue, Knob, Reversibility, Value
from .objects import Container, Workload
from .quantity import MEBIBYTE, bytes_text, cores_text, parse_quantity
from .settings import KubernetesSettings

LIMITS, REQUESTS, CPU, MEMORY = "limits", "requests", "cpu", "memory"
PARTS = {
    "container_cpu_limit": (LIMITS, CPU),
    "container_cpu_request": (REQUESTS, CPU),
    "container_memory_limit": (LIMITS, MEMORY),
    "container_memory_request": (REQUESTS, MEMORY),
}
LEAST_CORES, LEAST_BYTES = 0.01, 16 * MEBIBYTE
ROOM = 1.2  # times what was seen in use: no limit goes below it
CPU_STEP, MEMORY_STEP = 0.05, 16 * MEBIBYTE


def resource_knob(
    settings: KubernetesSettings, workload: Workload, container: Container, name: str, peak_bytes: float
) -> Knob | str:
    """Return the knob, or why there is none. The request bounds the limit from below, the limit the request from above."""
    part, resource = PARTS[name]
    value = amount(container, part, resource)
    if value is None:
        return f"the container {container.name!r} has no {resource} {part.removesuffix('s')}: nothing bounds it"
    other = amount(container, REQUESTS if part == LIMITS else LIMITS, resource)
    least: float = LEAST_CORES if resource == CPU else LEAST_BYTES
    most: float = settings.most_cpu_cores if resource == CPU else settings.most_memory_megabytes * MEBIBYTE
    if other is not None:
        least, most = (max(least, other), most) if part == LIMITS else (least, other)
    return Knob(
        name=name,
        value=value,
        minimum=min(least, value),
        maximum=max(most, value),
        step=CPU_STEP if resource == CPU else MEMORY_STEP,
        unit="cores" if resource == CPU else "bytes",
        disruption=disruption_of(workload),
        reversibility=Reversibility.LOSSY,  # the replicas are replaced: what they had in memory is gone
        kind="setting",
        needed=ceil(ROOM * peak_bytes) if (part, resource) == (LIMITS, MEMORY) and peak_bytes else None,
    )


def amount(container: Container, part: str, resource: str) -> int | float | None:
    """Return cores or whole bytes; None where none is set."""
    text = getattr(container.resources, part).get(resource)
    if text is None:
        return None
    quantity = parse_quantity(text)
    return float(quantity) if resource == CPU else int(quantity)


def quantity_of(knob: Knob, to: Value) -> tuple[int | float, str]:
    """Return a value as it would be read back, and as it is written. Raises InvalidValue for what Kubernetes cannot hold."""
    knob.checked(to)
    exact = Fraction(str(to))
    if PARTS[knob.name][1] == CPU:
        if (exact * 1000).denominator != 1:
            raise InvalidValue(f"{knob.name} takes whole thousandths of a core, not {to}")
        return float(exact), cores_text(float(exact))
    if exact.denominator != 1:
        raise InvalidValue(f"{knob.name} takes whole bytes, not {to}")
    return int(exact), bytes_text(int(exact))


def disruption_of(workload: Workload) -> Disruption:
    """A Deployment brings up the new before it ends the old; where it does not, and in a StatefulSet, a replica is missed."""
    rolling = workload.spec.strategy.type == "RollingUpdate" and workload.spec.replicas > 0
    return Disruption.RELOAD if rolling and not _ordinals(workload) else Disruption.RESTART


def why_not_rolled(workload: Workload) -> str:
    """Return why a change of the template would not reach every replica, "" where it does."""
    if workload.spec.paused:
        return "its rollout is paused"
    strategy = workload.spec.update_strategy
    if strategy.type == "OnDelete":
        return "its replicas take a change when somebody deletes them (OnDelete)"
    if strategy.rolling_update is not None and strategy.rolling_update.partition > 0:
        return f"its rollout stops at the partition {strategy.rolling_update.partition}"
    return ""


def resource_path(container: Container, part: str, resource: str) -> tuple[str, ...]:
    """Return where fieldsV1 keeps who set it."""
    key = f'k:{{"name":"{container.name}"}}'
    template = ("f:spec", "f:template", "f:spec", "f:containers", key)
    return (*template, "f:resources", f"f:{part}", f"f:{resource}")


def _ordinals(workload: Workload) -> bool:
    return workload.kind == "StatefulSet"
