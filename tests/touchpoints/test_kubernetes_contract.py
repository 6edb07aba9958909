"""The Kubernetes touchpoint keeps the promises that every touchpoint makes: replicas, an autoscaler's bound, a container's resources."""

from collections.abc import Iterator

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.kubernetes import KubernetesTouchpoint
from tests.kubernetes_api.objects import autoscaler, workload
from tests.kubernetes_api.server import EVERYTHING, ApiServer, running_api_server

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with running_api_server(tmp_path_factory.mktemp("api")) as server:
        server.rights["operator"] = EVERYTHING
        yield server


def subject_of(api: ApiServer, kind: str, knob: str, elsewhere: float, *more: dict[str, object]) -> TouchpointSubject:
    api.cluster.objects.clear()
    api.cluster.pods.clear()
    api.cluster.add(f"{kind}s", workload())
    for each in more:
        api.cluster.add("horizontalpodautoscalers", each)
    where = {"workload": kind, "kubeconfig": str(api.kubeconfig("operator"))}
    plugin, absent = (Plugin(name, "kubernetes", {**where, "name": name}) for name in ("shop", "nobody"))
    return TouchpointSubject(KubernetesTouchpoint((plugin, absent)), plugin, knob, elsewhere, absent)


class TestReplicasOfADeployment(TouchpointContract):
    """By the scale subresource."""

    @pytest.fixture
    def subject(self, api: ApiServer) -> TouchpointSubject:
        return subject_of(api, "deployment", "workers", 5)


class TestReplicasOfAStatefulSet(TouchpointContract):
    """The same."""

    @pytest.fixture
    def subject(self, api: ApiServer) -> TouchpointSubject:
        return subject_of(api, "statefulset", "workers", 4)


class TestBoundOfAnAutoscaler(TouchpointContract):
    """Where an autoscaler owns the replicas, its bounds are the knobs."""

    @pytest.fixture
    def subject(self, api: ApiServer) -> TouchpointSubject:
        return subject_of(api, "deployment", "worker_limit", 8, autoscaler())


class TestMemoryOfAContainer(TouchpointContract):
    """By a strategic merge of the template."""

    @pytest.fixture
    def subject(self, api: ApiServer) -> TouchpointSubject:
        return subject_of(api, "deployment", "container_memory_limit", 320 * MEBIBYTE)


class TestCpuOfAContainer(TouchpointContract):
    """The same, in cores."""

    @pytest.fixture
    def subject(self, api: ApiServer) -> TouchpointSubject:
        return subject_of(api, "deployment", "container_cpu_limit", 0.75)
