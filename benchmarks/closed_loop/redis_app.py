"""Keeps profiles in the service's Redis (CACHE_URL); each that is not there takes a while."""

import os
import time
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs

import redis

from plugin_optimizer.probe import instrument

PROFILE_BYTES, LOAD_SECONDS = 4_000, 0.06
_cache = redis.Redis.from_url(os.environ["CACHE_URL"])


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    key = parse_qs(str(environ.get("QUERY_STRING", "")))["key"][0]
    profile = _cache.get(key)
    if profile is None:
        profile = load(key)
        _cache.set(key, profile)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [bytes(profile)[:80]]  # type: ignore[arg-type] # redis-py's answer may be awaited, ours is not


def load(key: str) -> bytes:
    time.sleep(LOAD_SECONDS)
    return f"profile {key}".encode().ljust(PROFILE_BYTES, b".")


app = instrument(serve, plugin=os.environ["SERVICE"])
