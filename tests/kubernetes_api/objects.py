"""Objects as somebody would apply them."""

from typing import Any


def workload(name: str = "shop", replicas: int = 2, **spec: Any) -> dict[str, Any]:
    """Return a Deployment (or the spec of a StatefulSet) of an application with a sidecar beside it."""
    labels = {"app": name}
    resources = {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "250m", "memory": "128Mi"}}
    containers = [
        {"name": "app", "image": "shop:1", "resources": resources},
        {"name": "proxy", "image": "proxy:1", "resources": {"limits": {"cpu": "100m", "memory": "64Mi"}}},
    ]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template, **spec},
    }


def autoscaler(target: str = "shop", least: int = 2, most: int = 4, kind: str = "Deployment") -> dict[str, Any]:
    reference = {"apiVersion": "apps/v1", "kind": kind, "name": target}
    spec = {"scaleTargetRef": reference, "minReplicas": least, "maxReplicas": most}
    return {"metadata": {"name": f"{target}-hpa"}, "spec": spec}
