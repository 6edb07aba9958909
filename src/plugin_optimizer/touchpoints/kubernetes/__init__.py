"""Workloads of a Kubernetes cluster: sensed, scaled, given more or less."""

from .touchpoint import KubernetesTouchpoint

__all__ = ["KubernetesTouchpoint"]
