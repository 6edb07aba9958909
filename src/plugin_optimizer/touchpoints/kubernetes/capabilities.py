"""What is sensed and turned of a workload of Kubernetes, as the documents tell it."""

from ...domain import Capability, Disruption, Metric, Reversibility, Turned

_SENSES = (
    Metric.UP,
    Metric.WORKERS,
    Metric.RESTARTS,
    Metric.OOM_KILLS,
    Metric.CPU_CORES,
    Metric.CPU_RATIO,
    Metric.MEMORY_BYTES,
    Metric.MEMORY_RATIO,
    Metric.WORKER_MEMORY_BYTES,
)
_OBJECT = "the object itself"
_TESTED = "**not on a cluster**: a server of our own that behaves as recorded, held to the official client and kubectl"
_PROOF = ("tests/touchpoints/test_kubernetes_contract.py", "tests/touchpoints/test_kubernetes.py")
_ROLLOUT = Turned(
    "container_*",
    "a strategic merge of one container, compared by version; a rollout follows",
    _OBJECT,
    (Disruption.RELOAD, Disruption.RESTART),
    Reversibility.LOSSY,
)

CAPABILITIES = (
    Capability(
        target="Kubernetes: a Deployment or StatefulSet",
        senses=_SENSES,
        turns=(Turned("workers", "the scale subresource, compared by version", _OBJECT), _ROLLOUT),
        tested=_TESTED,
        proof=_PROOF,
        document="KUBERNETES.md",
    ),
    Capability(
        target="Kubernetes: under a HorizontalPodAutoscaler",
        senses=_SENSES,
        turns=(
            Turned("worker_limit", "the autoscaler's maximum, never the replicas", _OBJECT),
            Turned("worker_floor", "the autoscaler's minimum", _OBJECT),
            _ROLLOUT,
        ),
        tested=_TESTED,
        proof=_PROOF,
        document="KUBERNETES.md",
    ),
    Capability(
        target="Kubernetes: what Argo CD, Flux or a server-side apply writes",
        senses=_SENSES,
        tested=_TESTED,
        proof=("tests/touchpoints/test_kubernetes_access.py", "tests/touchpoints/test_kubernetes.py"),
        document="KUBERNETES.md",
        nothing="it would be written back",
    ),
)
