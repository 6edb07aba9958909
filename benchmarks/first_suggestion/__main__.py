"""Measure the way from `pip install` to the first suggestion about services that nobody prepared.

`python -m benchmarks.first_suggestion`: builds the wheel, then makes a fresh virtual environment, installs the wheel, and for
a gunicorn, a Celery worker and a Redis under too much load: `discover --write`, the line that it asks for (gunicorn alone
needs one), `serve`, and waits for the first suggestion. Prints the seconds of each step and ends with 1 where a way took more
than five minutes. Where other services run: `unshare --pid --fork --mount-proc python -m benchmarks.first_suggestion`.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from .services import SERVICES
from .steps import Newcomer, Stopwatch, build_wheel, install

MOST_SECONDS = 300.0


def way(kind: str, programs: Path, room: Path) -> tuple[Stopwatch, str]:
    """Go from discovery to the first suggestion for one service; return the seconds of each step and what is suggested."""
    room.mkdir()
    watch = Stopwatch()
    with SERVICES[kind](room) as service:
        somebody = Newcomer(programs, room, watch)
        plugin_id = somebody.discover(service)
        somebody.add_line(service, plugin_id)
        found = somebody.first_suggestion(plugin_id)
    return watch, f"{found['suggestion_type']} for {plugin_id}"


def table(installing: Stopwatch, ways: Mapping[str, Stopwatch]) -> Iterator[str]:
    """Yield the lines of the table, in seconds, with what programs used of a core; installing is part of each way."""
    yield f"| step | {' | '.join(ways)} |"
    yield "|---|" + "--:|" * len(ways)
    for name in installing.seconds:
        yield f"| {name} | " + " | ".join([_cell(installing, name)] * len(ways)) + " |"
    for name in dict.fromkeys(name for watch in ways.values() for name in watch.seconds):
        yield f"| {name} | {' | '.join(_cell(watch, name) for watch in ways.values())} |"
    yield "| altogether | " + " | ".join(f"{_total(installing, watch):.0f}" for watch in ways.values()) + " |"


def _cell(watch: Stopwatch, name: str) -> str:
    if name not in watch.seconds:
        return "–"
    used = watch.cpu_seconds[name]
    return f"{watch.seconds[name]:.1f}" + (f" (CPU {used:.1f})" if used >= 1.0 else "")


def _total(installing: Stopwatch, watch: Stopwatch) -> float:
    return sum(installing.seconds.values()) + sum(watch.seconds.values())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_suggestion", description=__doc__)
    parser.add_argument("--services", nargs="*", choices=[*SERVICES], default=[*SERVICES])
    parser.add_argument("--pip", nargs="*", default=[], help="further arguments of pip install, without their dashes")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="first-") as name:
        room, installing = Path(name), Stopwatch()
        programs = install(build_wheel(room), room, [f"--{one}" for one in asked.pip], installing)
        ways = {}
        for kind in asked.services:
            ways[kind], suggested = way(kind, programs, room / kind)
            print(f"{kind}: {_total(installing, ways[kind]):.0f} s: {suggested}", file=sys.stderr, flush=True)
    print("\n".join(table(installing, ways)))
    return int(any(_total(installing, watch) > MOST_SECONDS for watch in ways.values()))


if __name__ == "__main__":
    sys.exit(main())
