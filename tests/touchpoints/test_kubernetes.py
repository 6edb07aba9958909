"""A workload is turned by compare-and-set, within its rights, and never over the head of whoever else turns it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugin_optimizer.domain import Disruption, Gone, InvalidValue, Metric, NotFound, Plugin, Refused, Unobservable
from plugin_optimizer.touchpoints.kubernetes import KubernetesTouchpoint
from tests.gunicorn_service import wait_for
from tests.kubernetes_api.cluster import Answer
from tests.kubernetes_api.objects import autoscaler, workload
from tests.kubernetes_api.server import EVERYTHING, ApiServer, running_api_server

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("api")


@pytest.fixture
def api(folder: Path) -> Iterator[ApiServer]:
    with running_api_server(folder) as server:
        server.rights["operator"] = EVERYTHING
        yield server


def plugin_of(api: ApiServer, token: str = "operator", **address: str) -> Plugin:
    where = {"name": "shop", "kubeconfig": str(api.kubeconfig(token)), **address}
    return Plugin("shop", "kubernetes", where)


def watched(api: ApiServer, token: str = "operator", **address: str) -> tuple[KubernetesTouchpoint, Plugin]:
    plugin = plugin_of(api, token, **address)
    return KubernetesTouchpoint((plugin,)), plugin


def values(touchpoint: KubernetesTouchpoint, plugin: Plugin) -> dict[str, Any]:
    """Return the values of all knobs, as soon as the controller has seen what was ordered."""
    found: list[dict[str, Any]] = []

    def seen() -> bool:
        try:
            found.append({knob.name: knob.value for knob in touchpoint.knobs(plugin)})
        except Unobservable:
            return False
        return True

    wait_for(seen)
    return found[-1]


def has_pool(touchpoint: KubernetesTouchpoint, plugin: Plugin) -> bool:
    try:
        touchpoint.pool(plugin)
    except Unobservable:
        return False
    return True


def test_replicas_are_ordered_once_by_the_scale_subresource(api: ApiServer) -> None:
    """One patch that names the version it was decided on, under our own manager's name; the same again sends nothing."""
    api.cluster.add("deployments", workload())
    touchpoint, plugin = watched(api)
    version = api.cluster.get("deployments", "shop")["metadata"]["resourceVersion"]
    touchpoint.turn(plugin, "workers", 4)
    wait_for(lambda: has_pool(touchpoint, plugin))
    touchpoint.turn(plugin, "workers", 4)
    ((path, body),) = api.patches()
    assert path == "/apis/apps/v1/namespaces/shop/deployments/shop/scale"
    assert body == {"metadata": {"resourceVersion": version}, "spec": {"replicas": 4}}
    assert api.cluster.get("deployments", "shop")["metadata"]["managedFields"][-1]["manager"] == "plugin-optimizer"
    assert touchpoint.pool(plugin).workers == 4


def test_one_look_of_the_engine_is_seven_requests(api: ApiServer) -> None:
    """Rights are asked for once a minute, all else anew."""
    api.cluster.add("deployments", workload())
    touchpoint, plugin = watched(api)

    def look() -> int:
        api.log.clear()
        assert touchpoint.discover() == [plugin]
        touchpoint.knobs(plugin)
        touchpoint.sense(plugin, 1.0)
        touchpoint.pool(plugin)
        return len(api.log)

    assert look() == 7 + 2  # may we patch the scale, may we patch the object
    assert look() == 7


def test_a_status_that_moves_the_version_does_not_stop_an_order(api: ApiServer) -> None:
    """409 is looked at again: the value is still the one that was decided on, so it is ordered once more."""
    api.cluster.add("deployments", workload())
    touchpoint, plugin = watched(api)
    moves = iter([True, True])

    def another_status() -> None:
        if next(moves, False):
            with api.cluster.lock:
                api.cluster._touch(api.cluster.objects["deployments", "shop"])

    api.before_patch = another_status
    touchpoint.turn(plugin, "workers", 4)
    assert values(touchpoint, plugin)["workers"] == 4
    assert len(api.patches()) == 3


def test_somebody_elses_value_is_not_overwritten(api: ApiServer) -> None:
    """409, and the value is another one by now: nothing is ordered, and people are told."""
    api.cluster.add("deployments", workload())
    touchpoint, plugin = watched(api)

    def somebody() -> None:
        api.before_patch = None
        api.cluster.patch("deployments", "shop", {"spec": {"replicas": 7}}, strategic=False, manager="kubectl")
        api.cluster.tick()

    api.before_patch = somebody
    with pytest.raises(Unobservable, match="was turned by somebody else just now"):
        touchpoint.turn(plugin, "workers", 4)
    assert values(touchpoint, plugin)["workers"] == 7


def test_an_object_that_was_made_anew_is_looked_at_first(api: ApiServer) -> None:
    """Same name, another uid."""
    api.cluster.add("deployments", workload())
    touchpoint, plugin = watched(api)
    touchpoint.knobs(plugin)
    first = touchpoint.incarnation(plugin)
    api.cluster.add("deployments", workload())
    with pytest.raises(Unobservable, match="deleted and made anew"):
        touchpoint.turn(plugin, "workers", 4)
    assert api.patches() == []
    assert touchpoint.incarnation(plugin) != first


def test_under_an_autoscaler_its_bounds_are_turned_and_never_the_replicas(api: ApiServer) -> None:
    """Replicas set beside it are taken back within seconds; its bounds are not."""
    api.cluster.add("deployments", workload(replicas=4))
    api.cluster.add("horizontalpodautoscalers", autoscaler())
    touchpoint, plugin = watched(api)
    assert values(touchpoint, plugin).items() >= {"worker_limit": 4, "worker_floor": 2}.items()
    assert "the autoscaler 'shop-hpa' sets it" in touchpoint.not_offered(plugin)["workers"]
    with pytest.raises(NotFound, match="its bounds are turned instead"):
        touchpoint.turn(plugin, "workers", 12)
    touchpoint.turn(plugin, "worker_floor", 3)
    touchpoint.turn(plugin, "worker_limit", 6)
    assert [path.rpartition("/")[2] for path, _ in api.patches()] == ["shop-hpa", "shop-hpa"]
    with pytest.raises(InvalidValue, match="worker_limit takes 3 to 20, not 2"):
        touchpoint.turn(plugin, "worker_limit", 2)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ownerReferences": [{"kind": "ScaledObject", "name": "shop"}]}, "is kept by ScaledObject 'shop'"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "shop"}}, "Flux deploys the autoscaler"),
    ],
)
def test_an_autoscaler_that_others_keep_is_left_alone(api: ApiServer, change: dict[str, Any], told: str) -> None:
    """KEDA and whoever deploys it would write their bounds again."""
    document = autoscaler()
    document["metadata"] |= change
    api.cluster.add("deployments", workload())
    api.cluster.add("horizontalpodautoscalers", document)
    touchpoint, plugin = watched(api)
    assert "worker_limit" not in values(touchpoint, plugin)
    assert told in touchpoint.not_offered(plugin)["worker_limit"]


def test_two_autoscalers_leave_nothing_to_be_concluded(api: ApiServer) -> None:
    """They fight, and a third would not help."""
    api.cluster.add("deployments", workload())
    for name in ("one", "other"):
        document = autoscaler()
        document["metadata"]["name"] = name
        api.cluster.add("horizontalpodautoscalers", document)
    touchpoint, plugin = watched(api)
    with pytest.raises(Unobservable, match="several autoscalers fight for shop: one, other"):
        touchpoint.knobs(plugin)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"annotations": {"argocd.argoproj.io/tracking-id": "shop"}}, "Argo CD deploys shop"),
        (
            {
                "managedFields": [
                    {"manager": "ops", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
                    {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:spec": {"f:template": {}}}},
                ]
            },
            "'ops' applies it",
        ),
    ],
)
def test_what_a_deployer_will_write_again_is_only_told(api: ApiServer, change: dict[str, Any], told: str) -> None:
    """A repository that is applied wins: the value belongs there."""
    document = workload()
    document["metadata"] |= change
    api.cluster.add("deployments", document)
    touchpoint, plugin = watched(api)
    assert "workers" not in values(touchpoint, plugin)
    assert told in touchpoint.not_offered(plugin)["workers"]
    offered = "container_memory_limit" in values(touchpoint, plugin)
    assert offered == ("managedFields" in change)  # the other fields are nobody's


def test_without_the_right_a_knob_is_not_offered_and_the_right_is_named(api: ApiServer) -> None:
    """The API server is asked beforehand; what may be read is sensed all the same."""
    api.cluster.add("deployments", workload())
    api.rights["reader"] = frozenset(rule for rule in EVERYTHING if rule[0] != "patch")
    touchpoint, plugin = watched(api, "reader")
    assert values(touchpoint, plugin) == {}
    reasons = touchpoint.not_offered(plugin)
    assert "we may not patch deployments/scale.apps 'shop'" in reasons["workers"]
    assert "we may not patch deployments.apps 'shop'" in reasons["container_memory_limit"]
    assert {sample.metric for sample in touchpoint.sense(plugin, 1.0)} >= {Metric.UP, Metric.WORKERS}
    with pytest.raises(NotFound, match="we may not"):
        touchpoint.turn(plugin, "workers", 3)
    assert api.patches() == []


def test_who_sets_the_replicas_has_to_be_readable(api: ApiServer) -> None:
    """Where autoscalers may not be listed, the number of replicas is nobody's to turn."""
    api.cluster.add("deployments", workload())
    api.rights["blind"] = EVERYTHING - {("list", "autoscaling", "horizontalpodautoscalers")}
    touchpoint, plugin = watched(api, "blind")
    assert "workers" not in values(touchpoint, plugin)
    assert "whether an autoscaler sets it cannot be read: 403" in touchpoint.not_offered(plugin)["workers"]


def test_a_resource_is_changed_in_one_container_alone_and_rolled_out(api: ApiServer) -> None:
    """The sidecar and the other limits stay; no verdict before every replica is new and available."""
    api.cluster.add("deployments", workload(replicas=3))
    touchpoint, plugin = watched(api)
    api.cluster.patience = 50
    touchpoint.turn(plugin, "container_cpu_limit", 0.75)
    with pytest.raises(Unobservable, match="has seen generation 1 of 2"):
        touchpoint.pool(plugin)
    assert values(touchpoint, plugin)["container_cpu_limit"] == 0.75
    wait_for(lambda: has_pool(touchpoint, plugin))
    app, proxy = api.cluster.get("deployments", "shop")["spec"]["template"]["spec"]["containers"]
    assert app["resources"]["limits"] == {"cpu": "750m", "memory": "256Mi"}
    assert app["image"] == "shop:1"
    assert proxy["resources"] == {"limits": {"cpu": "100m", "memory": "64Mi"}}
    assert touchpoint.pool(plugin).cores == 3 * 0.75


def test_a_rollout_that_does_not_come_through_is_told_and_can_be_taken_back(api: ApiServer) -> None:
    """The order shows, the replicas do not: nothing is judged, and the way back is open."""
    api.cluster.add("deployments", workload())
    touchpoint, plugin = watched(api)
    api.cluster.never_ready = True
    touchpoint.turn(plugin, "workers", 5)
    assert values(touchpoint, plugin)["workers"] == 5
    wait_for(lambda: len(api.cluster.pods["shop"]) == 5)
    with pytest.raises(Unobservable, match="5 replicas are wanted, 5 are there, 5 of them up to date, 2 available"):
        touchpoint.pool(plugin)
    touchpoint.turn(plugin, "workers", 2)
    wait_for(lambda: has_pool(touchpoint, plugin))


def test_a_quota_that_lets_no_replica_in_is_told(api: ApiServer) -> None:
    """The condition ReplicaFailure, with the words of the cluster."""
    document = api.cluster.add("deployments", workload())
    failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: small"}
    document["status"]["conditions"] = [failure]
    touchpoint, plugin = watched(api)
    with pytest.raises(Unobservable, match="FailedCreate: exceeded quota: small"):
        touchpoint.pool(plugin)


@pytest.mark.parametrize("done", [True, False])
def test_an_error_reply_is_not_believed(api: ApiServer, done: bool) -> None:
    """500 after the deed is a deed; 500 without it is an open question."""
    api.cluster.add("deployments", workload())
    touchpoint, plugin = watched(api)

    def fail() -> None:
        raise Answer(500, "InternalError", "etcdserver: request timed out")

    if done:
        api.after_patch = fail
        touchpoint.turn(plugin, "workers", 4)
        assert values(touchpoint, plugin)["workers"] == 4
    else:
        api.before_patch = fail
        with pytest.raises(Unobservable, match="was to be 4 and is 2: the API server answered 500: etcdserver"):
            touchpoint.turn(plugin, "workers", 4)


def test_what_admission_declines_is_a_refusal(api: ApiServer) -> None:
    """403 or 422 with the value as it was: nothing happened, and the reason is the cluster's."""
    api.cluster.add("deployments", workload())
    touchpoint, plugin = watched(api)

    def decline() -> None:
        raise Answer(403, "Forbidden", 'admission webhook "freeze.example" denied the request: change freeze')

    api.before_patch = decline
    with pytest.raises(Refused, match="denied the request: change freeze"):
        touchpoint.turn(plugin, "workers", 4)


def test_restarts_and_kills_for_memory_are_counted(api: ApiServer) -> None:
    """Between two looks; replaced replicas are no restarts."""
    api.cluster.add("deployments", workload(replicas=3))
    touchpoint, plugin = watched(api)

    def figures() -> dict[Metric, float]:
        return {sample.metric: sample.value for sample in touchpoint.sense(plugin, 1.0)}

    assert Metric.RESTARTS not in figures()
    api.cluster.restart("shop", reason="OOMKilled")
    api.cluster.restart("shop", reason="OOMKilled")
    api.cluster.restart("shop", reason="Error", index=1)
    seen = figures()
    assert (seen[Metric.RESTARTS], seen[Metric.OOM_KILLS], seen[Metric.WORKERS]) == (3.0, 1.0, 3.0)
    touchpoint.turn(plugin, "container_cpu_limit", 0.75)
    wait_for(lambda: has_pool(touchpoint, plugin))
    assert figures()[Metric.RESTARTS] == 0.0


def test_use_is_sensed_where_the_cluster_measures_it(api: ApiServer) -> None:
    """metrics.k8s.io, set against the limits of all containers; what a replica used bounds its limit from below."""
    api.cluster.add("deployments", workload())
    touchpoint, plugin = watched(api)
    for pod, megabytes in zip(api.cluster.pods["shop"], (160, 240), strict=True):
        containers = [
            {"name": "app", "usage": {"cpu": "150000000n", "memory": f"{megabytes}Mi"}},
            {"name": "proxy", "usage": {"cpu": "50m", "memory": "16384Ki"}},
        ]
        name = pod["metadata"]["name"]
        api.cluster.usage[name] = {"metadata": {"name": name}, "containers": containers}
    figures = {sample.metric: sample.value for sample in touchpoint.sense(plugin, 1.0)}
    assert figures[Metric.MEMORY_BYTES] == (160 + 240 + 32) * MEBIBYTE
    assert figures[Metric.WORKER_MEMORY_BYTES] == 256 * MEBIBYTE
    assert figures[Metric.MEMORY_RATIO] == pytest.approx(256 / 320)
    assert figures[Metric.CPU_CORES] == pytest.approx(0.4)
    assert figures[Metric.CPU_RATIO] == pytest.approx(0.4 / 1.2)
    limit = next(knob for knob in touchpoint.knobs(plugin) if knob.name == "container_memory_limit")
    assert limit.needed == pytest.approx(1.2 * 240 * MEBIBYTE, abs=1)
    api.measured = False
    assert Metric.MEMORY_BYTES not in {sample.metric for sample in touchpoint.sense(plugin, 1.0)}


@pytest.mark.parametrize(
    ("kind", "spec", "told"),
    [
        ("deployment", {"paused": True}, "its rollout is paused"),
        ("statefulset", {"updateStrategy": {"type": "OnDelete"}}, "OnDelete"),
        (
            "statefulset",
            {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}},
            "partition 2",
        ),
    ],
)
def test_a_template_that_would_not_reach_every_replica_is_not_turned(
    api: ApiServer, kind: str, spec: dict[str, Any], told: str
) -> None:
    """Replicas can be turned all the same."""
    api.cluster.add(f"{kind}s", workload(**spec))
    touchpoint, plugin = watched(api, workload=kind)
    assert values(touchpoint, plugin) == {"workers": 2}
    assert told in touchpoint.not_offered(plugin)["container_memory_limit"]


def test_a_change_says_what_it_does_to_requests(api: ApiServer) -> None:
    """A Deployment brings up the new first; one that recreates, and a StatefulSet, go without a replica for a while."""
    api.cluster.add("deployments", workload())
    api.cluster.add("deployments", workload("menu", strategy={"type": "Recreate"}))
    api.cluster.add("statefulsets", workload())
    found = {}
    for name, kind in (("shop", "deployment"), ("menu", "deployment"), ("shop", "statefulset")):
        touchpoint, plugin = watched(api, name=name, workload=kind)
        knobs = {knob.name: knob for knob in touchpoint.knobs(plugin)}
        found[name, kind] = knobs["container_memory_limit"].disruption
        assert knobs["workers"].disruption is Disruption.LIVE
    assert list(found.values()) == [Disruption.RELOAD, Disruption.RESTART, Disruption.RESTART]


def test_none_and_no_limit_are_left_as_they_are(api: ApiServer) -> None:
    """What was scaled to none is not woken; what is not bounded gets no bound."""
    document = workload(replicas=0)
    del document["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]
    api.cluster.add("deployments", document)
    touchpoint, plugin = watched(api)
    assert set(values(touchpoint, plugin)) == {"container_cpu_request", "container_memory_request"}
    reasons = touchpoint.not_offered(plugin)
    assert "scaled to none" in reasons["workers"]
    assert "has no memory limit: nothing bounds it" in reasons["container_memory_limit"]


def test_amounts_are_whole_thousandths_and_bytes_within_their_bounds(api: ApiServer) -> None:
    """A request stays below its limit, and what Kubernetes would round is refused: it would not be read back."""
    api.cluster.add("deployments", workload())
    touchpoint, plugin = watched(api)
    for knob, value in (
        ("container_cpu_limit", 0.3333),
        ("container_cpu_limit", 0.2),
        ("container_memory_limit", 1.5),
        ("container_cpu_request", 0.6),
    ):
        with pytest.raises(InvalidValue):
            touchpoint.turn(plugin, knob, value)
    touchpoint.turn(plugin, "container_cpu_request", 0.3)
    assert values(touchpoint, plugin)["container_cpu_request"] == 0.3
    assert len(api.patches()) == 1


def test_a_container_is_named_or_the_first(api: ApiServer) -> None:
    """One that is not there is said to be so."""
    api.cluster.add("deployments", workload())
    touchpoint, plugin = watched(api, container="proxy")
    assert values(touchpoint, plugin)["container_cpu_limit"] == 0.1
    touchpoint, plugin = watched(api, container="nginx")
    with pytest.raises(Unobservable, match="no container 'nginx'; it has app, proxy"):
        touchpoint.knobs(plugin)


def test_of_a_cluster_that_does_not_answer_nothing_is_concluded(api: ApiServer, folder: Path) -> None:
    """The API server is down, or does not know us: the workload is not gone for that."""
    api.cluster.add("deployments", workload())
    touchpoint, plugin = watched(api, "stranger")
    with pytest.raises(Unobservable, match="401: Unauthorized") as raised:
        touchpoint.sense(plugin, 1.0)
    assert not isinstance(raised.value, Gone)
    api.port = 1
    touchpoint, plugin = watched(api)
    with pytest.raises(Unobservable, match="the API server does not answer") as raised:
        touchpoint.sense(plugin, 1.0)
    assert not isinstance(raised.value, Gone)


def test_only_what_is_configured_here_is_touched(api: ApiServer) -> None:
    """Neither a cluster nor a token comes from outside."""
    api.cluster.add("deployments", workload())
    plugin = plugin_of(api)
    with pytest.raises(Gone, match="names no kubernetes shop"):
        KubernetesTouchpoint().turn(plugin, "workers", 4)
    assert api.log == []
