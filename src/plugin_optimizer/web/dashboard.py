"""The dashboard's exported files, served with the headers that a static export cannot set itself."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, redirect, request, send_file
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as WsgiResponse

from .encoding import SECURITY_HEADERS

STATIC = Path(__file__).parent / "static"
PREFIX = "/plugin-optimization"
ASSETS = "/_next"
PUBLIC = frozenset({".js", ".svg", ".png", ".ico", ".webmanifest"})
INLINE = {
    kind: re.compile(rf"<{kind}(?P<attributes>[^>]*)>(?P<text>.*?)</{kind}>", re.DOTALL) for kind in ("script", "style")
}
YEAR_SECONDS = 31_536_000
MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Dashboard not built</title>
<h1>대시보드가 아직 만들어지지 않았습니다 · The dashboard is not built</h1>
<p>저장소에서 <code>make dashboard</code>를 실행한 뒤 이 페이지를 새로 고치세요.</p>
<p>Run <code>make dashboard</code> in the repository, then reload this page. The REST API works without it.</p>
"""


@dataclass(frozen=True, slots=True)
class Export:
    """The files that `make dashboard` made. A page is found under its path, assets under the root."""

    root: Path

    @property
    def index(self) -> Path | None:
        return self.find("")

    def find(self, path: str) -> Path | None:
        """Return the file that answers `/plugin-optimization/<path>`; None where there is none."""
        for folder in (self.root / PREFIX.strip("/"), self.root):
            joined = safe_join(str(folder), path) if path else str(folder)
            for candidate in (Path(joined), Path(joined) / "index.html") if joined else ():
                if candidate.is_file() and not any(
                    part.startswith(".") for part in candidate.relative_to(self.root).parts
                ):
                    return candidate
        return None

    def public_files(self) -> Iterator[str]:
        """Yield the names of the files beside the pages (an icon, a script): the HTML asks for them at the root."""
        for file in sorted(self.root.glob("*")):
            if file.is_file() and file.suffix in PUBLIC:
                yield file.name


def add_dashboard(blueprint: Blueprint, root: Path = STATIC) -> None:
    """Serve the export under /plugin-optimization/ and its assets where its HTML looks for them."""
    export = Export(root)
    if export.index is not None:
        policy_of(export.index, export.index.stat().st_mtime_ns)  # hashed at start, not at the first visit

    def dashboard_redirect() -> WsgiResponse:
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return redirect(f"{request.script_root}{request.path}/{query}", 308)

    def dashboard(path: str = "") -> Response:
        return _served(export, path)

    def dashboard_asset(path: str) -> Response:
        return _served(export, f"_next/{path}")

    def dashboard_public() -> Response:
        return _served(export, request.path.rpartition("/")[2])

    blueprint.add_url_rule(PREFIX, view_func=dashboard_redirect, methods=["GET"], strict_slashes=True)
    blueprint.add_url_rule(f"{PREFIX}/", view_func=dashboard, methods=["GET"], strict_slashes=True)
    blueprint.add_url_rule(f"{PREFIX}/<path:path>", view_func=dashboard, methods=["GET"])
    blueprint.add_url_rule(f"{ASSETS}/<path:path>", view_func=dashboard_asset, methods=["GET"])
    for name in export.public_files():
        blueprint.add_url_rule(f"/{name}", view_func=dashboard_public, methods=["GET"])


@lru_cache(maxsize=64)
def policy_of(page: Path, modified_ns: int) -> str:  # noqa: ARG001 - a rebuilt page is hashed anew
    """Return the content security policy of a page: its own inline scripts and styles by hash, nothing else inline."""
    html = page.read_text(encoding="utf-8")
    scripts, styles = (" ".join(["'self'", *_hashes(html, kind)]) for kind in ("script", "style"))
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _hashes(html: str, kind: str) -> list[str]:
    found = (m for m in INLINE[kind].finditer(html) if not re.search(r"\bsrc\s*=", m["attributes"]))
    digests = {base64.b64encode(hashlib.sha256(m["text"].encode()).digest()).decode() for m in found}
    return [f"'sha256-{digest}'" for digest in sorted(digests)]


def _served(export: Export, path: str) -> Response:
    file = export.find(path)
    if file is None:
        return _missing(export)
    response: Response = send_file(file, conditional=True, etag=True, max_age=0)
    _describe(response, file, path)
    return response


def _describe(response: Response, file: Path, path: str) -> None:
    response.headers.update(SECURITY_HEADERS)
    if file.suffix == ".html":
        response.headers["Content-Security-Policy"] = policy_of(file, file.stat().st_mtime_ns)
    if path.startswith("_next/static/"):
        response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"


def _missing(export: Export) -> Response:
    if export.index is None:
        response = Response(MISSING, 503, mimetype="text/html")
    else:
        page = export.root / "404.html"
        response = Response(page.read_bytes() if page.is_file() else b"404", 404, mimetype="text/html")
    response.headers.update(SECURITY_HEADERS)
    response.headers["Cache-Control"] = "no-cache"
    page_policy = export.root / "404.html"
    response.headers["Content-Security-Policy"] = (
        policy_of(page_policy, page_policy.stat().st_mtime_ns)
        if page_policy.is_file() and export.index is not None
        else "default-src 'none'; frame-ancestors 'none'"
    )
    return response
