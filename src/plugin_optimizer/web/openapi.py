"""openapi.json 3.1 from the table of routes and the types of what they take and give."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from .. import __version__
from .problem import MEDIA_TYPE
from .route import Role, Route

REFERENCE = "#/components/schemas/{name}"
PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
    },
}


def openapi(routes: Iterable[Route]) -> Mapping[str, Any]:
    """Return the document. Every route is in it; its operationId is the route's name."""
    routes = tuple(routes)
    types = [t for route in routes for t in (route.answers, route.query, route.body or route.takes) if t is not None]
    schemas, components = msgspec.json.schema_components(types, ref_template=REFERENCE)
    of = dict(zip([id(t) for t in types], schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, of, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Plugin optimizer", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": PROBLEM},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "session"},
            },
        },
    }


def _operation(route: Route, of: Mapping[int, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "x-role": route.role.name.lower(),
        "parameters": [*_path_parameters(route), *_query_parameters(route, of, components)],
        "responses": {
            str(route.status): {"description": "As asked", "content": {route.media: {"schema": of[id(route.answers)]}}},
            "default": {
                "description": "A problem",
                "content": {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(name="Problem")}}},
            },
        },
    }
    if route.role > Role.NOBODY:
        operation["security"] = [{"bearer": []}, {"session": []}]
    body = route.body or route.takes
    if body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": of[id(body)]}}}
    return operation


def _path_parameters(route: Route) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"<(?:\w+:)?(\w+)>", route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(route: Route, of: Mapping[int, Any], components: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    schema = of[id(route.query)]
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    for name, field in schema.get("properties", {}).items():
        yield {"name": name, "in": "query", "required": False, "schema": field}
    yield {"name": "lang", "in": "query", "required": False, "schema": {"enum": ["ko", "en"]}}
