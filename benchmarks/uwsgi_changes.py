"""Changes a uWSGI again and again under load; counts requests that failed.

`python -m benchmarks.uwsgi_changes --changes 100`: a real uWSGI, clients that ask one after the other, the touchpoint as the
engine uses it. `--by fifo` turns the number of workers while it runs, `--by reload` by ini file and reload; `--threads` is how
many each worker has. Ends with 1 if a change did not come or, by FIFO and without threads, a request failed.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from plugin_optimizer.domain import OptimizerError, Plugin
from plugin_optimizer.touchpoints.uwsgi import UwsgiTouchpoint
from tests.uwsgi_service import Crowd, UwsgiService, start_uwsgi

CHANGE_SECONDS = 120.0
MOST_WORKERS = 4


def change(touchpoint: UwsgiTouchpoint, plugin: Plugin, to: int) -> bool:
    """Turn step by step until the processes show it; return whether they did."""
    deadline = time.monotonic() + CHANGE_SECONDS
    while time.monotonic() < deadline:
        try:
            if next(knob.value for knob in touchpoint.knobs(plugin) if knob.name == "workers") == to:
                return True
            touchpoint.turn(plugin, "workers", to)
        except OptimizerError:  # being reloaded, or coming and going: look again
            pass
        time.sleep(0.1)
    return False


def measure(service: UwsgiService, home: Path, changes: int, clients: int) -> tuple[list[float], Crowd]:
    """Return how long each change took (seconds; infinite where it did not come), and what came of the requests."""
    touchpoint, chance, took = UwsgiTouchpoint(home), random.Random(1), []
    plugin = next(p for p in touchpoint.discover() if p.address["bind"].endswith(f":{service.port}"))
    now = 2
    with Crowd(service, clients, "/nap/0.02", pause_seconds=0.05) as crowd:
        for _ in range(changes):
            now = chance.choice([count for count in range(1, MOST_WORKERS + 1) if count != now])
            began = time.monotonic()
            took.append(time.monotonic() - began if change(touchpoint, plugin, now) else float("inf"))
    return took, crowd


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--by", choices=["fifo", "reload"], default="fifo")
    given = parser.parse_args()
    manual = ("cheaper = 1", "cheaper-algo = manual", "cheaper-initial = 2")
    lines = (*manual, "processes = 4") if given.by == "fifo" else ("processes = 2",)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with start_uwsgi(folder / "shop", (*lines, f"threads = {given.threads}")) as service:
            took, crowd = measure(service, folder / "home", given.changes, given.clients)
    missed = sum(1 for seconds in took if seconds == float("inf"))
    print(f"{len(took)} changes by {given.by}, {given.threads} threads a worker: {missed} did not come")
    print(f"median {statistics.median(took):.2f} s, longest {max(took):.2f} s")
    print(f"{len(crowd.answers) + len(crowd.failures)} requests, {len(crowd.failures)} failed {crowd.failures[:3]}")
    return int(bool(missed) or (given.by == "fifo" and given.threads == 1 and bool(crowd.failures)))


if __name__ == "__main__":
    sys.exit(main())
