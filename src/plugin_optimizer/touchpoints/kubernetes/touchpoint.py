"""The touchpoint of Kubernetes: a Deployment or StatefulSet, its replicas or its autoscaler's bounds, its containers' resources."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from ...domain import (
    Capability,
    ConfigError,
    Gone,
    InvalidValue,
    Knob,
    Metric,
    OptimizerError,
    Plugin,
    Pool,
    Refused,
    Sample,
    Unobservable,
    Value,
)
from .access import Access, open_access
from .capabilities import CAPABILITIES
from .client import ClusterClient, Declined, Moved
from .cluster import Cluster
from .objects import Workload
from .resource_knobs import CPU, LIMITS, PARTS, REQUESTS, amount, quantity_of
from .rollout import check_complete, check_observed
from .sense import Senses
from .settings import KubernetesSettings, kubernetes_settings
from .standing import BOUNDS, WORKERS, Standing, standing

TRIES = 3  # while the status of an object changes, its version does, too
ACCESS_SECONDS = 300.0  # then certificates and kubeconfig are read again


@dataclass(frozen=True)
class KubernetesTouchpoint:
    """Measures and turns the workloads that the configuration of this process names. Thread-safe.

    What is ordered is compared and set by the version of the object that was read, and written where it lasts: the object
    is what a cluster keeps. It shows as soon as the controller has taken it up; how many replicas serve is told by
    `pool`, which is not there while they are on their way (a verdict waits for it).
    """

    configured: tuple[Plugin, ...] = ()
    kind: str = field(default="kubernetes", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    reach: Callable[[KubernetesSettings], Access] = open_access
    steady: Callable[[], float] = time.monotonic
    _own: dict[str, KubernetesSettings] = field(default_factory=dict, init=False, repr=False, compare=False)
    _clusters: dict[str, tuple[float, Cluster]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lives: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _senses: Senses = field(default_factory=Senses, init=False, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises ConfigError, also for one workload under two names: it would be turned twice."""
        for plugin in self.configured:
            if plugin.touchpoint == self.kind:
                settings = kubernetes_settings(plugin)
                twin = next((name for name, known in self._own.items() if _same(known, settings)), None)
                if twin is not None:
                    raise ConfigError(f"plugins.{plugin.plugin_id} is the same {settings.workload} as plugins.{twin}")
                self._own[plugin.plugin_id] = settings

    def discover(self) -> list[Plugin]:
        """Return the named workloads that can be read."""
        return [plugin for plugin, why in self.found() if not why]

    def found(self) -> list[tuple[Plugin, str]]:
        """Return every named workload, and why it cannot be read ("" where it can)."""
        return [(plugin, self._trouble(plugin)) for plugin in self.configured if plugin.plugin_id in self._own]

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return what the cluster tells; restarts from the second call on. Raises Unobservable."""
        try:
            cluster = self._cluster(plugin)
            figures = self._senses.figures(plugin.plugin_id, cluster, cluster.workload())
        except Gone:
            return [Sample(plugin.plugin_id, Metric.UP, now, 0.0)]
        return [Sample(plugin.plugin_id, metric, now, value) for metric, value in figures.items()]

    def pool(self, plugin: Plugin) -> Pool:
        """Return how many replicas serve. Raises Gone, Unobservable (also while they are on their way to what was ordered)."""
        workload = self._cluster(plugin).workload()
        check_complete(workload)
        replicas = workload.status.available_replicas
        return Pool(kind=self.kind, workers=replicas, cores=_cores(self._own[plugin.plugin_id], workload, replicas))

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return what is ordered, once the controller has seen it. Raises Gone, Unobservable."""
        found = self._standing(plugin)
        self._lives[plugin.plugin_id] = found.workload.metadata.uid
        return list(found.knobs)

    def not_offered(self, plugin: Plugin) -> dict[str, str]:
        """Return why others are not among `knobs`. Raises Gone, Unobservable."""
        return dict(self._standing(plugin).not_offered)

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Order a value, compared and set. Raises NotFound, InvalidValue, Refused (nothing happened), Gone, Unobservable."""
        found = self._standing(plugin)
        self._check_life(plugin, found)
        seen = found.knob(plugin, knob)
        value = _checked(seen, to)
        if value == seen.value:
            return
        for _ in range(TRIES):
            try:
                self._order(plugin, found, seen, value)
            except Moved:
                found = self._ordered(plugin)
                if found.knob(plugin, knob).value != seen.value:
                    raise Unobservable(f"{knob} of {plugin.plugin_id} was turned by somebody else just now") from None
            except (Declined, Unobservable) as error:
                self._settle(plugin, seen, value, error)
                return
            else:
                return
        raise Unobservable(f"{plugin.plugin_id} changed {TRIES} times while {knob} was to be turned")

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """The object is what lasts: True where it says so. Raises NotFound, InvalidValue, Gone, Unobservable."""
        found = self._standing(plugin).knob(plugin, knob)
        if found.value != _checked(found, to):
            raise InvalidValue(f"{knob} of {plugin.plugin_id} is {found.value!r}: {to!r} cannot be made to last")
        return found.persistent

    def incarnation(self, plugin: Plugin) -> str:
        """Name the object: one that was deleted and made anew is another. Raises Gone, Unobservable."""
        return self._cluster(plugin).workload().metadata.uid

    def _trouble(self, plugin: Plugin) -> str:
        try:
            self._cluster(plugin).workload()
        except Unobservable as error:
            return str(error)
        return ""

    def _standing(self, plugin: Plugin) -> Standing:
        """Return how it stands, once the controller has seen what was ordered."""
        found = self._ordered(plugin)
        check_observed(found.workload)
        return found

    def _ordered(self, plugin: Plugin) -> Standing:
        """Return how it was ordered to stand."""
        cluster = self._cluster(plugin)
        return standing(cluster, cluster.workload(), self._senses.peaks(plugin.plugin_id))

    def _order(self, plugin: Plugin, found: Standing, knob: Knob, to: Value) -> None:
        cluster = self._cluster(plugin)
        if knob.name == WORKERS:
            cluster.scale(found.workload, int(to))
        elif knob.name in BOUNDS and found.autoscaler is not None:
            cluster.set_bound(found.autoscaler, BOUNDS[knob.name], int(to))
        else:
            part, resource = PARTS[knob.name]
            container = cluster.settings.container or found.workload.spec.template.spec.containers[0].name
            cluster.set_resource(found.workload, container, part, resource, quantity_of(knob, to)[1])

    def _settle(self, plugin: Plugin, knob: Knob, to: Value, error: OptimizerError) -> None:
        """An error reply is not believed: look. Raises Refused where it was declined and shows as it was, else Unobservable."""
        value = self._ordered(plugin).knob(plugin, knob.name).value
        if value == to:
            return
        if isinstance(error, Declined) and value == knob.value:
            raise Refused(f"the API server declined: {error}") from error
        raise Unobservable(f"{knob.name} of {plugin.plugin_id} was to be {to!r} and is {value!r}: {error}") from error

    def _cluster(self, plugin: Plugin) -> Cluster:
        settings = self._own.get(plugin.plugin_id)
        if settings is None:
            raise Gone(f"the configuration of this process names no kubernetes {plugin.plugin_id}")
        with self._lock:
            since, known = self._clusters.get(plugin.plugin_id, (0.0, None))
            if known is None or self.steady() - since > ACCESS_SECONDS:
                known = Cluster(ClusterClient(self.reach(settings), settings.timeout_seconds), settings)
                self._clusters[plugin.plugin_id] = (self.steady(), known)
            return known

    def _check_life(self, plugin: Plugin, found: Standing) -> None:
        """Let an object that was made anew between the look and the deed be looked at first."""
        uid = found.workload.metadata.uid
        if self._lives.get(plugin.plugin_id, uid) != uid:
            raise Unobservable(f"{plugin.plugin_id} was deleted and made anew since it was looked at")


def _same(one: KubernetesSettings, other: KubernetesSettings) -> bool:
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("kubeconfig", "context", "namespace", "workload", "name")
    )


def _checked(knob: Knob, to: Value) -> Value:
    """Return `to` as it would be read back. Raises InvalidValue."""
    if knob.name in PARTS:
        return quantity_of(knob, to)[0]
    value = knob.checked(to)
    if isinstance(value, float) and not value.is_integer():
        raise InvalidValue(f"{knob.name} takes a whole number, not {value:g}")
    return int(value)


def _cores(settings: KubernetesSettings, workload: Workload, replicas: int) -> float:
    """Return what its replicas may use in the long run: their limits, else what they ask for, else a core each."""
    containers = workload.spec.template.spec.containers
    own = next((each for each in containers if each.name == settings.container), containers[0] if containers else None)
    each = None if own is None else amount(own, LIMITS, CPU) or amount(own, REQUESTS, CPU)
    return float(replicas * (each or 1.0)) or 1.0
