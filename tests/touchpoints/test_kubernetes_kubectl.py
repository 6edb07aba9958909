"""kubectl and we see the same workload, each what the other ordered: what we speak with is held to the types of a client we did not write."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.touchpoints.kubernetes import KubernetesTouchpoint
from tests.gunicorn_service import wait_for
from tests.kubernetes_api.objects import autoscaler, workload
from tests.kubernetes_api.server import EVERYTHING, OF_PEOPLE, ApiServer, running_api_server

pytestmark = [pytest.mark.live, pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")]
MEBIBYTE = 1 << 20


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiServer]:
    with running_api_server(tmp_path) as server:
        server.rights |= {
            "operator": EVERYTHING,
            "person": EVERYTHING | OF_PEOPLE | {("get", "autoscaling", "horizontalpodautoscalers")},
        }
        server.cluster.add("deployments", workload())
        yield server


def kubectl(api: ApiServer, *arguments: str) -> str:
    """Return what kubectl says, as a person with more rights than ours."""
    own = ["--kubeconfig", str(api.kubeconfig("person")), "--cache-dir", str(api.folder / "cache")]
    return subprocess.run(["kubectl", *own, *arguments], capture_output=True, text=True, check=True, timeout=120).stdout


def watched(api: ApiServer) -> tuple[KubernetesTouchpoint, Plugin]:
    plugin = Plugin("shop", "kubernetes", {"name": "shop", "kubeconfig": str(api.kubeconfig("operator"))})
    return KubernetesTouchpoint((plugin,)), plugin


def test_each_sees_what_the_other_ordered(api: ApiServer) -> None:
    """Replicas by us, then by kubectl with its own precondition; a limit by us, then by kubectl."""
    touchpoint, plugin = watched(api)
    touchpoint.turn(plugin, "workers", 4)
    assert kubectl(api, "get", "deployment", "shop", "--output", "jsonpath={.spec.replicas}") == "4"
    assert "scaled" in kubectl(api, "scale", "deployment", "shop", "--current-replicas=4", "--replicas=3")
    api.cluster.tick()
    assert {knob.name: knob.value for knob in touchpoint.knobs(plugin)}["workers"] == 3
    touchpoint.turn(plugin, "container_memory_limit", 320 * MEBIBYTE)
    told = kubectl(api, "describe", "deployment", "shop")
    assert "memory:  320Mi" in told
    kubectl(api, "set", "resources", "deployment", "shop", "--containers", "app", "--limits", "cpu=600m")
    wait_for(lambda: "cpu:     600m" in kubectl(api, "describe", "deployment", "shop"))
    api.cluster.tick()
    knobs = {knob.name: knob.value for knob in touchpoint.knobs(plugin)}
    assert (knobs["container_cpu_limit"], knobs["container_memory_limit"]) == (0.6, 320 * MEBIBYTE)


def test_the_bounds_of_an_autoscaler_are_what_kubectl_shows(api: ApiServer) -> None:
    """As its own types of autoscaling/v2 read them."""
    api.cluster.add("horizontalpodautoscalers", autoscaler(least=1, most=4))
    touchpoint, plugin = watched(api)
    touchpoint.turn(plugin, "worker_limit", 7)
    told = kubectl(api, "describe", "horizontalpodautoscalers", "shop-hpa")
    assert "Max replicas:       7" in told
    assert "Reference:          Deployment/shop" in told
