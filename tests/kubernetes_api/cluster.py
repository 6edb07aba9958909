"""The state of the miniature cluster and what its controllers make of it.

It does what was recorded of a real kube-apiserver and kube-controller-manager 1.20 and is published of later ones: an optimistic lock on
`resourceVersion` (409 with a Status), `generation` that counts changes of the spec, `observedGeneration` that follows, replicas that come
one by one, a rollout that replaces them one by one, an autoscaler that pulls the count back between its bounds, validation (422).
"""

import copy
import itertools
import threading
import uuid
from typing import Any

from .patches import merged

NAMESPACE = "shop"
Document = dict[str, Any]


class Answer(Exception):
    """What is answered instead: a Status object."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.document = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "code": code,
        }


class Cluster:
    """Workloads and autoscalers of one namespace. Thread-safe: every method holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.versions = itertools.count(1000)
        self.objects: dict[tuple[str, str], Document] = {}  # by resource and name
        self.pods: dict[str, list[Document]] = {}  # by workload
        self.usage: dict[str, Document] = {}  # by pod: what metrics.k8s.io says of it
        self.never_ready = False  # new replicas stay pending
        self.patience = 0  # ticks until a controller looks at something again

    def add(self, resource: str, document: Document) -> Document:
        """Take in an object as somebody created it, and let the controllers settle it."""
        document = copy.deepcopy(document)
        document["metadata"] |= {"namespace": NAMESPACE, "uid": str(uuid.uuid4()), "generation": 1}
        with self.lock:
            self.objects[resource, document["metadata"]["name"]] = document
            self._touch(document)
            for _ in range(20):
                self.tick()
        return document

    def get(self, resource: str, name: str) -> Document:
        with self.lock:
            if (resource, name) not in self.objects:
                raise Answer(404, "NotFound", f'{resource} "{name}" not found')
            return copy.deepcopy(self.objects[resource, name])

    def named(self, resource: str) -> list[Document]:
        with self.lock:
            return [copy.deepcopy(found) for (kind, _), found in self.objects.items() if kind == resource]

    def patch(self, resource: str, name: str, change: Document, *, strategic: bool, manager: str) -> Document:
        """Lay a patch over an object, if it is still at the version the patch names."""
        with self.lock:
            old = self.get(resource, name)
            new = merged(old, change, strategic=strategic)
            given = change.get("metadata", {}).get("resourceVersion")
            if given is not None and given != old["metadata"]["resourceVersion"]:
                raise Answer(
                    409,
                    "Conflict",
                    f'Operation cannot be fulfilled on {resource}.apps "{name}": the object has been modified; please '
                    "apply your changes to the latest version and try again",
                )
            _validate(resource, new)
            if new["spec"] != old["spec"]:
                new["metadata"]["generation"] = old["metadata"]["generation"] + 1
                new["metadata"].setdefault("managedFields", []).append(_managed(manager, change["spec"]))
            self.objects[resource, name] = new
            self._touch(new)
            return copy.deepcopy(new)

    def serve(self) -> None:
        """Let every replica that was pending become ready."""
        with self.lock:
            self.never_ready = False
            for pod in (each for pods in self.pods.values() for each in pods):
                pod["ready"] = True

    def restart(self, workload: str, *, reason: str, index: int = 0) -> None:
        """Let a container of a replica end and be started again by the kubelet."""
        with self.lock:
            status = self.pods[workload][index]["status"]["containerStatuses"][0]
            status["restartCount"] += 1
            status["lastState"] = {"terminated": {"reason": reason, "exitCode": 137 if reason == "OOMKilled" else 1}}

    def tick(self) -> None:
        """Let each controller take one step."""
        with self.lock:
            if self.patience > 0:
                self.patience -= 1
                return
            for (resource, name), document in list(self.objects.items()):
                if resource == "horizontalpodautoscalers":
                    self._autoscale(document)
                else:
                    self._reconcile(name, document)

    def _reconcile(self, name: str, document: Document) -> None:
        spec, status, before = document["spec"], document.setdefault("status", {}), copy.deepcopy(document["status"])
        status["observedGeneration"] = document["metadata"]["generation"]
        pods, template = self.pods.setdefault(name, []), spec["template"]
        old = [pod for pod in pods if pod["made_of"] != template]
        if len(pods) > spec["replicas"]:
            pods.remove(old[0] if old else pods[-1])
        elif len(pods) < spec["replicas"]:
            pods.append(self._pod(name, document))
        elif old and not self.never_ready:
            pods[pods.index(old[0])] = self._pod(name, document)
        ready = [pod for pod in pods if pod["ready"]]
        status |= {
            "replicas": len(pods),
            "readyReplicas": len(ready),
            "availableReplicas": len(ready),
            "updatedReplicas": len([pod for pod in pods if pod["made_of"] == template]),
        }
        if status != before:
            self._touch(document)

    def _pod(self, workload: str, document: Document) -> Document:
        template = document["spec"]["template"]
        serves = not self.never_ready
        return {
            "metadata": {
                "name": f"{workload}-{uuid.uuid4().hex[:5]}",
                "namespace": NAMESPACE,
                "uid": str(uuid.uuid4()),
            },
            "labels": template["metadata"]["labels"],
            "spec": template["spec"],
            "status": {
                "phase": "Running" if serves else "Pending",
                "containerStatuses": [_status_of(each, serves) for each in template["spec"]["containers"]],
            },
            "made_of": copy.deepcopy(template),
            "ready": serves,
        }

    def _autoscale(self, document: Document) -> None:
        spec, target = document["spec"], document["spec"]["scaleTargetRef"]
        workload = self.objects.get((f"{target['kind'].lower()}s", target["name"]))
        if workload is None:
            return
        wanted = min(max(workload["spec"]["replicas"], spec.get("minReplicas", 1)), spec["maxReplicas"])
        if wanted != workload["spec"]["replicas"]:
            workload["spec"]["replicas"] = wanted
            workload["metadata"]["generation"] += 1
            self._touch(workload)

    def _touch(self, document: Document) -> None:
        document["metadata"]["resourceVersion"] = str(next(self.versions))


def _status_of(container: Document, ready: bool) -> Document:
    told = {"name": container["name"], "image": container["image"], "imageID": f"sha256:{container['image']}"}
    return {**told, "ready": ready, "restartCount": 0, "lastState": {}}


def _validate(resource: str, document: Document) -> None:
    name, spec = document["metadata"]["name"], document["spec"]
    if resource == "horizontalpodautoscalers" and spec.get("minReplicas", 1) > spec["maxReplicas"]:
        path = "spec.maxReplicas"
        raise Answer(
            422, "Invalid", f'{resource} "{name}" is invalid: {path}: must be greater than or equal to `minReplicas`'
        )
    if spec.get("replicas", 0) < 0:
        raise Answer(422, "Invalid", f'"{name}" is invalid: spec.replicas: must be greater than or equal to 0')
    for container in spec.get("template", {}).get("spec", {}).get("containers", []):
        _check_resources(name, container)


def _check_resources(name: str, container: Document) -> None:
    from plugin_optimizer.touchpoints.kubernetes.quantity import parse_quantity

    limits, requests = (container.get("resources", {}).get(part, {}) for part in ("limits", "requests"))
    for resource in set(limits) & set(requests):
        if parse_quantity(requests[resource]) > parse_quantity(limits[resource]):
            raise Answer(
                422, "Invalid", f'"{name}" is invalid: {resource} request must be less than or equal to its limit'
            )


def _managed(manager: str, spec: Document) -> Document:
    def fields(value: Any) -> Document:
        return {f"f:{name}": fields(inner) for name, inner in value.items()} if isinstance(value, dict) else {}

    return {"manager": manager, "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": fields(spec)}}
