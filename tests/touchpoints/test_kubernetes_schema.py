"""What is sent and what the miniature cluster answers fits the published OpenAPI, as the models of the official client have it.

Runs where that is installed: `pip install kubernetes==37.0.1`. It is no dependency of ours.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.touchpoints.kubernetes import KubernetesTouchpoint
from tests.kubernetes_api.objects import autoscaler, workload
from tests.kubernetes_api.server import EVERYTHING, OF_PEOPLE, ApiServer, running_api_server

kubernetes = pytest.importorskip("kubernetes", reason="the official client is not installed")
MEBIBYTE = 1 << 20
MODELS = {
    "selfsubjectaccessreviews": "V1SelfSubjectAccessReview",
    "scale": "V1Scale",
    "shop": "V1Deployment",
    "menu-hpa": "V2HorizontalPodAutoscaler",
}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiServer]:
    with running_api_server(tmp_path) as server:
        server.rights |= {"operator": EVERYTHING, "person": EVERYTHING | OF_PEOPLE}
        server.cluster.add("deployments", workload())
        server.cluster.add("deployments", workload("menu"))
        server.cluster.add("horizontalpodautoscalers", autoscaler("menu"))
        kubernetes.config.load_kube_config(config_file=str(server.kubeconfig("person")))
        yield server


def test_the_official_client_takes_every_answer(api: ApiServer) -> None:
    """Its models check types and what is required; a stale version is a 409 with a Status."""
    apps, client = kubernetes.client.AppsV1Api(), kubernetes.client
    deployment = apps.read_namespaced_deployment("shop", "shop")
    assert (deployment.spec.replicas, deployment.status.available_replicas) == (2, 2)
    scale = apps.read_namespaced_deployment_scale("shop", "shop")
    assert (scale.spec.replicas, scale.status.selector) == (2, "app=shop")
    body = {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 3}}
    with pytest.raises(client.ApiException) as raised:
        apps.patch_namespaced_deployment_scale("shop", "shop", body, _content_type="application/merge-patch+json")
    assert raised.value.status == 409
    assert len(client.CoreV1Api().list_namespaced_pod("shop", label_selector="app=shop").items) == 2
    (found,) = client.AutoscalingV2Api().list_namespaced_horizontal_pod_autoscaler("shop").items
    assert found.spec.scale_target_ref.name == "menu"
    asked = client.V1ResourceAttributes(namespace="shop", verb="patch", group="apps", resource="deployments")
    review = client.V1SelfSubjectAccessReview(spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=asked))
    assert client.AuthorizationV1Api().create_self_subject_access_review(review).status.allowed


def test_every_field_that_is_sent_is_in_the_schema(api: ApiServer) -> None:
    """Replicas, a limit, a bound, and the question what we may."""
    for name, orders in {
        "shop": {"workers": 5, "container_memory_limit": 320 * MEBIBYTE},
        "menu": {"worker_limit": 7},
    }.items():
        plugin = Plugin(name, "kubernetes", {"name": name, "kubeconfig": str(api.kubeconfig("operator"))})
        touchpoint = KubernetesTouchpoint((plugin,))
        for knob, value in orders.items():
            touchpoint.turn(plugin, knob, value)
            api.cluster.tick()
    sent = [(path.rpartition("/")[2], body) for method, path, body in api.log if method != "GET"]
    assert {name for name, _ in sent} == set(MODELS)
    for name, body in sent:
        check_fields(body, MODELS[name])


def check_fields(value: Any, kind: str) -> None:
    """Fail for a name that the model of this kind does not have, at any depth."""
    if listed := re.fullmatch(r"[Ll]ist\[(.*)\]", kind):
        for each in value:
            check_fields(each, listed[1])
        return
    model = getattr(kubernetes.client, kind, None)
    if model is None:  # a text, a number, or names of one's own (limits, labels)
        return
    names = {sent: name for name, sent in model.attribute_map.items()}
    for sent, inner in value.items():
        assert sent in names, f"{kind} has no {sent}"
        check_fields(inner, model.openapi_types[names[sent]])
