"""A workload and what stands round it, as the cluster has it: one place that knows the paths of the API."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...domain import Unobservable
from .client import MERGE, STRATEGIC, Absent, ClusterClient, Document
from .objects import Autoscaler, Autoscalers, Pod, Pods, PodUsage, PodUsages, Review, Selector, Workload, read
from .settings import KubernetesSettings, WorkloadKind

REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
RIGHTS_SECONDS = 60.0
AUTOSCALERS = "horizontalpodautoscalers"
TARGET_KINDS = {WorkloadKind.DEPLOYMENT: "Deployment", WorkloadKind.STATEFULSET: "StatefulSet"}


@dataclass(frozen=True, slots=True)
class Right:
    """One thing to be allowed: a verb on a resource (`deployments/scale`) of a group, of one object where it is named."""

    verb: str
    group: str
    resource: str
    name: str = ""

    @property
    def told(self) -> str:
        group = f".{self.group}" if self.group else ""
        return f"{self.verb} {self.resource}{group}" + (f" {self.name!r}" if self.name else "")


@dataclass(slots=True)
class Cluster:
    """The cluster of one plugin, through one identity. Remembers for a minute what that one may do. Thread-safe."""

    client: ClusterClient
    settings: KubernetesSettings
    steady: Callable[[], float] = time.monotonic
    _rights: dict[Right, tuple[float, bool]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def namespace(self) -> str:
        return self.settings.namespace or self.client.access.namespace

    @property
    def place(self) -> str:
        """Return what tells this workload from every other."""
        return f"{self.client.access.server} {self.namespace} {self.settings.kind} {self.settings.name}"

    @property
    def path(self) -> str:
        return f"/apis/apps/v1/namespaces/{self.namespace}/{self.settings.kind}/{self.settings.name}"

    def workload(self) -> Workload:
        """Raises Absent, Forbidden, Unobservable."""
        found = read(self.client.get(self.path), Workload)
        if found.metadata.deletion_timestamp is not None:
            raise Absent(f"{self.settings.kind} {self.settings.name} is being deleted")
        return found

    def autoscaler(self) -> Autoscaler | None:
        """Return the autoscaler that owns the number of replicas. Raises Unobservable where there are several."""
        try:
            listed = read(self.client.get(self._namespaced("autoscaling/v2", AUTOSCALERS)), Autoscalers)
        except Absent as error:
            raise Unobservable(f"the cluster has no autoscaling/v2 (Kubernetes 1.23 has): {error}") from error
        wanted = (TARGET_KINDS[self.settings.kind], self.settings.name)
        own = [each for each in listed.items if _target(each) == wanted]
        if len(own) > 1:
            names = ", ".join(each.metadata.name for each in own)
            raise Unobservable(f"several autoscalers fight for {self.settings.name}: {names}")
        return own[0] if own else None

    def pods(self, selector: Selector) -> list[Pod]:
        """Return those that are not being deleted."""
        path = f"/api/v1/namespaces/{self.namespace}/pods"
        listed = read(self.client.get(path, labelSelector=selector.text()), Pods)
        return [pod for pod in listed.items if pod.metadata.deletion_timestamp is None]

    def usage(self, selector: Selector) -> list[PodUsage]:
        """Return what metrics.k8s.io measured. Raises Absent where the cluster has no such API."""
        path = self._namespaced("metrics.k8s.io/v1beta1", "pods")
        return read(self.client.get(path, labelSelector=selector.text()), PodUsages).items

    def scale(self, workload: Workload, replicas: int) -> None:
        """Order a number of replicas, if nothing changed since the workload was read. Raises Moved, Declined, Unobservable."""
        body = _merge(workload.metadata.resource_version, {"spec": {"replicas": replicas}})
        self.client.patch(f"{self.path}/scale", body, MERGE)

    def set_resource(self, workload: Workload, container: str, part: str, resource: str, quantity: str) -> None:
        """Order one limit or request of one container; the strategic merge leaves every other as it is. Raises as `scale`."""
        changed = {"name": container, "resources": {part: {resource: quantity}}}
        template = {"template": {"spec": {"containers": [changed]}}}
        body = _merge(workload.metadata.resource_version, {"spec": template})
        self.client.patch(self.path, body, STRATEGIC)

    def set_bound(self, autoscaler: Autoscaler, bound: str, replicas: int) -> None:
        """Order `minReplicas` or `maxReplicas`. Raises as `scale`."""
        body = _merge(autoscaler.metadata.resource_version, {"spec": {bound: replicas}})
        path = f"{self._namespaced('autoscaling/v2', AUTOSCALERS)}/{autoscaler.metadata.name}"
        self.client.patch(path, body, MERGE)

    def may(self, right: Right) -> bool:
        """Tell whether the API server would let us, as it says itself (SelfSubjectAccessReview)."""
        with self._lock:
            since, allowed = self._rights.get(right, (-RIGHTS_SECONDS, False))
        if self.steady() - since < RIGHTS_SECONDS:
            return allowed
        allowed = read(self.client.create(REVIEW, self._review(right)), Review).status.allowed
        with self._lock:
            self._rights[right] = (self.steady(), allowed)
        return allowed

    def _review(self, right: Right) -> Document:
        resource, _, subresource = right.resource.partition("/")
        attributes: dict[str, str] = {"namespace": self.namespace, "verb": right.verb, "group": right.group}
        attributes |= {"resource": resource, "name": right.name}
        if subresource:
            attributes["subresource"] = subresource
        kind = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"}
        return {**kind, "spec": {"resourceAttributes": attributes}}

    def _namespaced(self, api: str, resource: str) -> str:
        return f"/apis/{api}/namespaces/{self.namespace}/{resource}"


def _target(autoscaler: Autoscaler) -> tuple[str, str]:
    reference = autoscaler.spec.scale_target_ref
    return reference.kind, reference.name


def _merge(resource_version: str, change: dict[str, Any]) -> Document:
    return {"metadata": {"resourceVersion": resource_version}, **change}
