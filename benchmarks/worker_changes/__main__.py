"""Change the number of workers of real services again and again under load, and print one table.

`python -m benchmarks.worker_changes`: a thousand changes each (1 to 4 workers, drawn), by the touchpoints as the engine uses
them, to gunicorn with sync and with gthread workers and to Celery with prefork pools on Redis, all at the same time.
`--abreast 2` shares the changes of each kind among two services. Ends with 1 if a request failed, a task was lost or ran
twice, a change did not come or no worker was left.
"""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import reduce
from multiprocessing import get_context

from .outcome import Outcome
from .targets import TARGETS, measured, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worker_changes", description=__doc__)
    parser.add_argument("--changes", type=int, default=1000, help="of each kind of service")
    parser.add_argument("--abreast", type=int, default=1, help="services of each kind that share them")
    parser.add_argument("--minutes", type=float, default=24 * 60.0, help="begin no more changes then")
    parser.add_argument("--targets", nargs="*", choices=[*TARGETS], default=[*TARGETS])
    asked = parser.parse_args()
    until, shares = time.monotonic() + 60.0 * asked.minutes, _shares(asked.changes, asked.abreast)
    # Spawned, not forked: each service takes its port from a sequence of its own process.
    with ProcessPoolExecutor(len(asked.targets) * asked.abreast, get_context("spawn")) as pool:
        running = {name: [pool.submit(measured, name, share, until) for share in shares] for name in asked.targets}
        outcomes = [reduce(Outcome.with_more, (one.result() for one in kind)) for kind in running.values()]
    print("\n".join(table(outcomes)))
    for one in outcomes:
        print(f"{one.target}: {one.seconds:.0f} s{''.join(f'; {why}' for why in one.failures)}")
    return int(not all(one.spotless for one in outcomes))


def _shares(changes: int, services: int) -> list[int]:
    """Return how many changes each service makes: as even as they can be."""
    return [changes // services + (number < changes % services) for number in range(services)]


if __name__ == "__main__":
    sys.exit(main())
