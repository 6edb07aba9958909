"""Serving without login: only to this very machine, and never to a page of somebody else in its browser."""

import ipaddress

from flask import Request

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded")


def is_loopback(host: str) -> bool:
    """Tell whether a server bound to `host` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def comes_from_here(request: Request) -> bool:
    """Tell whether a request was made on this machine, to a local name (DNS rebinding), through no proxy."""
    if any(name in request.headers for name in FORWARDED):
        return False
    name = request.host.rpartition(":")[0] if not request.host.endswith("]") and ":" in request.host else request.host
    return is_loopback(request.remote_addr or "") and name in LOCAL_NAMES
