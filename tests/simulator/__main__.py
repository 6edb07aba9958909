"""Run seeds: `python -m tests.simulator --seed 7` replays one, `--seeds 2000` runs many and prints the table.

From the repository root. Ends with 1 if a promise was broken, and prints the command that shows it again.
"""

import argparse
import sys

from .run import run
from .tally import replay_command, tally_in_processes


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main() -> int:
    arguments = _arguments()
    if arguments.seed is not None:
        return _replay(arguments.seed)
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    summed = tally_in_processes(seeds, arguments.processes)
    say(summed.table())
    for seed, broken in sorted(summed.broken.items()):
        say(f"\nseed {seed}: {'; '.join(broken[:3])}\n  {replay_command(seed)}")
    missing = summed.missing_points()
    if missing and arguments.seeds >= 150:
        say(f"\nnever reached: {', '.join(missing)}")
    return 1 if summed.broken or (missing and arguments.seeds >= 150) else 0


def _replay(seed: int) -> int:
    ledger = run(seed)
    say("\n".join(ledger.lines))
    say(f"seed {seed}: trace {ledger.digest()}, {len(ledger.violations)} promises broken")
    return 1 if ledger.violations else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay this one and print its trace")
    parser.add_argument("--seeds", type=int, default=150, help="how many to run")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--processes", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
