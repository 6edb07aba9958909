"""Keeps profiles in a cache of ENTRIES entries; each that is not there takes a while.

With ONCE_IN, each so-many-th request is a crawler's: for a profile that nobody asks for again. PROFILE_BYTES is how large one is.
"""

import itertools
import os
import time
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs

from plugin_optimizer.probe import TunableCache, instrument

ONCE_IN, PROFILE_BYTES = (int(os.environ.get(name, "0")) for name in ("ONCE_IN", "PROFILE_BYTES"))
_profiles: TunableCache[str, str] = TunableCache("profiles", int(os.environ["ENTRIES"]))
_requests = itertools.count()


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    key, number = parse_qs(str(environ.get("QUERY_STRING", "")))["key"][0], next(_requests)
    if ONCE_IN and number % ONCE_IN == 0:
        key = f"once-{number}"
    profile = _profiles.get_or_load(key, lambda: load(key))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [profile.encode()]


def load(key: str) -> str:
    time.sleep(0.06)
    return f"profile {key}".ljust(PROFILE_BYTES)


app = instrument(serve, plugin=os.environ["SERVICE"])
