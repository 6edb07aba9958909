"""Cross-site request forgery: a browser must not be talked into writes by another site's page.

Three fences, each enough alone in a current browser: SameSite=Lax cookies, the browser's own Sec-Fetch-Site and
Origin headers, and a token that only pages of this origin can read (OWASP CSRF Prevention Cheat Sheet).
"""

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Request, session

from .problem import Problem

CSRF_HEADER = "X-CSRF-Token"
CSRF_KEY = "plugin_optimizer_csrf"


def refuse_foreign_origin(request: Request) -> None:
    """Raise Problem 403 where the browser says that another site's page made this request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        raise Problem(403, "foreign_origin", "writes are accepted from this site's own pages only")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Problem(403, "foreign_origin", f"the Origin must be this server's own, {request.host}")


def refuse_missing_csrf(request: Request) -> None:
    """Raise Problem 403 where a session's write lacks the token that GET /session gave."""
    expected = str(session.get(CSRF_KEY, ""))
    given = request.headers.get(CSRF_HEADER, "")
    if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
        raise Problem(403, "csrf_token_missing", f"send the header {CSRF_HEADER} with the csrf_token of GET /session")


def csrf_token() -> str:
    """Return the token of this session, made when it is first asked for."""
    if CSRF_KEY not in session:
        session[CSRF_KEY] = secrets.token_urlsafe(24)
    return str(session[CSRF_KEY])
