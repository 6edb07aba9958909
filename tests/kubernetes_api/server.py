"""The miniature cluster behind HTTPS: paths, tokens, rights and reviews as the API server has them."""

import contextlib
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .cluster import NAMESPACE, Answer, Cluster, Document
from .discovery import discovery

TICK_SECONDS = 0.02
WORKLOADS = ("deployments", "statefulsets")
AUTOSCALERS = "horizontalpodautoscalers"
KINDS = {"deployments": "Deployment", "statefulsets": "StatefulSet", AUTOSCALERS: "HorizontalPodAutoscaler"}
API = {"deployments": "apps/v1", "statefulsets": "apps/v1", AUTOSCALERS: "autoscaling/v2"}
CONTENT = {"application/merge-patch+json": False, "application/strategic-merge-patch+json": True}
Rule = tuple[str, str, str]  # verb, group, resource

OF_PEOPLE: frozenset[Rule] = frozenset(
    (verb, "apps", f"deployments{part}") for verb in ("get", "list", "patch", "update") for part in ("", "/scale")
)
EVERYTHING: frozenset[Rule] = frozenset(
    {
        *(("get", "apps", each) for each in WORKLOADS),
        *(("patch", "apps", each) for each in WORKLOADS),
        *(("patch", "apps", f"{each}/scale") for each in WORKLOADS),
        *((verb, "autoscaling", AUTOSCALERS) for verb in ("list", "patch")),
        ("list", "", "pods"),
        ("list", "metrics.k8s.io", "pods"),
    }
)


@dataclass
class ApiServer:
    """One that listens. `rights` are those of each token; `log` is what was asked; `troubles` are answered in its place."""

    cluster: Cluster
    port: int
    folder: Path
    rights: dict[str, frozenset[Rule]] = field(default_factory=dict)
    log: list[tuple[str, str, Document]] = field(default_factory=list)
    measured: bool = True
    before_patch: Any = None  # called before a patch is carried out
    after_patch: Any = None  # called after it, before the answer: may raise Answer

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def kubeconfig(self, token: str) -> Path:
        """Write a kubeconfig in JSON for one token."""
        path = self.folder / f"{token}.json"
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "clusters": [
                {"name": "mini", "cluster": {"server": self.url, "certificate-authority": str(self.folder / "ca.pem")}}
            ],
            "users": [{"name": token, "user": {"token": token}}],
            "contexts": [{"name": "here", "context": {"cluster": "mini", "user": token, "namespace": NAMESPACE}}],
        }
        path.write_text(json.dumps(document))
        return path

    def patches(self) -> list[tuple[str, Document]]:
        return [(path, body) for method, path, body in self.log if method == "PATCH"]


@contextlib.contextmanager
def running_api_server(folder: Path) -> Iterator[ApiServer]:
    """Start server and controllers, and end both."""
    cluster = Cluster()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    server = ApiServer(cluster, httpd.server_address[1], folder)
    httpd.api = server  # type: ignore[attr-defined]
    httpd.socket = _certified(folder).wrap_socket(httpd.socket, server_side=True)
    ended = threading.Event()
    threads = [
        threading.Thread(target=httpd.serve_forever, args=(0.05,)),
        threading.Thread(target=_control, args=(cluster, ended)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        ended.set()
        httpd.shutdown()
        for thread in threads:
            thread.join()
        httpd.server_close()


def _control(cluster: Cluster, ended: threading.Event) -> None:
    while not ended.wait(TICK_SECONDS):
        cluster.tick()


def _certified(folder: Path) -> ssl.SSLContext:
    """Return a context with a certificate for 127.0.0.1 that vouches for itself."""
    key, certificate = folder / "key.pem", folder / "ca.pem"
    if not certificate.exists():
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        names = ["-subj", "/CN=mini", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
        subprocess.run(
            [*command, *names, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class Handler(BaseHTTPRequestHandler):
    """One request. Paths: /apis/<group>/<version>/namespaces/<namespace>/<resource>[/<name>[/scale]]."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *ignored: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answered("GET")

    def do_POST(self) -> None:
        self._answered("POST")

    def do_PATCH(self) -> None:
        self._answered("PATCH")

    def do_PUT(self) -> None:
        self._answered("PUT")

    @property
    def api(self) -> ApiServer:
        server: ApiServer = self.server.api  # type: ignore[attr-defined]
        return server

    def _answered(self, method: str) -> None:
        try:
            code, document = 200, self._document(method)
        except Answer as answer:
            code, document = answer.code, answer.document
        except Exception as error:  # noqa: BLE001 - a bug of this double is an answer, not a broken connection
            answer = Answer(500, "InternalError", repr(error))
            code, document = answer.code, answer.document
        body = json.dumps(document).encode()
        with contextlib.suppress(OSError):
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def _document(self, method: str) -> Document:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length", 0))
        body: Document = json.loads(self.rfile.read(length)) if length else {}
        self.api.log.append((method, parts.path, body))
        if found := discovery(parts.path):
            return found
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.api.rights:
            raise Answer(401, "Unauthorized", "Unauthorized")
        if parts.path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" and method == "POST":
            return self._review(token, body)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return self._of_namespace(method, parts.path.strip("/").split("/"), body, token, query)

    def _review(self, token: str, body: Document) -> Document:
        asked = body["spec"]["resourceAttributes"]
        resource = asked["resource"] + (f"/{asked['subresource']}" if asked.get("subresource") else "")
        allowed = (
            asked["namespace"] == NAMESPACE and (asked["verb"], asked["group"], resource) in self.api.rights[token]
        )
        return {**body, "status": {"allowed": allowed}}

    def _of_namespace(
        self, method: str, path: list[str], body: Document, token: str, query: dict[str, str]
    ) -> Document:
        if path[0] == "api":
            path = ["apis", "", *path[1:]]
        if len(path) < 6:
            raise Answer(404, "NotFound", "the server could not find the requested resource")
        group, _version, _, namespace, resource, name, part = (*path[1:], "", "")[:7]
        verb = {"GET": "get" if name else "list", "PATCH": "patch", "PUT": "update"}[method]
        asked = f"{resource}/{part}" if part else resource
        if namespace != NAMESPACE or (verb, group, asked) not in self.api.rights[token]:
            told = f'cannot {verb} resource "{asked}" in API group "{group}" in the namespace "{namespace}"'
            raise Answer(403, "Forbidden", f'{resource} is forbidden: User "{token}" {told}')
        if verb == "list":
            return self._listed(group, resource, query)
        if verb == "get":
            found = self.api.cluster.get(resource, name)
            return _scale(found) if part else _typed(resource, found)
        return self._patched(resource, name, part, body, query)

    def _listed(self, group: str, resource: str, query: dict[str, str]) -> Document:
        if group == "metrics.k8s.io":
            if not self.api.measured:
                raise Answer(404, "NotFound", "the server could not find the requested resource")
            with self.api.cluster.lock:
                return {
                    "apiVersion": "metrics.k8s.io/v1beta1",
                    "kind": "PodMetricsList",
                    "items": list(self.api.cluster.usage.values()),
                }
        if resource == "pods":
            with self.api.cluster.lock:
                pods = [pod for each in self.api.cluster.pods.values() for pod in each]
                wanted = dict(part.split("=") for part in query.get("labelSelector", "").split(",") if part)
                found = [pod for pod in pods if wanted.items() <= pod["labels"].items()]
                return {
                    "kind": "PodList",
                    "items": [{k: pod[k] for k in ("metadata", "spec", "status")} for pod in found],
                }
        return {
            "apiVersion": API[resource],
            "kind": f"{KINDS[resource]}List",
            "items": [_typed(resource, each) for each in self.api.cluster.named(resource)],
        }

    def _patched(self, resource: str, name: str, part: str, body: Document, query: dict[str, str]) -> Document:
        kind = self.headers["Content-Type"]
        if kind not in CONTENT and self.command == "PATCH":
            raise Answer(415, "UnsupportedMediaType", f"the body of the request was in an unknown format: {kind}")
        if query.get("fieldValidation") == "Strict":
            _check_fields(part or resource, body)
        if self.api.before_patch is not None:
            self.api.before_patch()
        manager = query.get("fieldManager", "unknown")
        change = {"metadata": body.get("metadata", {}), "spec": body["spec"]}
        if self.command == "PUT":  # of a scale: all of it that can be written
            change = {
                "metadata": {"resourceVersion": body["metadata"]["resourceVersion"]},
                "spec": {"replicas": body["spec"]["replicas"]},
            }
        new = self.api.cluster.patch(resource, name, change, strategic=CONTENT.get(kind, False), manager=manager)
        if self.api.after_patch is not None:
            self.api.after_patch()
        return _scale(new) if part else _typed(resource, new)


def _scale(document: Document) -> Document:
    """Return the scale subresource of a workload."""
    kept = ("name", "namespace", "uid", "resourceVersion")
    metadata = {name: document["metadata"][name] for name in kept}
    labels = ",".join(f"{name}={value}" for name, value in document["spec"]["selector"]["matchLabels"].items())
    status = {"replicas": document["status"]["replicas"], "selector": labels}
    spec = {"replicas": document["spec"]["replicas"]}
    return {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": metadata, "spec": spec, "status": status}


def _typed(resource: str, document: Document) -> Document:
    return {"apiVersion": API[resource], "kind": KINDS[resource], **document}


RESOURCES = {
    f"spec.template.spec.containers.resources.{part}.{each}"
    for part in ("limits", "requests")
    for each in ("cpu", "memory")
}
TEMPLATE = {"metadata.resourceVersion", "spec.template.spec.containers.name", *RESOURCES}
FIELDS = {
    "scale": {"metadata.resourceVersion", "spec.replicas"},
    AUTOSCALERS: {"metadata.resourceVersion", "spec.minReplicas", "spec.maxReplicas"},
    **dict.fromkeys(WORKLOADS, TEMPLATE),
}


def _check_fields(resource: str, body: Document) -> None:
    """Refuse what is not in the published schema of the object, as far as this product has any business to write it."""
    for path in _paths(body):
        if path not in FIELDS[resource]:
            raise Answer(400, "BadRequest", f'strict decoding error: unknown field "{path}"')


def _paths(value: Any, before: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _paths(inner, f"{before}.{name}" if before else name)
    elif isinstance(value, list):
        for each in value:
            yield from _paths(each, before)
    else:
        yield before
