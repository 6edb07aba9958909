"""Predicts the hit ratio of a larger Redis from a slice of its keys, then makes it larger and counts.

    python -m benchmarks.redis_room [--seconds 90] [--rate 300] [--keys 12000] [--megabytes 3] [--fresh]

A server of its own on a free port; Zipf (0.9) over the keys, 700-byte values, cache-aside. Prints for twice and four times
the memory what was predicted (with the 80 % interval) and what was then counted, and what the looks cost on both sides.
"""

import argparse
import tempfile
import time
from pathlib import Path

from plugin_optimizer.domain import CacheServer, Plugin
from plugin_optimizer.models.cache_room import room_at
from plugin_optimizer.touchpoints.redis import RedisTouchpoint
from tests.cache_load import BATCH_SECONDS, CacheLoad
from tests.redis_service import MEBIBYTE, RedisService, start_redis

LOOK_SECONDS = 1.0


def run(load: CacheLoad, touchpoint: RedisTouchpoint | None, plugin: Plugin, seconds: float) -> tuple[float, float]:
    """Return the hit ratio over the last half of the time, and the mean CPU seconds of one look on our side."""
    began, looked, asked, hit, spent, looks = time.monotonic(), 0.0, 0, 0, 0.0, 0
    while (passed := time.monotonic() - began) < seconds:
        requests, hits = load.batch()
        if passed > seconds / 2:
            asked, hit = asked + requests, hit + hits
        if touchpoint is not None and passed - looked >= LOOK_SECONDS:
            looked, before = passed, time.process_time()
            touchpoint.sense(plugin, time.time())
            spent, looks = spent + time.process_time() - before, looks + 1
        time.sleep(max(0.0, BATCH_SECONDS - (time.monotonic() - began - passed)))
    return hit / max(1, asked), spent / max(1, looks)


def describe(server: CacheServer, limit: int, counted: float) -> str:
    room = room_at(server, limit)
    inside = "inside" if room.low <= counted <= room.high else "OUTSIDE"
    return (
        f"{limit / MEBIBYTE:5.0f} MB  predicted {room.point.expected:.3f} [{room.low:.3f}, {room.high:.3f}]"
        f"  counted {counted:.3f}  {inside}  error {100 * (room.point.expected - counted):+.1f} points"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, kind, value in (
        ("seconds", float, 90.0),
        ("rate", float, 300.0),
        ("keys", int, 12_000),
        ("megabytes", int, 3),
    ):
        asked.add_argument(f"--{name}", type=kind, default=value)
    asked.add_argument("--fresh", action="store_true", help="look from the server's first second on")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        limit = given.megabytes * MEBIBYTE
        options = ("--maxmemory", str(limit), "--maxmemory-policy", "allkeys-lru")
        with start_redis(Path(folder), *options) as service:
            measure(
                service,
                CacheLoad(service, given.keys, given.rate),
                limit,
                given.seconds,
                0.0 if given.fresh else given.seconds,
            )


def measure(service: RedisService, load: CacheLoad, limit: int, seconds: float, before_seconds: float) -> None:
    plugin = Plugin("sessions", "redis", {"url": service.url})
    touchpoint = RedisTouchpoint((plugin,))
    run(load, None, plugin, before_seconds)  # a server that has run for a while before anybody looks, as real ones have
    counted, look_seconds = run(load, touchpoint, plugin, seconds)
    server = touchpoint.cache_server(plugin)
    print(
        f"{limit / MEBIBYTE:5.0f} MB  counted {counted:.3f}, {server.entries} keys, {server.sampled_keys} in the sample"
    )
    if not server.curve:
        raise SystemExit(f"no curve after {seconds:g} s: {server.curve_missing}")
    scans = service.client.info("commandstats")["cmdstat_scan"]
    print(f"model against count {100 * server.model_error_ratio:+.1f} points")
    print(
        f"one turn takes us {1e3 * look_seconds:.1f} ms of CPU; SCAN takes the server {scans['usec'] / 1e6 / seconds:.3%} of its time"
    )
    for factor in (2, 4):
        touchpoint.turn(plugin, "maxmemory", factor * limit)
        counted, _ = run(load, touchpoint, plugin, seconds)
        print(describe(server, factor * limit, counted))


if __name__ == "__main__":
    main()
