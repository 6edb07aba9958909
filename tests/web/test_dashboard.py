"""The dashboard's files and their headers."""

import base64
import gzip
import hashlib
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from plugin_optimizer.web.dashboard import add_dashboard

SCRIPT = "self.__next_f=[]"
ADDRESS = "/plugin-optimization/_next/static/a.js"
PAGE = f'<html lang="ko"><head><script src="{ADDRESS}"></script><script>{SCRIPT}</script></head></html>'


def serve(root: Path, url_prefix: str | None = None) -> FlaskClient:
    app, blueprint = Flask("host", static_folder=None), Blueprint("dashboard", __name__)
    add_dashboard(blueprint, root)
    app.register_blueprint(blueprint, url_prefix=url_prefix)
    return app.test_client()


def digest_of(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    for name, text in {
        "plugin-optimization/index.html": PAGE,
        "404.html": "<html>not here</html>",
        "plugin-optimization/theme-init.js": "0",
        "_next/static/a.js": 'base="/plugin-optimization/_next/"',
        ".built": "",
    }.items():
        (tmp_path / "static" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "static" / name).write_text(text)
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "static"


def test_the_page_allows_its_own_scripts_only(export: Path) -> None:
    """The policy holds the hash of the inline script, and nothing like 'unsafe-inline'."""
    answer = serve(export).get("/plugin-optimization/", buffered=True)
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert f"script-src 'self' {digest_of(SCRIPT)};" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_rebuilt_page_is_hashed_anew(export: Path) -> None:
    """`make dashboard` under a running server does not end in a page whose scripts are refused."""
    client = serve(export)
    before = client.get("/plugin-optimization/", buffered=True).headers["Content-Security-Policy"]
    (export / "plugin-optimization/index.html").write_text(PAGE.replace(SCRIPT, "self.__next_f=[1]"))
    assert client.get("/plugin-optimization/", buffered=True).headers["Content-Security-Policy"] != before


def test_all_files_are_below_our_own_path(export: Path) -> None:
    """Public files are asked again each time, hashed ones kept for ever; the site's root stays the host's."""
    client = serve(export)
    answer = client.get("/plugin-optimization/theme-init.js", buffered=True)
    assert (answer.status_code, answer.data, answer.headers["Cache-Control"]) == (200, b"0", "no-cache")
    answer = client.get(ADDRESS, buffered=True)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    for path in ("/theme-init.js", "/_next/static/a.js", "/icon.svg", "/index.html"):
        assert client.get(path, buffered=True).status_code == 404


@pytest.mark.parametrize(
    ("script_name", "url_prefix", "mount"),
    [("/intranet", None, "/intranet"), ("", "/ops", "/ops"), ("/intranet", "/ops", "/intranet/ops"),
     ("//evil.example", None, "/evil.example"), ('/"><script>', None, "/%22%3E%3Cscript%3E")],
)  # fmt: skip
def test_below_a_host_s_prefix_every_address_carries_it(
    export: Path, script_name: str, url_prefix: str | None, mount: str
) -> None:
    """Assets, the bundler's base path and the API; the prefix can break out of nothing."""
    client = serve(export, url_prefix)
    environment = {"SCRIPT_NAME": script_name}
    page = client.get(f"{url_prefix or ''}/plugin-optimization/", environ_overrides=environment, buffered=True)
    asset = client.get(f"{url_prefix or ''}{ADDRESS}", environ_overrides=environment, buffered=True)
    assert f'<script src="{mount}{ADDRESS}">' in page.text
    assert f'<html data-api-base="{mount}/api/plugin-optimization" lang="ko">' in page.text
    assert digest_of(SCRIPT) in page.headers["Content-Security-Policy"]
    assert asset.text == f'base="{mount}/plugin-optimization/_next/"'
    assert asset.mimetype == "text/javascript"
    assert "immutable" in asset.headers["Cache-Control"]


def test_an_inline_script_below_a_prefix_is_hashed_as_it_is_sent(export: Path) -> None:
    """Its addresses are longer there, so its hash is another one; a second visit costs no transfer."""
    (export / "plugin-optimization/index.html").write_text(PAGE.replace(SCRIPT, f'push("{ADDRESS}")'))
    client = serve(export)
    page = client.get("/plugin-optimization/", environ_overrides={"SCRIPT_NAME": "/intranet"}, buffered=True)
    assert digest_of(f'push("/intranet{ADDRESS}")') in page.headers["Content-Security-Policy"]
    again = client.get(
        "/plugin-optimization/", environ_overrides={"SCRIPT_NAME": "/intranet"}, buffered=True,
        headers={"If-None-Match": page.headers["ETag"]},
    )  # fmt: skip
    assert again.status_code == 304


@pytest.mark.parametrize("mount", ["", "/intranet"])
def test_files_travel_compressed(export: Path, mount: str) -> None:
    """Whoever reads gzip gets it, hashed as it is read; whoever does not gets the file; caches are told the difference."""
    client, at = serve(export), {"SCRIPT_NAME": mount}
    plain = client.get(ADDRESS, environ_overrides=at, buffered=True)
    small = client.get(ADDRESS, environ_overrides=at, headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert (plain.content_encoding, small.content_encoding) == (None, "gzip")
    assert gzip.decompress(small.data) == plain.data
    assert (small.mimetype, small.headers["Vary"]) == ("text/javascript", "Accept-Encoding")
    assert small.headers["ETag"] != plain.headers["ETag"]
    again = {"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]}
    assert client.get(ADDRESS, environ_overrides=at, headers=again, buffered=True).status_code == 304
    refused = client.get(ADDRESS, environ_overrides=at, headers={"Accept-Encoding": "gzip;q=0"}, buffered=True)
    assert refused.data == plain.data


def test_a_rebuilt_file_is_compressed_anew(export: Path) -> None:
    """`make dashboard` under a running server: nobody gets the old file."""
    client, gzipped = serve(export), {"Accept-Encoding": "gzip"}
    client.get(ADDRESS, headers=gzipped, buffered=True)
    (export / "_next/static/a.js").write_text("new")
    assert gzip.decompress(client.get(ADDRESS, headers=gzipped, buffered=True).data) == b"new"


def test_the_address_without_slash_keeps_its_query(export: Path) -> None:
    """308 to the page, with the query a colleague's link holds."""
    answer = serve(export).get("/plugin-optimization?tab=history&lang=en", buffered=True)
    assert answer.status_code == 308
    assert answer.headers["Location"].endswith("/plugin-optimization/?tab=history&lang=en")


@pytest.mark.parametrize(
    "path", ["/plugin-optimization/none", "/plugin-optimization/../secret.txt", "/plugin-optimization/..%2Fsecret.txt",
             "/plugin-optimization/.built", "/plugin-optimization/%2e%2e/%2e%2e/secret.txt", "/plugin-optimization/_next/../../../secret.txt"],
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
