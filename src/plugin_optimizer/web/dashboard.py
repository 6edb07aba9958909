"""The dashboard's exported files, served with the headers that a static export cannot set itself."""

import base64
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, redirect, request, send_file
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as WsgiResponse

from .compression import TEXTS, gzipped_file, wants_gzip
from .encoding import SECURITY_HEADERS
from .mount import ADDRESSED, PREFIX, mount_of, text_at

STATIC = Path(__file__).parent / "static"
INLINE = {
    kind: re.compile(rf"<{kind}(?P<attributes>[^>]*)>(?P<text>.*?)</{kind}>", re.DOTALL) for kind in ("script", "style")
}
HASHED = "_next/static/"  # a file there never changes under its name
MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Dashboard not built</title>
<h1>대시보드가 아직 만들어지지 않았습니다 · The dashboard is not built</h1>
<p>저장소에서 <code>make dashboard</code>를 실행한 뒤 이 페이지를 새로 고치세요.</p>
<p>Run <code>make dashboard</code> in the repository, then reload this page. The REST API works without it.</p>
"""


@dataclass(frozen=True, slots=True)
class Export:
    """The files that `make dashboard` made: pages and public files under their path, hashed assets under `_next`."""

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


def add_dashboard(blueprint: Blueprint, root: Path = STATIC) -> None:
    """Serve the export, all of it under /plugin-optimization/: the rest of the site belongs to the host."""
    export = Export(root)
    if export.index is not None:
        policy_of(export.index, export.index.stat().st_mtime_ns, "")  # hashed at start, not at the first visit

    def dashboard_redirect() -> WsgiResponse:
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return redirect(f"{request.script_root}{request.path}/{query}", 308)

    def dashboard(path: str = "") -> Response:
        return _served(export, path, mount_of(request))

    blueprint.add_url_rule(PREFIX, view_func=dashboard_redirect, methods=["GET"], strict_slashes=True)
    blueprint.add_url_rule(f"{PREFIX}/", view_func=dashboard, methods=["GET"], strict_slashes=True)
    blueprint.add_url_rule(f"{PREFIX}/<path:path>", view_func=dashboard, methods=["GET"])


@lru_cache(maxsize=64)
def policy_of(page: Path, modified_ns: int, mount: str) -> str:  # noqa: ARG001 - a rebuilt page is hashed anew
    """Return the content security policy of a page: its own inline scripts and styles by hash, nothing else inline."""
    html = text_at(page, mount)
    scripts, styles = (" ".join(["'self'", *_hashes(html, kind)]) for kind in ("script", "style"))
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _hashes(html: str, kind: str) -> list[str]:
    found = (m for m in INLINE[kind].finditer(html) if not re.search(r"\bsrc\s*=", m["attributes"]))
    digests = {base64.b64encode(hashlib.sha256(m["text"].encode()).digest()).decode() for m in found}
    return [f"'sha256-{digest}'" for digest in sorted(digests)]


def _served(export: Export, path: str, mount: str) -> Response:
    file = export.find(path)
    if file is None:
        return _missing(export, mount)
    if file.suffix in TEXTS and wants_gzip():
        response = _made(gzipped_file(file, file.stat().st_mtime_ns, mount), file)
        response.headers["Content-Encoding"] = "gzip"
    elif mount and file.suffix in ADDRESSED:
        response = _made(text_at(file, mount).encode(), file)
    else:
        response = send_file(file, conditional=True, etag=True, max_age=0)
    return _described(
        response, file, "public, max-age=31536000, immutable" if path.startswith(HASHED) else "no-cache", mount
    )


def _made(body: bytes, file: Path) -> Response:
    response = Response(body, mimetype=mimetypes.guess_type(file.name)[0])
    response.add_etag()
    response.make_conditional(request)
    return response


def _described(response: Response, file: Path, cache: str, mount: str) -> Response:
    response.headers.update(SECURITY_HEADERS)
    response.headers["Cache-Control"] = cache
    response.vary.add("Accept-Encoding")
    if file.suffix == ".html":
        response.headers["Content-Security-Policy"] = policy_of(file, file.stat().st_mtime_ns, mount)
    return response


def _missing(export: Export, mount: str) -> Response:
    page = export.root / "404.html"
    if export.index is not None and page.is_file():
        return _described(Response(text_at(page, mount), 404, mimetype="text/html"), page, "no-cache", mount)
    response = Response(b"404", 404) if export.index is not None else Response(MISSING, 503, mimetype="text/html")
    response.headers.update(SECURITY_HEADERS)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response
