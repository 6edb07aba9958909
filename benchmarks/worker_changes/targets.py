"""What is changed, and the table that tells what came of it."""

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from . import requests, tasks
from .outcome import COUNTS, Outcome

TARGETS: Mapping[str, Callable[[int, float, Path], Outcome]] = {
    "sync": partial(requests.measure, "sync"),
    "gthread": partial(requests.measure, "gthread"),
    "celery": tasks.measure,
}
COLUMNS = "service | changes | did not come | median, longest | requests | failed | tasks put | run | lost | run twice"


def measured(target: str, number: int, until: float) -> Outcome:
    """Make the changes to one service in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="changes-") as room:
        outcome = TARGETS[target](number, until, Path(room))
    print("\n".join([*table([outcome])][2:]), file=sys.stderr, flush=True)  # nothing is lost if another one takes long
    return outcome


def table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"| {COLUMNS} | fewest workers |"
    yield "|---|" + "--:|" * (COLUMNS.count("|") + 1)
    for one in outcomes:
        took = one.taken_seconds or (float("nan"),)
        counts = [getattr(one, name) for name in COUNTS]
        cells = " | ".join("–" if count is None else f"{count:,}" for count in counts)
        times = f"{statistics.median(took):.1f} s, {max(took):.1f} s"
        yield f"| {one.target} | {len(one.taken_seconds):,} | {one.not_come} | {times} | {cells} | {one.fewest} |"
