"""The objects of Kubernetes as far as they are read here: apps/v1, core/v1, autoscaling/v2, metrics.k8s.io/v1beta1."""

from typing import Any, TypeVar

import msgspec

from ...domain import Unobservable
from .client import Document

Kind = TypeVar("Kind", bound="Part")


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The base of all: names as Go writes them; what is not named here is passed over."""


class Owner(Part, frozen=True, kw_only=True):
    kind: str
    name: str


class ManagedFields(Part, frozen=True, kw_only=True):
    """Who wrote which fields, and how (`Apply` is server-side apply: it will write them again)."""

    manager: str = ""
    operation: str = ""
    fields: dict[str, Any] = msgspec.field(default_factory=dict, name="fieldsV1")


class Meta(Part, frozen=True, kw_only=True):
    name: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    deletion_timestamp: str | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: list[Owner] = []
    managed_fields: list[ManagedFields] = []


class Resources(Part, frozen=True, kw_only=True):
    """By name (`cpu`, `memory`), as quantities."""

    limits: dict[str, str | int] = {}
    requests: dict[str, str | int] = {}


class Container(Part, frozen=True, kw_only=True):
    name: str
    resources: Resources = Resources()


class PodSpec(Part, frozen=True, kw_only=True):
    containers: list[Container] = []


class PodTemplate(Part, frozen=True, kw_only=True):
    spec: PodSpec = PodSpec()


class Requirement(Part, frozen=True, kw_only=True):
    key: str
    operator: str
    values: list[str] = []


class Selector(Part, frozen=True, kw_only=True):
    match_labels: dict[str, str] = {}
    match_expressions: list[Requirement] = []

    def text(self) -> str:
        """Return it as the `labelSelector` of a list."""
        words = {
            "In": "{key} in ({values})",
            "NotIn": "{key} notin ({values})",
            "Exists": "{key}",
            "DoesNotExist": "!{key}",
        }
        parts = [f"{key}={value}" for key, value in self.match_labels.items()]
        for each in self.match_expressions:
            if each.operator not in words:
                raise Unobservable(f"its selector has an operator {each.operator!r}; known are {', '.join(words)}")
            parts.append(words[each.operator].format(key=each.key, values=",".join(each.values)))
        return ",".join(parts)


class RollingUpdate(Part, frozen=True, kw_only=True):
    partition: int = 0


class Strategy(Part, frozen=True, kw_only=True):
    type: str = "RollingUpdate"
    rolling_update: RollingUpdate | None = None


class WorkloadSpec(Part, frozen=True, kw_only=True):
    replicas: int = 1
    paused: bool = False
    selector: Selector = Selector()
    template: PodTemplate = PodTemplate()
    strategy: Strategy = Strategy()  # of a Deployment
    update_strategy: Strategy = Strategy()  # of a StatefulSet


class Condition(Part, frozen=True, kw_only=True):
    type: str
    status: str
    reason: str = ""
    message: str = ""


class WorkloadStatus(Part, frozen=True, kw_only=True):
    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    conditions: list[Condition] = []


class Workload(Part, frozen=True, kw_only=True):
    """A Deployment or StatefulSet."""

    kind: str
    metadata: Meta
    spec: WorkloadSpec
    status: WorkloadStatus = WorkloadStatus()


class TargetReference(Part, frozen=True, kw_only=True):
    kind: str
    name: str


class AutoscalerSpec(Part, frozen=True, kw_only=True):
    scale_target_ref: TargetReference
    max_replicas: int
    min_replicas: int = 1


class Autoscaler(Part, frozen=True, kw_only=True):
    """A HorizontalPodAutoscaler."""

    metadata: Meta
    spec: AutoscalerSpec


class Autoscalers(Part, frozen=True, kw_only=True):
    items: list[Autoscaler]


class Terminated(Part, frozen=True, kw_only=True):
    reason: str = ""
    exit_code: int = 0


class ContainerState(Part, frozen=True, kw_only=True):
    terminated: Terminated | None = None


class ContainerStatus(Part, frozen=True, kw_only=True):
    name: str
    restart_count: int = 0
    last_state: ContainerState = ContainerState()


class PodStatus(Part, frozen=True, kw_only=True):
    phase: str = ""
    container_statuses: list[ContainerStatus] = []


class Pod(Part, frozen=True, kw_only=True):
    metadata: Meta
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class Pods(Part, frozen=True, kw_only=True):
    items: list[Pod]


class ContainerUsage(Part, frozen=True, kw_only=True):
    name: str
    usage: dict[str, str | int]


class PodUsage(Part, frozen=True, kw_only=True):
    metadata: Meta
    containers: list[ContainerUsage] = []


class PodUsages(Part, frozen=True, kw_only=True):
    items: list[PodUsage]


class ReviewStatus(Part, frozen=True, kw_only=True):
    allowed: bool
    reason: str = ""


class Review(Part, frozen=True, kw_only=True):
    status: ReviewStatus


def read(document: Document, kind: type[Kind]) -> Kind:
    """Return the object that a document is. Raises Unobservable for one of another form."""
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise Unobservable(f"the API server answered no {kind.__name__}: {error}") from error
