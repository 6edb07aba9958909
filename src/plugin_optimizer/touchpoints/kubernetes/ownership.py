"""Who else writes a field of a workload: what another one will write again is not ours to turn."""

from collections.abc import Mapping, Sequence
from typing import Any

from .client import MANAGER
from .objects import Meta

APPLY = "Apply"  # server-side apply: whoever did it means to do it again
DEPLOYERS = {
    "argocd.argoproj.io/": "Argo CD",
    "kustomize.toolkit.fluxcd.io/": "Flux",
    "helm.toolkit.fluxcd.io/": "Flux",
}


def deployer_of(meta: Meta) -> str:
    """Return what deploys this object from a repository by itself, "" where nothing says so."""
    for mark in (*meta.labels, *meta.annotations):
        for beginning, name in DEPLOYERS.items():
            if mark.startswith(beginning):
                return name
    return ""


def applier_of(meta: Meta, path: Sequence[str]) -> str:
    """Return who applies the field at `path` by server-side apply, "" where nobody but us does.

    `path` is as fieldsV1 has it (`f:spec`, `f:replicas`; a part of a key `k:{"name":"app"}`).
    """
    for entry in meta.managed_fields:
        if entry.operation == APPLY and entry.manager != MANAGER and _holds(entry.fields, path):
            return entry.manager
    return ""


def _holds(fields: Mapping[str, Any], path: Sequence[str]) -> bool:
    for part in path:
        if part not in fields:
            return False
        fields = fields[part]
    return True
