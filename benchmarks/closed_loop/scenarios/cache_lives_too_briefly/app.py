"""Keeps prices for as long as a setting says; each that is older is fetched anew, which takes a while."""

import os
import time
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs

from plugin_optimizer.probe import instrument, tunable

FETCH_SECONDS = 0.3
_kept: dict[str, tuple[str, float]] = {}
_ttl_seconds = tunable(
    "prices.ttl_seconds",
    float(os.environ["TTL_SECONDS"]),
    minimum=1.0,
    maximum=120.0,
    unit="seconds",
    kind="performance",
)


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    price = price_of(parse_qs(str(environ.get("QUERY_STRING", "")))["key"][0])
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [price.encode()]


def price_of(key: str) -> str:
    """Return what is kept and not too old, else fetch it."""
    price, fetched_at = _kept.get(key, ("", -float("inf")))
    if time.monotonic() - fetched_at < _ttl_seconds.value:
        return price
    time.sleep(FETCH_SECONDS)
    _kept[key] = (f"price of {key}", time.monotonic())
    return _kept[key][0]


app = instrument(serve, plugin=os.environ["SERVICE"])
