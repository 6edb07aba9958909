"""Measure what is promised: `python -m tests.reliability [--deep] [--only NAME ...] [--shard i/n] [--seed S]`.

From the repository root. Every module of this directory with `measure(deep)` runs in a process of its own, some at a
time, each with a time limit; one that runs out of time, or fails, did not hold. Prints one table, and ends with 1
if a promise did not hold. A module may name `LIMITS_SECONDS` (gate, deep), and `ALONE` where others would disturb it.
"""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from .modules import Module, found
from .processes import Job, finished, measure_here
from .promise import Measured
from .table import table


def main() -> int:
    arguments = _arguments()
    if arguments.measure is not None:
        measure_here(arguments.measure, arguments.deep, arguments.into)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # unwinds, so that nothing that was started stays
    modules = _chosen(arguments)
    began = time.monotonic()
    rows = _measure(modules, arguments)
    _say(f"\n{table(rows)}\n\n{_summary(rows, time.monotonic() - began)}")
    return 0 if rows and all(row.held for row in rows) else 1


def _chosen(arguments: argparse.Namespace) -> list[Module]:
    modules = [module for module in found() if not arguments.only or module.name in arguments.only]
    unknown = set(arguments.only) - {module.name for module in modules}
    if unknown:
        names = ", ".join(module.name for module in found())
        raise SystemExit(f"there is no measurement {', '.join(sorted(unknown))}; known are {names}")
    index, count = arguments.shard
    return modules[index - 1 :: count]


def _measure(modules: list[Module], arguments: argparse.Namespace) -> list[Measured]:
    """Run the modules, those that want to be alone after the others; return their rows in order of name."""
    rows: dict[str, list[Measured]] = {}
    with tempfile.TemporaryDirectory(prefix="reliability-") as directory:
        for alone, at_once in ((False, arguments.parallel), (True, 1)):
            jobs = [Job(m, arguments.deep, arguments.seed, Path(directory)) for m in modules if m.alone is alone]
            for job, measured in finished(jobs, at_once, _say):
                rows[job.module.name] = measured
    return [row for name in sorted(rows) for row in rows[name]]


def _summary(rows: list[Measured], seconds: float) -> str:
    broken = [row for row in rows if not row.held]
    return f"{len(rows) - len(broken)} of {len(rows)} held, {seconds:.0f} s"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _shard(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    if not (index.isdigit() and count.isdigit() and 1 <= int(index) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no shard; expected for example 1/2 or 2/2")
    return int(index), int(count)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("--deep", action="store_true", help="the full figures instead of the gate's")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these measurements")
    parser.add_argument("--shard", type=_shard, default=(1, 1), help="i/n: the i-th of n parts of the measurements")
    parser.add_argument("--seed", type=int, default=1, help="what chance begins with")
    parser.add_argument("--parallel", type=int, default=2, help="how many measurements at a time")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
