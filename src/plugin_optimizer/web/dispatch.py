"""The way of every request: who, may they, what do they want, then the handler; errors in one place."""

import time
from collections.abc import Callable

from flask import Response, g, request

from .encoding import problem_response, response_from
from .identity import Identity, Proof, authorise, identify
from .language import language
from .origin import refuse_foreign_origin, refuse_missing_csrf
from .problem import problem_from
from .reading import read_body, read_query
from .route import Answer, Call, Nothing, Role, Route
from .system import SystemProvider

View = Callable[..., Response]


def view_of(route: Route, system_provider: SystemProvider) -> View:
    """Return the Flask view of a route. It never raises: whatever happens is answered as a problem."""

    def view(**path: str) -> Response:
        try:
            return response_from(_handle(route, system_provider, path))
        except Exception as error:  # noqa: BLE001 - a host's own handlers must not answer for our API
            return problem_response(problem_from(error), route.seed_errors)

    return view


def _handle(route: Route, system_provider: SystemProvider, path: dict[str, str]) -> Answer | Response:
    now = time.time()
    system = system_provider()
    identity = identify(request, system, now)
    g.plugin_optimizer_identity = identity
    authorise(identity, route.role)
    _fence(route, identity)
    call = Call(
        system,
        identity.user,
        now,
        language(request),
        dict(request.headers),
        identity.proof is Proof.SESSION,
        identity.user.name if identity.user and identity.proof is Proof.TOKEN else None,
    )
    query = read_query(request, route.query)
    arguments: dict[str, object] = {} if route.query is Nothing else {"query": query}
    if route.unsafe and route.takes is None:
        body = read_body(request, route.body)
        if route.body is not None:
            arguments["body"] = body
    return route.handler(call, **arguments, **path)


def _fence(route: Route, identity: Identity) -> None:
    if not route.unsafe or identity.proof is Proof.TOKEN:
        return
    refuse_foreign_origin(request)
    if identity.proof is Proof.SESSION and route.role > Role.NOBODY:
        refuse_missing_csrf(request)
