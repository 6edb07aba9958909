"""How long an administrator waits for what a changed policy would mean: at once for whom, and later for what it would have done.

    python -m benchmarks.policy_preview [--plugins 20 200] [--days 7] [--rate 0.2] [--consequences-only]

For each size it fills the stores as an engine leaves them (`benchmarks/history_replay.py`), starts `plugin-optimizer serve` on
them, and asks over HTTP: whose policy would change (the median and the worst of 20 answers), and a preview of automatic mode
for all: until it is accepted, until it first tells how far it is, and until it is done. `TMPDIR=/dev/shm` spares the disk.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.history_replay import ROOT, fill
from plugin_optimizer.demo.ports import free_tcp_ports

BASE = "/api/plugin-optimization"
ASKED_TIMES = 20
LOOK_SECONDS = 0.1
READY_SECONDS = 300.0
CHANGES = {"mode": "automatic"}


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """Run the server on the stores of `root`, its engine at rest; yield its address."""
    (port,) = free_tcp_ports(1)
    (root / "config.toml").write_text(
        f"[server]\nport = {port}\nlogin = false\n[statsd]\nenabled = false\n"
        f"[engine]\nstate_dir = '{root / 'state'}'\ndiscover = false\ninterval_seconds = 300.0\nwindow_seconds = 7200.0\n"
        "[policy]\nresponse_time_seconds = 0.5\n"
    )
    command = [sys.executable, "-m", "plugin_optimizer.cli", "serve", "--config", str(root / "config.toml")]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}{BASE}"
        _until_ready(address, process, root / "log")
        yield address
    finally:
        process.terminate()
        process.wait()


def _until_ready(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            ask(f"{address}/health")
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(log.read_text()[-2000:]) from None
            time.sleep(0.2)
        else:
            return


def ask(url: str, body: dict[str, Any] | None = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.loads(answer.read())


def timed_consequences(address: str) -> tuple[float, float, int]:
    """Return the median and the worst seconds of an answer, and how many plugins it names as changed."""
    took, changed = [], 0
    for _ in range(ASKED_TIMES):
        began = time.perf_counter()
        changed = ask(f"{address}/policies/default/consequences", CHANGES)["changed"]
        took.append(time.perf_counter() - began)
    return statistics.median(took), max(took), changed


def timed_preview(address: str, days: float) -> tuple[float, float, float, str]:
    """Return the seconds until it was accepted, first told its progress, and was over; and how it ended."""
    began = time.perf_counter()
    path = f"{address}/policy-previews/{ask(f'{address}/policies/default/preview', {'changes': CHANGES, 'days': days})['id']}"
    accepted, told = time.perf_counter() - began, float("nan")
    while True:
        seen = ask(path)
        if told != told and (seen["course"] is not None or seen["state"] != "running"):
            told = time.perf_counter() - began
        if seen["state"] != "running":
            end = seen["state"] if seen["reason"] is None else f"{seen['state']}: {seen['reason']['code']}"
            return accepted, told, time.perf_counter() - began, end
        time.sleep(LOOK_SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugins", type=int, nargs="+", default=[20, 200])
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--rate", type=float, default=0.2, help="requests per second of each plugin")
    parser.add_argument("--consequences-only", action="store_true", help="do not replay the history")
    asked = parser.parse_args()
    print(
        "plugins  requests  would change  whom, s (median, worst)  accepted, s  first progress, s  done, s", flush=True
    )
    for plugins in asked.plugins:
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            (root / "state").mkdir(mode=0o700)
            _, requests = fill(root / "state", asked.days, plugins, asked.rate)
            with serving(root) as address:
                median, worst, changed = timed_consequences(address)
                line = f"{plugins:7} {requests:9,} {changed:13} {median:12.3f} {worst:11.3f}"
                if not asked.consequences_only:
                    accepted, told, done, end = timed_preview(address, asked.days)
                    line += f" {accepted:12.2f} {told:18.2f} {done:8.0f} ({end})"
        print(line, flush=True)


if __name__ == "__main__":
    main()
