"""Run scenarios under the engine, its peers and an exhaustive search, and print one table.

`python -m benchmarks.closed_loop [DIR ...]`: every folder given, or all of `scenarios/`. Each run is a process of its own;
some go side by side, those that want the cores for themselves do not.
"""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from .report import Case, lines
from .rules import PEERS
from .run import ENGINE, slo
from .scenario import Expected, Folder, Service, read
from .score import Course, course, judge

SCENARIOS = Path(__file__).parent / "scenarios"
SKIP_SECONDS = 15.0  # of a search: until all workers serve


@dataclass(frozen=True, slots=True)
class Run:
    """One process to start. `seconds` is how long its load lasts."""

    folder: Folder
    policy: str
    seconds: float

    @property
    def name(self) -> str:
        return f"{self.folder.name}.{self.policy.replace(' ', '-')}.json"


def runs(folder: Folder, with_peers: bool) -> Iterator[Run]:
    """Yield what is to be run for a scenario: the engine, and where workers are the question, the search and the peers."""
    yield Run(folder, ENGINE, folder.scenario.seconds)
    sized = [expected for expected in folder.scenario.expected.values() if expected.most_workers]
    if sized:
        most, seconds = max(e.most_workers for e in sized), max(e.search_seconds for e in sized)
        yield from (Run(folder, f"workers={count}", seconds) for count in range(1, most + 1))
        if with_peers:
            yield from (Run(folder, peer, folder.scenario.seconds) for peer in PEERS)


def _turn(run: Run) -> int:
    """Sort the engine's runs to the front and the peers' to the end: a run cut short has answered the first question."""
    return 0 if run.policy == ENGINE else 2 if run.policy in PEERS else 1


async def carry_out(planned: Sequence[Run], directory: Path, at_once: int, seed: int) -> None:
    """Start the runs, those of scenarios that want to be alone one after the other at the end."""
    crowd = asyncio.Semaphore(at_once)
    done = 0

    async def one(run: Run) -> None:
        nonlocal done
        async with crowd:
            problem = await _process(run, directory, seed)
        done += 1
        say(f"{done} of {len(planned)}: {run.folder.name}, {run.policy}{problem}")

    await asyncio.gather(*(one(run) for run in planned if not run.folder.scenario.alone))
    for run in planned:
        if run.folder.scenario.alone:
            await one(run)


async def _process(run: Run, directory: Path, seed: int) -> str:
    """Return what went wrong, empty if nothing did."""
    words = (str(run.folder.path), run.policy, str(seed), str(run.seconds), str(directory / run.name))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.closed_loop.run", *words, stderr=asyncio.subprocess.PIPE
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    return "" if process.returncode == 0 else f": FAILED\n{said.decode()[-2000:]}"


def cases(folder: Folder, directory: Path) -> Iterator[Case]:
    found = {
        run.policy: json.loads((directory / run.name).read_text())
        for run in runs(folder, True)
        if (directory / run.name).exists()
    }
    if ENGINE not in found:
        return
    for service in folder.scenario.services:
        expected = folder.scenario.expected[service.name]
        peers = {peer: _course(found[peer], service) for peer in PEERS if peer in found and expected.most_workers}
        judged = judge(found[ENGINE], service, expected)
        yield Case(judged, expected, _optimum(found, service, expected), peers)


def _course(run: dict[str, Any], service: Service, skip_seconds: float = 0.0) -> Course:
    return course(run["services"][service.name], run["seconds"], slo(service), skip_seconds)


def _optimum(found: dict[str, Any], service: Service, expected: Expected) -> int | None:
    """Return the smallest count that keeps the promise when it runs from the start; None where none does."""
    for count in range(1, expected.most_workers + 1):
        run = found.get(f"workers={count}")
        if run is not None and _course(run, service, SKIP_SECONDS).promise_kept:
            return count
    return None


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the runs, and they their services
    folders = [read(path) for path in arguments.directories or sorted(p for p in SCENARIOS.iterdir() if p.is_dir())]
    planned = sorted((run for folder in folders for run in runs(folder, not arguments.no_peers)), key=_turn)
    with tempfile.TemporaryDirectory(prefix="closed-loop-runs-") as temporary:
        directory = arguments.keep or Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        missing = [run for run in planned if not (directory / run.name).exists()]
        say(
            f"{len(folders)} scenarios, {len(missing)} runs of {sum(r.seconds for r in missing) / 60:.0f} minutes in all"
        )
        began, _ = time.monotonic(), psutil.cpu_percent()
        asyncio.run(carry_out(missing, directory, arguments.parallel, arguments.seed))
        found = [case for folder in folders for case in cases(folder, directory)]
    took = (
        f"{(time.monotonic() - began) / 60:.0f} minutes, in which {psutil.cpu_percent():.0f} % of the cores were taken"
    )
    say("\n" + "\n".join(lines(found)) + f"\n\n{len(found)} services, {took}")
    return 0 if found and all(case.judged.right for case in found) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.closed_loop", description=__doc__)
    parser.add_argument(
        "directories", nargs="*", type=Path, metavar="DIR", help="folders of scenarios; default: all of ours"
    )
    parser.add_argument("--parallel", type=int, default=4, help="runs side by side (default 4)")
    parser.add_argument("--seed", type=int, default=1, help="what arrivals and demands are drawn from")
    parser.add_argument("--no-peers", action="store_true", help="the engine and the search only")
    parser.add_argument(
        "--keep", type=Path, metavar="DIRECTORY", help="keep each run's record there, and run only what is missing"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
