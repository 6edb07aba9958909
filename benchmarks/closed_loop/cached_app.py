"""Keeps profiles in a cache of ENTRIES entries; each that is not there takes a while."""

import os
import time
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs

from plugin_optimizer.probe import TunableCache, instrument

_profiles: TunableCache[str, str] = TunableCache("profiles", int(os.environ["ENTRIES"]))


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    key = parse_qs(str(environ.get("QUERY_STRING", "")))["key"][0]
    profile = _profiles.get_or_load(key, lambda: load(key))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [profile.encode()]


def load(key: str) -> str:
    time.sleep(0.06)
    return f"profile {key}"


app = instrument(serve, plugin=os.environ["SERVICE"])
