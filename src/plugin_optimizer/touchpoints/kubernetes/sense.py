"""What can be measured of a workload: replicas that are ready, restarts, containers killed for memory, and use where it is measured."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...domain import Metric
from .client import Absent, Forbidden
from .cluster import Cluster
from .objects import ContainerStatus, Pod, PodUsage, Resources, Workload
from .quantity import parse_quantity

OOM_KILLED = "OOMKilled"
Counts = Mapping[tuple[str, str], int]  # restarts by (pod uid, container)


@dataclass(slots=True)
class Senses:
    """Remembers restarts of the last look, and the most memory each container used. All of it can be lost."""

    restarts: dict[str, Counts] = field(default_factory=dict)  # by plugin
    peak_bytes: dict[str, dict[str, float]] = field(default_factory=dict)  # by plugin and container
    lock: threading.Lock = field(default_factory=threading.Lock)

    def peaks(self, plugin_id: str) -> Mapping[str, float]:
        """Return the most bytes that each container of a replica was seen to use."""
        with self.lock:
            return dict(self.peak_bytes.get(plugin_id, {}))

    def figures(self, plugin_id: str, cluster: Cluster, workload: Workload) -> Mapping[Metric, float]:
        """Return what is known now; what we may not read, or this cluster does not measure, is left out."""
        found = {Metric.UP: 1.0, Metric.WORKERS: float(workload.status.ready_replicas)}
        try:
            pods = cluster.pods(workload.spec.selector)
        except Forbidden:
            return found
        found |= self._restarts(plugin_id, pods)
        try:
            usage = cluster.usage(workload.spec.selector)
        except (Absent, Forbidden):  # no metrics-server, or not for us
            return found
        return found | dict(self._use(plugin_id, pods, usage))

    def _restarts(self, plugin_id: str, pods: Sequence[Pod]) -> Mapping[Metric, float]:
        seen = {(pod.metadata.uid, each.name): each for pod in pods for each in pod.status.container_statuses}
        with self.lock:
            before = self.restarts.get(plugin_id)
            self.restarts[plugin_id] = {key: each.restart_count for key, each in seen.items()}
        if before is None:
            return {}
        again = {key: each for key, each in seen.items() if each.restart_count > before.get(key, 0)}
        restarts = sum(each.restart_count - before.get(key, 0) for key, each in again.items())
        killed = sum(map(_killed_for_memory, again.values()))
        return {Metric.RESTARTS: float(restarts), Metric.OOM_KILLS: float(killed)}

    def _use(self, plugin_id: str, pods: Sequence[Pod], usage: Sequence[PodUsage]) -> Iterator[tuple[Metric, float]]:
        limits = {pod.metadata.name: [each.resources for each in pod.spec.containers] for pod in pods}
        used = [each for each in usage if each.metadata.name in limits]
        if not used:
            return
        memory = {each.metadata.name: _sum(each, "memory") for each in used}
        cores = {each.metadata.name: _sum(each, "cpu") for each in used}
        self._remember(plugin_id, used)
        yield Metric.MEMORY_BYTES, sum(memory.values())
        yield Metric.WORKER_MEMORY_BYTES, max(memory.values())
        yield Metric.CPU_CORES, sum(cores.values())
        bounds = {name: _limit(limits[name], "memory") for name in memory}
        if all(bounds.values()):
            yield Metric.MEMORY_RATIO, max(memory[name] / bounds[name] for name in memory)
        quotas = {name: _limit(limits[name], "cpu") for name in cores}
        if all(quotas.values()):
            yield Metric.CPU_RATIO, sum(cores.values()) / sum(quotas.values())

    def _remember(self, plugin_id: str, usage: Sequence[PodUsage]) -> None:
        with self.lock:
            peaks = self.peak_bytes.setdefault(plugin_id, {})
            for container in (each for pod in usage for each in pod.containers if "memory" in each.usage):
                used = float(parse_quantity(container.usage["memory"]))
                peaks[container.name] = max(peaks.get(container.name, 0.0), used)


def _killed_for_memory(status: ContainerStatus) -> bool:
    ended = status.last_state.terminated
    return ended is not None and ended.reason == OOM_KILLED


def _sum(usage: PodUsage, resource: str) -> float:
    return float(sum(parse_quantity(each.usage[resource]) for each in usage.containers if resource in each.usage))


def _limit(containers: Sequence[Resources], resource: str) -> float:
    """Return what all containers of a replica may have together, 0 where one of them is not bounded."""
    limits = [each.limits.get(resource) for each in containers]
    return float(sum(parse_quantity(limit) for limit in limits)) if limits and None not in limits else 0.0
