"""How long a replay of a week of twenty plugins takes, from stores as an engine would have left them.

    python benchmarks/history_replay.py [--days 7] [--plugins 20] [--rate 2] [--preview]

Fills the stores as an engine leaves them (a sample each 5 s for a day, minutes before that, every request recorded). Takes
a while and 22 bytes a request; `TMPDIR=/dev/shm` spares the disk.
A quarter of the plugins are overloaded for an hour around noon, a quarter have far more workers than they need, the rest are well.
Then runs `plugin-optimizer replay` on it, as a process of its own, and prints what it says of itself. With `--preview` it
computes what the dashboard would, the automatic policy beside the present one, within the limits of a server.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

# ruff: noqa: E402 - the path comes first
from plugin_optimizer.config import Engine
from plugin_optimizer.domain import (
    Knob,
    Metric,
    Mode,
    Plugin,
    PluginStatus,
    Policies,
    Policy,
    Pool,
    RequestTrace,
    Sample,
    SeenSettings,
)
from plugin_optimizer.knowledge import open_samples, open_state
from plugin_optimizer.knowledge.identifiers import new_id
from plugin_optimizer.knowledge.recordings import open_recorder
from plugin_optimizer.models.fifo import replay_fifo
from plugin_optimizer.web.preview.asked import Asked, Order
from plugin_optimizer.web.preview.job import Previews

DAY, HOUR, INTERVAL = 86_400.0, 3_600.0, 5.0
SERVICE_SECONDS = 0.1


def workers_of(number: int) -> int:
    return 12 if number % 4 == 1 else 2


def hour_of_requests(rng: np.random.Generator, number: int, begin: float, rate: float) -> RequestTrace:
    """Return an hour of requests: a queue behind the plugin's workers; around noon every fourth is overloaded."""
    busy = number % 4 == 0 and 12 <= (begin % DAY) / HOUR < 13
    rate = 0.97 * workers_of(number) / SERVICE_SECONDS if busy else rate
    arrival = begin + np.sort(rng.uniform(0, HOUR, rng.poisson(rate * HOUR)))
    wall = rng.exponential(SERVICE_SECONDS, len(arrival)).astype(np.float32).astype(np.float64)
    wait = np.maximum(0.0, replay_fifo(arrival, wall, workers_of(number)) - wall).astype(np.float32).astype(np.float64)
    whole = np.zeros(len(arrival), dtype=np.int64)
    return RequestTrace(arrival, wait, wall, 0.05 * wall, 0.001 * wall, whole + 200, whole, whole + 1, whole + 100)


def samples_of_hour(name: str, number: int, trace: RequestTrace, begin: float, step: float) -> list[Sample]:
    """Return what the engine's turns would have stored of an hour, a sample each `step` seconds."""
    turn = np.minimum(((trace.end - begin) // step).astype(np.int64), int(HOUR / step) - 1)
    order = np.lexsort((trace.sojourn, turn))
    sojourn, workers = trace.sojourn[order], workers_of(number)
    edges = np.searchsorted(turn[order], np.arange(int(HOUR / step) + 1))
    busy = np.bincount(turn, trace.wall, minlength=int(HOUR / step)) / (workers * step)
    cores = np.bincount(turn, trace.cpu, minlength=int(HOUR / step)) / step
    samples = []
    for place in range(int(HOUR / step)):
        group = sojourn[edges[place] : edges[place + 1]]
        now = begin + step * (place + 1) - (INTERVAL if step > INTERVAL else 0.0)
        figures = {Metric.UP: 1.0, Metric.WORKERS: float(workers), Metric.MEMORY_BYTES: workers * 6e7}
        figures |= {Metric.WORKER_MEMORY_BYTES: 6e7, Metric.CPU_RATIO: 0.1, Metric.MEMORY_RATIO: 0.1}
        figures[Metric.CPU_CORES] = float(cores[place])
        figures |= {Metric.REQUESTS: float(len(group)), Metric.THROUGHPUT_PER_SECOND: len(group) / step}
        if len(group):
            p95 = float(group[int(0.95 * (len(group) - 1))])
            figures |= {Metric.RESPONSE_TIME_SECONDS: float(group.mean()), Metric.RESPONSE_TIME_P95_SECONDS: p95}
            figures |= {Metric.BUSY_RATIO: min(1.0, float(busy[place])), Metric.ERROR_RATIO: 0.0}
        samples += [Sample(name, metric, now, value) for metric, value in figures.items()]
    return samples


def fill(state: Path, days: float, plugins: int, rate: float) -> tuple[float, int]:
    """Write the stores; return when the history ends, and how many requests it holds."""
    end = time.time() // HOUR * HOUR
    samples, recorder = open_samples(state / "samples.db"), open_recorder(state / "requests.db", 100_000)
    assert recorder is not None
    rng, count, begin = np.random.default_rng(7), 0, end - days * DAY
    names = [f"plugin-{number:02d}" for number in range(plugins)]
    while begin < end:
        step = INTERVAL if begin >= end - DAY else 60.0  # of what is older only minutes would be left
        traces = [hour_of_requests(rng, number, begin, rate) for number in range(plugins)]
        count += sum(len(trace) for trace in traces)
        seen = {name: settings_of(number, begin) for number, name in enumerate(names)}
        for minute in range(60):
            now = begin + 60.0 * (minute + 1)
            recorder.record({n: t.between(now - 60.0, now) for n, t in zip(names, traces, strict=True)}, seen, now)
            recorder.flush(now)
        for number, name in enumerate(names):
            samples.write(samples_of_hour(name, number, traces[number], begin, step))
        begin += HOUR
        samples.trim(begin)
    samples.close()
    recorder.close()
    known = open_state(state / "state.db")
    for name in names:
        known.save_plugin(Plugin(name, "gunicorn"), PluginStatus.ACTIVE, end)
    known.close()
    return end, count


def settings_of(number: int, at: float) -> SeenSettings:
    workers = workers_of(number)
    knob = Knob("workers", workers, minimum=1, maximum=16, kind="workers")
    return SeenSettings(at, 4, (knob,), Pool("sync", workers, cores=4.0))


def preview(state: Path, days: float, end: float) -> None:
    """Compute a preview as the server does, and print what it took and said."""
    present = Policies(Policy(response_time_seconds=0.5))
    previews, name = Previews.of(state), new_id("pv", time.time())
    asked = Asked(
        id=name, plugin_id="default", changes={"mode": "automatic"}, days=days, etag="", actor="bench", at=end
    )
    previews.start(
        Order(
            asked=asked,
            directory=str(previews.directory / name),
            engine=Engine(state_dir=str(state)),
            present=present,
            proposed=Policies(replace(present.default, mode=Mode.AUTOMATIC)),
        )
    )
    began = time.perf_counter()
    while previews.read(name).state == "running":
        time.sleep(0.2)
    seconds, used, found = (
        time.perf_counter() - began,
        resource.getrusage(resource.RUSAGE_CHILDREN),
        previews.read(name),
    )
    cpu = used.ru_utime + used.ru_stime
    print(f"{found.state} in {seconds:.0f} s ({cpu:.0f} s of CPU, {used.ru_maxrss / 1e3:.0f} MB)")
    if found.outcome is None or found.outcome.result is None:
        print(found.outcome)
        return
    result = found.outcome.result["en"]
    print(f"{result['looks']} looks every {result['every_seconds']:g} s; {result['different']} suggestions differ")
    print(json.dumps({"present": result["present"], "proposed": result["proposed"]}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--plugins", type=int, default=20)
    parser.add_argument("--rate", type=float, default=2.0, help="requests per second of each plugin")
    parser.add_argument("--preview", action="store_true", help="compute a preview instead of a replay")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "config.toml").write_text(
            f"[engine]\nstate_dir = '{root / 'state'}'\n[policy]\nresponse_time_seconds = 0.5\n"
        )
        (root / "automatic.toml").write_text('[policy]\nmode = "automatic"\n')
        (root / "state").mkdir(mode=0o700)
        began = time.perf_counter()
        end, count = fill(root / "state", asked.days, asked.plugins, asked.rate)
        filled = time.perf_counter() - began
        sizes = {f.name: f.stat().st_size / 1e6 for f in (root / "state").glob("*.db")}
        if asked.preview:
            print(f"{count:,} requests; stores in MB: {sizes}; filled in {filled:.0f} s")
            preview(root / "state", asked.days, end)
            return
        command = [
            sys.executable,
            "-m",
            "plugin_optimizer.cli",
            "replay",
            "--config",
            str(root / "config.toml"),
            "--json",
        ]
        times = ["--since", f"{asked.days:g}d", "--policy", str(root / "automatic.toml")]
        done = subprocess.run(
            [*command, *times],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        )
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = json.loads(done.stdout)
    print(
        f"{asked.days:g} days, {asked.plugins} plugins, {count:,} requests; stores in MB: {sizes}; filled in {filled:.0f} s"
    )
    print(
        f"replayed in {found['duration_seconds']:.0f} s ({used.ru_utime + used.ru_stime:.0f} s of CPU, "
        f"{used.ru_maxrss / 1e3:.0f} MB), {found['looks']} looks every {found['every_seconds']:g} s"
    )
    print(json.dumps(found["totals"]), f"until {time.strftime('%F %H:%M', time.gmtime(end))} UTC")


if __name__ == "__main__":
    main()
