"""Which workload of which cluster a plugin is, as the configuration says it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import msgspec

from ...domain import ConfigError, Plugin

LEAST_SECONDS, MOST_SECONDS = 0.5, 7.0  # less than a step is waited for before its fate counts as unknown
NAME = r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?"  # RFC 1123, as the API server checks it


class WorkloadKind(StrEnum):
    """What keeps a number of pods running; the value is its name in a path of the API."""

    DEPLOYMENT = "deployments"
    STATEFULSET = "statefulsets"


KINDS = {"deployment": WorkloadKind.DEPLOYMENT, "statefulset": WorkloadKind.STATEFULSET}


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesSettings:
    """A Deployment or StatefulSet: docs/KUBERNETES.md."""

    name: str  # of the object
    workload: str = "deployment"  # or statefulset
    namespace: str = ""  # empty = that of the service account, or of the kubeconfig's context
    container: str = ""  # whose resources are turned; empty = the first
    kubeconfig: str = ""  # a kubeconfig in JSON, may name a $VARIABLE; empty = the service account of the pod we run in
    context: str = ""  # of the kubeconfig; empty = its current one
    most_replicas: int = 20  # never more are ordered
    most_cpu_cores: float = 8.0  # for one replica
    most_memory_megabytes: int = 8192  # for one replica
    timeout_seconds: float = 4.0  # for one request, 0.5 to 7

    @property
    def kind(self) -> WorkloadKind:
        return KINDS[self.workload]


def kubernetes_settings(plugin: Plugin) -> KubernetesSettings:
    """Return what a plugin's table says. Raises ConfigError naming the key."""
    where = f"plugins.{plugin.plugin_id}"
    known = {field.name: field for field in fields(KubernetesSettings)}
    for name in plugin.address:
        if name not in known:
            raise ConfigError(f"{where}.{name} is not a setting of kubernetes; known are {', '.join(known)}")
    settings = _parsed(where, plugin.address)
    if settings.workload not in KINDS:
        raise ConfigError(f"{where}.workload: expected {' or '.join(KINDS)}, not {settings.workload!r}")
    _check_names(where, settings)
    _check_range(where, "timeout_seconds", settings.timeout_seconds, LEAST_SECONDS, MOST_SECONDS)
    _check_range(where, "most_replicas", settings.most_replicas, 1, 10_000)
    _check_range(where, "most_cpu_cores", settings.most_cpu_cores, 0.01, 1024)
    _check_range(where, "most_memory_megabytes", settings.most_memory_megabytes, 16, 16 * 1024 * 1024)
    return settings


def _parsed(where: str, address: Mapping[str, Any]) -> KubernetesSettings:
    try:
        return msgspec.convert(address, KubernetesSettings, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}") from error


def _check_names(where: str, settings: KubernetesSettings) -> None:
    """Names become parts of a path: nothing but a name may stand there."""
    checked = {"name": settings.name, "namespace": settings.namespace, "container": settings.container}
    for key, name in checked.items():
        if (name or key == "name") and not is_name(name):
            raise ConfigError(f"{where}.{key}: expected a name of Kubernetes (a-z, 0-9, '-', '.'), not {name!r}")


def is_name(text: str) -> bool:
    """Tell whether this can be the name of an object."""
    return re.fullmatch(NAME, text) is not None


def _check_range(where: str, key: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ConfigError(f"{where}.{key} is {value:g}; expected {least:g} to {most:g}")
