"""The dashboard's files and their headers."""

import base64
import hashlib
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from plugin_optimizer.web.dashboard import add_dashboard

SCRIPT = "self.__next_f=[]"
PAGE = f'<html><head><script src="/_next/static/a.js"></script><script>{SCRIPT}</script></head></html>'


def serve(root: Path) -> FlaskClient:
    app, blueprint = Flask("host", static_folder=None), Blueprint("dashboard", __name__)
    add_dashboard(blueprint, root)
    app.register_blueprint(blueprint)
    return app.test_client()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    for name, text in {
        "plugin-optimization/index.html": PAGE,
        "404.html": "<html>not here</html>",
        "theme-init.js": "0",
        "_next/static/a.js": "1",
        ".built": "",
    }.items():
        (tmp_path / "static" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "static" / name).write_text(text)
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "static"


def test_the_page_allows_its_own_scripts_only(export: Path) -> None:
    """The policy holds the hash of the inline script, and nothing like 'unsafe-inline'."""
    answer = serve(export).get("/plugin-optimization/", buffered=True)
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert f"script-src 'self' 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_rebuilt_page_is_hashed_anew(export: Path) -> None:
    """`make dashboard` under a running server does not end in a page whose scripts are refused."""
    client = serve(export)
    before = client.get("/plugin-optimization/", buffered=True).headers["Content-Security-Policy"]
    (export / "plugin-optimization/index.html").write_text(PAGE.replace(SCRIPT, "self.__next_f=[1]"))
    assert client.get("/plugin-optimization/", buffered=True).headers["Content-Security-Policy"] != before


@pytest.mark.parametrize("path", ["/theme-init.js", "/plugin-optimization/theme-init.js"])
def test_what_stands_beside_the_pages_is_found(export: Path, path: str) -> None:
    """The HTML asks for it at the root of the site; the page itself never answers there."""
    client = serve(export)
    answer = client.get(path, buffered=True)
    assert (answer.status_code, answer.data, answer.headers["Cache-Control"]) == (200, b"0", "no-cache")
    assert client.get("/index.html", buffered=True).status_code == 404


@pytest.mark.parametrize("path", ["/_next/static/a.js", "/plugin-optimization/_next/static/a.js"])
def test_hashed_assets_are_kept_for_ever(export: Path, path: str) -> None:
    """Where the page looks for them, under either prefix."""
    answer = serve(export).get(path, buffered=True)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]


def test_the_address_without_slash_keeps_its_query(export: Path) -> None:
    """308 to the page, with the query a colleague's link holds."""
    answer = serve(export).get("/plugin-optimization?tab=history&lang=en", buffered=True)
    assert answer.status_code == 308
    assert answer.headers["Location"].endswith("/plugin-optimization/?tab=history&lang=en")


@pytest.mark.parametrize(
    "path", ["/plugin-optimization/none", "/plugin-optimization/../secret.txt", "/plugin-optimization/..%2Fsecret.txt",
             "/plugin-optimization/.built", "/plugin-optimization/%2e%2e/%2e%2e/secret.txt", "/_next/../../secret.txt"],
)  # fmt: skip
def test_nothing_else_is_served(export: Path, path: str) -> None:
    """Unknown, hidden and outside files are 404 and show nothing."""
    answer = serve(export).get(path, buffered=True)
    assert answer.status_code == 404
    assert b"secret" not in answer.data


def test_a_missing_export_says_what_to_do(tmp_path: Path) -> None:
    """A page in both languages names the command; once it is built, no restart is needed."""
    client = serve(tmp_path / "static")
    answer = client.get("/plugin-optimization/", buffered=True)
    assert answer.status_code == 503
    assert "make dashboard" in answer.get_data(as_text=True)
    (tmp_path / "static").mkdir()
    (tmp_path / "static/index.html").write_text(PAGE)
    assert client.get("/plugin-optimization/", buffered=True).status_code == 200
