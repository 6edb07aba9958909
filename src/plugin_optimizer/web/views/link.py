"""Addresses within our API, right under whatever prefix and name the host registered the Blueprint."""

from flask import url_for


def link(route_name: str, **path: str) -> str:
    return url_for(f".{route_name}", **path)  # type: ignore[arg-type]
