"""The Blueprint: every route of the table, a catch-all under our base, and the dashboard."""

from typing import cast

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from .dashboard import add_dashboard
from .dispatch import view_of
from .encoding import guarded, problem_response
from .freshness import watch_logins
from .problem import Problem
from .route import BASE
from .routes import ROUTES
from .system import SystemProvider

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
KNOWN = Map([Rule(route.rule, methods=[route.method], endpoint=route.name) for route in ROUTES])


def create_blueprint(system_provider: SystemProvider) -> Blueprint:
    """Return the Blueprint over the system that `system_provider` gives. Its rules are absolute: no prefix needed."""
    blueprint = Blueprint("plugin_optimization", __name__)
    for route in ROUTES:
        blueprint.add_url_rule(
            route.rule,
            endpoint=route.name,
            view_func=view_of(route, system_provider),
            methods=[route.method],
            provide_automatic_options=False,
        )
    for rule in (f"{BASE}/", f"{BASE}/<path:rest>"):
        blueprint.add_url_rule(rule, "anything_else", anything_else, methods=METHODS, provide_automatic_options=False)
    add_dashboard(blueprint)
    blueprint.record_once(lambda state: watch_logins(cast("Flask", state.app)))
    return blueprint


def anything_else(rest: str = "") -> Response:
    """Answer what no route fits: 404, 405 with Allow, or the methods for OPTIONS. The host's own 404 stays its own."""
    allowed = _allowed(f"{BASE}/{rest}")
    if not allowed:
        return problem_response(
            Problem(404, "no_such_endpoint", f"there is no such endpoint; {BASE}/openapi.json lists them"),
            seed_errors=False,
        )
    headers = {"Allow": ", ".join(allowed)}
    if request.method == "OPTIONS":
        return guarded(Response(status=204, headers=headers))
    detail = f"{request.method} is not possible here; possible are {headers['Allow']}"
    return problem_response(Problem(405, "method_not_allowed", detail, headers), seed_errors=False)


def _allowed(path: str) -> list[str]:
    adapter = KNOWN.bind("localhost")
    try:
        return sorted(adapter.allowed_methods(path))
    except HTTPException:
        return []
