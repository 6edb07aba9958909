"""What of a workload can be turned now, and why the rest cannot: owners, rights and the shape of the object decide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...domain import Knob, Plugin, Unobservable
from ..names import knob_named
from .client import Forbidden
from .cluster import AUTOSCALERS, Cluster, Right
from .objects import Autoscaler, Workload
from .ownership import applier_of, deployer_of
from .resource_knobs import PARTS, resource_knob, resource_path, why_not_rolled

WORKERS, WORKER_LIMIT, WORKER_FLOOR = "workers", "worker_limit", "worker_floor"
BOUNDS = {WORKER_LIMIT: "maxReplicas", WORKER_FLOOR: "minReplicas"}
REPLICAS = "replicas"


@dataclass(frozen=True, slots=True)
class Standing:
    """One look: the objects as they were read (an order names their versions), knobs, and reasons by the name of a knob."""

    workload: Workload
    autoscaler: Autoscaler | None
    knobs: tuple[Knob, ...]
    not_offered: Mapping[str, str]

    def knob(self, plugin: Plugin, name: str) -> Knob:
        """Raises NotFound, with the reason where there is one."""
        return knob_named(self.knobs, plugin, name, self.not_offered.get(name, ""))


def standing(cluster: Cluster, workload: Workload, peak_bytes: Mapping[str, float]) -> Standing:
    """Return what can be turned. `peak_bytes`: the most memory that each container was seen to use."""
    knobs: list[Knob] = []
    reasons: dict[str, str] = {}
    try:
        autoscaler = cluster.autoscaler()
    except Forbidden as error:
        autoscaler = None
        reasons[WORKERS] = f"whether an autoscaler sets it cannot be read: {error}"
    found = [*_counts(cluster, workload, autoscaler), *_resources(cluster, workload, peak_bytes)]
    for name, knob in found:
        if name in reasons:
            continue
        if isinstance(knob, Knob):
            knobs.append(knob)
        else:
            reasons[name] = knob
    return Standing(workload, autoscaler, tuple(knobs), reasons)


def _counts(cluster: Cluster, workload: Workload, autoscaler: Autoscaler | None) -> Iterator[tuple[str, Knob | str]]:
    if autoscaler is None:
        yield WORKERS, _why_no_count(cluster, workload) or _workers(cluster, workload)
        return
    name = autoscaler.metadata.name
    yield WORKERS, f"the autoscaler {name!r} sets it: its bounds are turned instead"
    why = _why_no_bound(cluster, autoscaler)
    most = max(cluster.settings.most_replicas, autoscaler.spec.max_replicas)
    low, high = autoscaler.spec.min_replicas, autoscaler.spec.max_replicas
    limit = Knob(WORKER_LIMIT, high, max(low, 1), most, unit=REPLICAS, kind=WORKER_LIMIT)
    yield WORKER_LIMIT, why or limit
    if low < 1:
        yield WORKER_FLOOR, f"the autoscaler {name!r} may scale to none: that is left as it is"
    else:
        yield WORKER_FLOOR, why or Knob(WORKER_FLOOR, low, 1, high, unit=REPLICAS, kind="setting")


def _workers(cluster: Cluster, workload: Workload) -> Knob:
    value = workload.spec.replicas
    most = max(cluster.settings.most_replicas, value)
    return Knob(WORKERS, value, 1, most, unit=REPLICAS, kind=WORKERS)


def _why_no_count(cluster: Cluster, workload: Workload) -> str:
    if workload.spec.replicas < 1:
        return "it was scaled to none: that is left as it is"
    if why := _why_deployed(cluster, workload, ("f:spec", "f:replicas")):
        return why
    return _why_forbidden(cluster, "apps", f"{cluster.settings.kind}/scale", cluster.settings.name)


def _why_no_bound(cluster: Cluster, autoscaler: Autoscaler) -> str:
    for owner in autoscaler.metadata.owner_references:
        return f"the autoscaler is kept by {owner.kind} {owner.name!r}: its bounds are set there"
    if deployer := deployer_of(autoscaler.metadata):
        return f"{deployer} deploys the autoscaler: its bounds are set there"
    for bound in BOUNDS.values():
        if applier := applier_of(autoscaler.metadata, ("f:spec", f"f:{bound}")):
            return f"{applier!r} applies the autoscaler's {bound}: it is set there"
    return _why_forbidden(cluster, "autoscaling", AUTOSCALERS, autoscaler.metadata.name)


def _resources(
    cluster: Cluster, workload: Workload, peak_bytes: Mapping[str, float]
) -> Iterator[tuple[str, Knob | str]]:
    containers = workload.spec.template.spec.containers
    wanted = cluster.settings.container or (containers[0].name if containers else "")
    container = next((each for each in containers if each.name == wanted), None)
    if container is None:
        raise Unobservable(f"it has no container {wanted!r}; it has {', '.join(each.name for each in containers)}")
    why = why_not_rolled(workload) or _why_forbidden(cluster, "apps", str(cluster.settings.kind), cluster.settings.name)
    for name, (part, resource) in PARTS.items():
        applied = _why_deployed(cluster, workload, resource_path(container, part, resource))
        yield (
            name,
            why
            or applied
            or resource_knob(cluster.settings, workload, container, name, peak_bytes.get(container.name, 0.0)),
        )


def _why_deployed(cluster: Cluster, workload: Workload, path: tuple[str, ...]) -> str:
    if deployer := deployer_of(workload.metadata):
        return f"{deployer} deploys {cluster.settings.name}: it is set there"
    if applier := applier_of(workload.metadata, path):
        return f"{applier!r} applies it (server-side apply): it is set there"
    return ""


def _why_forbidden(cluster: Cluster, group: str, resource: str, name: str) -> str:
    right = Right("patch", group, resource, name)
    return "" if cluster.may(right) else f"we may not {right.told}: docs/KUBERNETES.md has the role that allows it"
