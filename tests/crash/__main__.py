"""Crash runs by name: `python -m tests.crash C10:kill:ledger:keep:1:1 ...`; without names a few of each mode.

Prints one line a run, and ends with 1 if a promise was broken or a fault did not strike.
"""

import sys

from .case import MODES, Case, case_at
from .drive import in_own_directory

FEW = [case_at(point, mode) for mode in MODES for point in ("C08", "C10", "C16P")]


def main() -> int:
    cases = [Case.parse(name) for name in sys.argv[1:]] or FEW
    failed = 0
    for outcome in in_own_directory(cases):
        right = not outcome.broken and (outcome.case.mode == "none" or outcome.struck)
        failed += not right
        sys.stdout.write(
            f"{outcome.case.name:40} {outcome.end:14} {outcome.seconds:5.1f} s, struck {len(outcome.struck)}, "
            f"signals {list(outcome.signals)} {'; '.join(outcome.broken) or 'held'}\n"
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
