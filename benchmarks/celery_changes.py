"""Changes the number of a Celery worker's processes again and again under load; counts tasks that were lost or run twice.

`python -m benchmarks.celery_changes --changes 1000`: a real redis-server, a real prefork worker, tasks at a steady rate,
the touchpoint as the engine uses it. Ends with 1 if a task was lost or ran twice, or if there ever was no process.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from plugin_optimizer.domain import OptimizerError
from plugin_optimizer.touchpoints.celery import CeleryTouchpoint
from tests.celery_service import CeleryWorker, redis_server, start_celery

STEP_SECONDS = 60.0
MOST_WORKERS = 4


def load(worker: CeleryWorker, per_second: float, seconds: float, stop: threading.Event, sent: list[str]) -> None:
    """Send tasks in an open loop (Poisson arrivals) until told to stop."""
    chance = random.Random(1)
    due = time.monotonic()
    while not stop.is_set():
        due += chance.expovariate(per_second)
        if stop.wait(max(0.0, due - time.monotonic())):
            return
        name = f"t{len(sent)}"
        worker.send([name], seconds)
        sent.append(name)


def change(touchpoint: CeleryTouchpoint, worker: CeleryWorker, plugin_id: str, to: int, fewest: list[int]) -> bool:
    """Turn step by step until the process table shows it; return whether it did."""
    plugin = next(p for p in touchpoint.discover() if p.plugin_id == plugin_id)
    deadline = ordered = time.monotonic()
    while time.monotonic() < deadline + STEP_SECONDS:
        count = len(worker.children())
        fewest[0] = min(fewest[0], count)
        if count == to:
            return True
        if time.monotonic() >= ordered:
            ordered = time.monotonic() + 1.0
            try:
                touchpoint.turn(plugin, "workers", to)
            except OptimizerError:
                continue  # refused or unknown: look, and order again
        time.sleep(0.05)
    return False


def main() -> int:
    """Run, print the figures, return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--per-second", type=float, default=10.0)
    parser.add_argument("--task-seconds", type=float, default=0.08)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="celery-changes-") as name:
        room = Path(name)
        with redis_server(room) as url, start_celery(room, f"{url}/0", "-c", "1") as worker:
            return measure(room, worker, asked.changes, asked.per_second, asked.task_seconds)


def measure(room: Path, worker: CeleryWorker, changes: int, per_second: float, task_seconds: float) -> int:
    touchpoint, sent, stop = CeleryTouchpoint(room / "home"), list[str](), threading.Event()
    plugin_id = next(p.plugin_id for p in touchpoint.discover() if p.address["pid"] == str(worker.pid))
    loading = threading.Thread(target=load, args=(worker, per_second, task_seconds, stop, sent))
    loading.start()
    began, taken, fewest = time.monotonic(), {"up": list[float](), "down": list[float]()}, [MOST_WORKERS]
    wanted, chance = [1], random.Random(2)
    try:
        for _ in range(changes):
            to = chance.choice([n for n in range(1, MOST_WORKERS + 1) if n != wanted[-1]])
            at = time.monotonic()
            if not change(touchpoint, worker, plugin_id, to, fewest):
                print(f"stuck on the way from {wanted[-1]} to {to}")
                return 1
            taken["up" if to > wanted[-1] else "down"].append(time.monotonic() - at)
            wanted.append(to)
    finally:
        stop.set()
        loading.join()
    return report(worker, sent, len(wanted) - 1, taken, fewest[0], time.monotonic() - began)


def report(
    worker: CeleryWorker, sent: list[str], changes: int, taken: dict[str, list[float]], fewest: int, seconds: float
) -> int:
    deadline = time.monotonic() + STEP_SECONDS
    while len(worker.runs("end")) < len(sent) and time.monotonic() < deadline:
        time.sleep(0.2)
    begun, ended = Counter(worker.runs("begin")), Counter(worker.runs("end"))
    lost = [name for name in sent if not ended[name]]
    double = [name for name, count in begun.items() if count > 1]
    print(f"{changes} changes in {seconds:.0f} s, {len(sent)} tasks, {len(lost)} lost, {len(double)} run twice")
    print(f"fewest processes seen: {fewest}")
    for way, times in taken.items():
        ordered = sorted(times) or [float("nan")]
        print(f"{way}: {len(times)} changes, median {ordered[len(ordered) // 2]:.2f} s, longest {ordered[-1]:.2f} s")
    return int(bool(lost or double or fewest < 1))


if __name__ == "__main__":
    sys.exit(main())
