"""What chance begins with in every measurement: the same seed, the same cases."""

import os

VARIABLE = "RELIABILITY_SEED"


def seed() -> int:
    """Return the number given with `--seed` (1 without it)."""
    return int(os.environ.get(VARIABLE, "1"))
