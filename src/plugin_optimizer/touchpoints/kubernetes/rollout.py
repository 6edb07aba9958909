"""Whether what was ordered of a workload is what runs."""

from ...domain import UnderWay, Unobservable
from .objects import Workload


def check_observed(workload: Workload) -> None:
    """Raise UnderWay while the controller has not yet seen what was ordered."""
    ordered, seen = workload.metadata.generation, workload.status.observed_generation
    if seen < ordered:
        raise UnderWay(f"{workload.metadata.name}: the controller has seen generation {seen} of {ordered}")


def check_complete(workload: Workload) -> None:
    """Raise UnderWay, saying how far it is, until every replica is up to date and available, and no older one is left;
    Unobservable where that fails.

    Source: Kubernetes, Deployments, "Complete Deployment"; kubectl rollout status.
    """
    check_observed(workload)
    status, wanted = workload.status, workload.spec.replicas
    for condition in status.conditions:
        if condition.type == "ReplicaFailure" and condition.status == "True":
            raise Unobservable(f"{workload.metadata.name}: {condition.reason}: {condition.message}")
    if {status.replicas, status.updated_replicas, status.available_replicas} != {wanted}:
        raise UnderWay(
            f"{workload.metadata.name} is on its way: {wanted} replicas are wanted, {status.replicas} are there, "
            f"{status.updated_replicas} of them up to date, {status.available_replicas} available"
        )
