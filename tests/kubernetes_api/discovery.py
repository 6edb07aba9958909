"""Which resources there are, as kubectl asks before it does anything."""

from .cluster import Document

RESOURCES = {
    "apps/v1": (
        ("deployments", "Deployment"),
        ("deployments/scale", "Scale"),
        ("statefulsets", "StatefulSet"),
        ("statefulsets/scale", "Scale"),
    ),
    "autoscaling/v2": (("horizontalpodautoscalers", "HorizontalPodAutoscaler"),),
    "authorization.k8s.io/v1": (("selfsubjectaccessreviews", "SelfSubjectAccessReview"),),
    "metrics.k8s.io/v1beta1": (("pods", "PodMetrics"),),
}
CORE = (("pods", "Pod"),)
VERBS = ["get", "list", "patch", "update", "create"]


def discovery(path: str) -> Document | None:
    """Return the document of a path that tells what there is, None for every other."""
    name = path.strip("/")
    if name == "api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if name == "apis":
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(version) for version in RESOURCES]}
    if name == "api/v1":
        return _resources("v1", CORE)
    version = name.removeprefix("apis/")
    return _resources(version, RESOURCES[version]) if version in RESOURCES and version != name else None


def _group(version: str) -> Document:
    entry = {"groupVersion": version, "version": version.partition("/")[2]}
    return {"name": version.partition("/")[0], "versions": [entry], "preferredVersion": entry}


def _resources(version: str, found: tuple[tuple[str, str], ...]) -> Document:
    resources = []
    for name, kind in found:
        entry: Document = {
            "name": name,
            "singularName": "",
            "namespaced": kind != "SelfSubjectAccessReview",
            "kind": kind,
        }
        if kind == "Scale":
            entry |= {"group": "autoscaling", "version": "v1"}
        resources.append({**entry, "verbs": VERBS})
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}
