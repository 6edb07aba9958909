"""How a cluster is reached and as whom: the service account of the pod we run in, or a kubeconfig."""

import base64
import binascii
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ...domain import Unobservable
from .settings import KubernetesSettings, is_name

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
HOST, PORT = "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"
AS_JSON = "kubectl config view --raw --flatten --minify --output json"
MOST_CONFIG_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Access:
    """`server` is the beginning of each URL, `bearer` reads the token anew each time: it is exchanged while we run."""

    server: str
    namespace: str
    tls: ssl.SSLContext
    bearer: Callable[[], str]


class _Named(msgspec.Struct, kw_only=True):
    name: str


class _Cluster(msgspec.Struct, kw_only=True, rename="kebab"):
    server: str
    certificate_authority: str = ""
    certificate_authority_data: str = ""
    insecure_skip_tls_verify: bool = False
    tls_server_name: str = ""


class _User(msgspec.Struct, kw_only=True, rename="kebab"):
    token: str = ""
    token_file: str = msgspec.field(default="", name="tokenFile")
    client_certificate: str = ""
    client_certificate_data: str = ""
    client_key: str = ""
    client_key_data: str = ""
    exec_plugin: Any = msgspec.field(default=None, name="exec")
    auth_provider: Any = None


class _Context(msgspec.Struct, kw_only=True):
    cluster: str
    user: str
    namespace: str = ""


class _NamedCluster(_Named, kw_only=True):
    cluster: _Cluster


class _NamedUser(_Named, kw_only=True):
    user: _User


class _NamedContext(_Named, kw_only=True):
    context: _Context


class _Kubeconfig(msgspec.Struct, kw_only=True, rename="kebab"):
    clusters: list[_NamedCluster]
    users: list[_NamedUser]
    contexts: list[_NamedContext]
    current_context: str = ""


def open_access(settings: KubernetesSettings) -> Access:
    """Return how to reach the cluster of a plugin. Raises Unobservable, saying what is missing."""
    if settings.kubeconfig:
        return _by_kubeconfig(Path(os.path.expandvars(settings.kubeconfig)).expanduser(), settings.context)
    host, port = os.environ.get(HOST), os.environ.get(PORT)
    if not host or not port:
        raise Unobservable("we run in no pod (KUBERNETES_SERVICE_HOST is not set): name a kubeconfig")
    place = f"[{host}]" if ":" in host else host
    namespace = _read(SERVICE_ACCOUNT / "namespace").strip()
    tls = _context(cafile=str(SERVICE_ACCOUNT / "ca.crt"))
    return Access(f"https://{place}:{port}", namespace, tls, _token_of(SERVICE_ACCOUNT / "token"))


def _by_kubeconfig(path: Path, named: str) -> Access:
    config = _parsed(path)
    name = named or config.current_context
    context = next((each.context for each in config.contexts if each.name == name), None)
    if context is None:
        raise Unobservable(f"{path} has no context {name!r}; it has {', '.join(each.name for each in config.contexts)}")
    cluster = next((each.cluster for each in config.clusters if each.name == context.cluster), None)
    user = next((each.user for each in config.users if each.name == context.user), None)
    if cluster is None or user is None:
        raise Unobservable(f"{path}: the context {name!r} names a cluster or a user that is not there")
    _check(path, cluster, user)
    tls = _trust(path.parent, cluster)
    _identify(path.parent, user, tls)
    bearer = _token_of(path.parent / user.token_file) if user.token_file else lambda: user.token
    namespace = context.namespace or "default"
    if not is_name(namespace):
        raise Unobservable(f"{path}: {namespace!r} is no namespace")
    return Access(cluster.server.rstrip("/"), namespace, tls, bearer)


def _parsed(path: Path) -> _Kubeconfig:
    text = _read(path)
    try:
        return msgspec.json.decode(text.encode(), type=_Kubeconfig)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unobservable(f"{path} is no kubeconfig in JSON, as `{AS_JSON}` writes it: {error}") from error


def _check(path: Path, cluster: _Cluster, user: _User) -> None:
    parts = urlsplit(cluster.server)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise Unobservable(f"{path}: the server of a cluster is https://host:port, not {cluster.server!r}")
    if cluster.insecure_skip_tls_verify:
        raise Unobservable(f"{path}: a server that is not verified (insecure-skip-tls-verify) is not spoken to")
    if cluster.tls_server_name:
        raise Unobservable(f"{path}: tls-server-name is not known here")
    if user.exec_plugin is not None or user.auth_provider is not None:
        raise Unobservable(f"{path}: log-in by another program is not known here: use the token of a service account")


def _trust(folder: Path, cluster: _Cluster) -> ssl.SSLContext:
    if cluster.certificate_authority_data:
        return _context(cadata=_decoded(cluster.certificate_authority_data).decode("ascii", "replace"))
    if cluster.certificate_authority:
        return _context(cafile=str(folder / cluster.certificate_authority))
    return _context()


def _context(**where: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(**where)  # type: ignore[arg-type]
    except (OSError, ssl.SSLError, ValueError) as error:
        raise Unobservable(f"the authority of the cluster cannot be read: {error}") from error


def _identify(folder: Path, user: _User, tls: ssl.SSLContext) -> None:
    """Show a client certificate, where one is named. A key that the file itself holds never touches a disk."""
    if not (user.client_certificate or user.client_certificate_data):
        return
    descriptors = []
    try:
        paths = []
        for data, file in (
            (user.client_certificate_data, user.client_certificate),
            (user.client_key_data, user.client_key),
        ):
            if data:
                descriptors.append(_in_memory(_decoded(data)))
            paths.append(f"/proc/self/fd/{descriptors[-1]}" if data else str(folder / file))
        tls.load_cert_chain(*paths)
    except (OSError, ssl.SSLError) as error:
        raise Unobservable(f"the client's certificate and key cannot be read: {error}") from error
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _in_memory(content: bytes) -> int:
    descriptor = os.memfd_create("kubernetes-client")
    os.write(descriptor, content)
    return descriptor


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unobservable(f"the kubeconfig holds data that is not base64: {error}") from error


def _token_of(path: Path) -> Callable[[], str]:
    return lambda: _read(path).strip()


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MOST_CONFIG_BYTES).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Unobservable(f"{path} cannot be read: {error}") from error
