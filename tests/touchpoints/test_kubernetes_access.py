"""A cluster is reached as a service account or by a kubeconfig; what is missing, or would not be safe, is told."""

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugin_optimizer.bootstrap import check_config
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import ConfigError, Plugin, Unobservable
from plugin_optimizer.touchpoints.kubernetes import KubernetesTouchpoint, access
from plugin_optimizer.touchpoints.kubernetes.settings import KubernetesSettings
from tests.kubernetes_api.objects import workload
from tests.kubernetes_api.server import EVERYTHING, ApiServer, running_api_server


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with running_api_server(tmp_path_factory.mktemp("api")) as server:
        server.rights |= {"first": EVERYTHING, "second": EVERYTHING}
        server.cluster.add("deployments", workload())
        yield server


def sees(path: str, **address: str) -> bool:
    plugin = Plugin("shop", "kubernetes", {"name": "shop", "kubeconfig": path, **address})
    return len(KubernetesTouchpoint((plugin,)).knobs(plugin)) > 0


def changed(api: ApiServer, tmp_path: Path, part: str, **change: Any) -> str:
    """Return a kubeconfig in which one part (`cluster`, `user`, `context`) is another."""
    document = json.loads(api.kubeconfig("first").read_text())
    document[f"{part}s"][0][part] |= change
    path = tmp_path / "config.json"
    path.write_text(json.dumps(document))
    return str(path)


def test_a_pod_speaks_as_its_service_account_and_follows_its_new_tokens(
    api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Token, authority and namespace lie in files that Kubernetes exchanges while we run."""
    monkeypatch.setattr(access, "SERVICE_ACCOUNT", tmp_path)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(api.port))
    shutil.copy(api.folder / "ca.pem", tmp_path / "ca.crt")
    (tmp_path / "namespace").write_text("shop\n")
    plugin = Plugin("shop", "kubernetes", {"name": "shop"})
    touchpoint = KubernetesTouchpoint((plugin,))
    for token in ("first", "second"):
        (tmp_path / "token").write_text(f"{token}\n")
        assert touchpoint.knobs(plugin)
    (tmp_path / "token").write_text("revoked")
    with pytest.raises(Unobservable, match="401"):
        touchpoint.knobs(plugin)


def test_outside_a_pod_a_kubeconfig_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is guessed."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(Unobservable, match="name a kubeconfig"):
        access.open_access(KubernetesSettings(name="shop"))


def test_authority_and_token_may_lie_in_files_or_in_the_kubeconfig(api: ApiServer, tmp_path: Path) -> None:
    """Paths are relative to it, as kubectl reads them."""
    data = base64.b64encode((api.folder / "ca.pem").read_bytes()).decode()
    shutil.copy(api.folder / "ca.pem", tmp_path / "ca.pem")
    (tmp_path / "token").write_text("second")
    assert sees(changed(api, tmp_path, "cluster", **{"certificate-authority-data": data, "certificate-authority": ""}))
    assert sees(changed(api, tmp_path, "cluster", **{"certificate-authority": "ca.pem"}))
    assert sees(changed(api, tmp_path, "user", token="", tokenFile="token"))


@pytest.mark.parametrize("held", ["in files", "in the kubeconfig"])
def test_a_client_certificate_is_shown(api: ApiServer, tmp_path: Path, held: str) -> None:
    """A key that the kubeconfig holds is read from memory; none is written to a disk."""
    certificate, key = api.folder / "ca.pem", api.folder / "key.pem"
    if held == "in files":
        change = {"client-certificate": str(certificate), "client-key": str(key)}
    else:
        change = {
            "client-certificate-data": base64.b64encode(certificate.read_bytes()).decode(),
            "client-key-data": base64.b64encode(key.read_bytes()).decode(),
        }
    assert sees(changed(api, tmp_path, "user", **change))
    assert {path.name for path in tmp_path.iterdir()} == {"config.json"}


@pytest.mark.parametrize(
    ("part", "change", "told"),
    [
        ("cluster", {"insecure-skip-tls-verify": True}, "not verified"),
        ("cluster", {"server": "http://127.0.0.1:8080"}, "https://host:port"),
        ("cluster", {"tls-server-name": "other"}, "tls-server-name is not known"),
        ("cluster", {"certificate-authority": "/nowhere/ca.pem"}, "authority of the cluster cannot be read"),
        ("cluster", {"certificate-authority-data": "%%%"}, "not base64"),
        ("user", {"exec": {"command": "aws"}}, "use the token of a service account"),
        ("user", {"client-certificate": "/nowhere/c.pem", "client-key": "/nowhere/k.pem"}, "cannot be read"),
        ("user", {"token": "", "tokenFile": "absent"}, "absent cannot be read"),
        ("context", {"user": "nobody"}, "a cluster or a user that is not there"),
        ("context", {"namespace": "a/b"}, "is no namespace"),
    ],
)
def test_what_cannot_be_used_is_told(
    api: ApiServer, tmp_path: Path, part: str, change: dict[str, Any], told: str
) -> None:
    """Before anything is sent."""
    with pytest.raises(Unobservable, match=told):
        sees(changed(api, tmp_path, part, **change))


def test_a_server_with_another_certificate_is_not_spoken_to(api: ApiServer, tmp_path: Path) -> None:
    """No token is sent to whoever cannot show a certificate of the cluster's authority."""
    before = len(api.log)
    path = changed(api, tmp_path, "cluster", **{"certificate-authority": ""})
    with pytest.raises(Unobservable, match="CERTIFICATE_VERIFY_FAILED"):
        sees(path)
    assert len(api.log) == before


def test_a_kubeconfig_that_is_none_says_how_one_is_made(tmp_path: Path) -> None:
    """YAML is turned into JSON by one command."""
    path = tmp_path / "config"
    path.write_text("apiVersion: v1\nkind: Config\n")
    with pytest.raises(Unobservable, match="kubectl config view --raw --flatten --minify --output json"):
        sees(str(path))
    with pytest.raises(Unobservable, match="no context 'there'; it has here"):
        sees(str(_kubeconfig(tmp_path)), context="there")


def _kubeconfig(folder: Path) -> Path:
    server = ApiServer(cluster=None, port=1, folder=folder)  # type: ignore[arg-type]
    return server.kubeconfig("first")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({}, "missing required field `name`"),
        ({"name": "Shop"}, r"plugins\.shop\.name: expected a name"),
        ({"name": "../secrets"}, "expected a name"),
        ({"name": "shop", "namespace": "a/b"}, r"plugins\.shop\.namespace: expected a name"),
        ({"name": "shop", "workload": "daemonset"}, "expected deployment or statefulset"),
        ({"name": "shop", "most_replicas": "0"}, "most_replicas is 0; expected 1 to 10000"),
        ({"name": "shop", "timeout_seconds": "9"}, "timeout_seconds is 9; expected 0.5 to 7"),
        ({"name": "shop", "replicas": "3"}, r"plugins\.shop\.replicas is not a setting of kubernetes"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(address: dict[str, str], told: str) -> None:
    """At the start, with the key."""
    with pytest.raises(ConfigError, match=told):
        KubernetesTouchpoint((Plugin("shop", "kubernetes", address),))


def test_one_workload_is_one_plugin() -> None:
    """Under two names it would be turned twice; the configuration is checked with it."""
    table = {"touchpoint": "kubernetes", "name": "shop", "most_replicas": 30}
    check_config(parse_config({"plugins": {"shop": table}}))
    with pytest.raises(ConfigError, match=r"plugins\.again is the same deployment as plugins\.shop"):
        check_config(parse_config({"plugins": {"shop": table, "again": table}}))
