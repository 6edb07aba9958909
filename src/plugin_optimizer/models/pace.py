"""How far one step may go, and how many workers there may be: the rails refuse what goes beyond, planners stay within."""

from math import floor

from ..domain import Knob, Mode, Policy

CORE_FACTOR, CORE_EXTRA = 4, 1  # sync workers: 1 … 4 × cores + 1 (facts on reliability, section 8)
UP_PARTS, DOWN_PARTS = 2, 5  # automatic: at most +1/2 up and −1/5 down …
STEP_SECONDS = 300.0  # … within five minutes


def most_workers(policy: Policy, kind: str, cores: float) -> int:
    """Return the most workers for a pool of this kind.

    A policy that names its own `max_workers` is what people decided; without one, synchronous workers
    end at 4 × cores + 1.
    """
    if policy.max_workers != Policy().max_workers or kind != "sync":
        return policy.max_workers
    return min(policy.max_workers, int(CORE_FACTOR * max(cores, 0.0)) + CORE_EXTRA)


def too_far(start: float, after: float, least: float) -> bool:
    """Tell whether `after` is more than +50 % or −20 % away from `start`, and more than `least`."""
    distance = abs(after - start)
    parts = UP_PARTS if after > start else DOWN_PARTS
    return distance > least and distance * parts > abs(start)


def first_step(policy: Policy, knob: Knob, before: int, wanted: int) -> int:
    """Return how far towards `wanted` one automatic step may go; all the way where a person approves.

    | before | wanted | first step (knob.step 1) |
    |--------|--------|--------------------------|
    | 2      | 4      | 3                        |
    | 8      | 2      | 7                        |
    | 64     | 400    | 96                       |
    """
    least = max(1, int(knob.step))
    if policy.mode is not Mode.AUTOMATIC or not too_far(before, wanted, least):
        return wanted
    share = abs(before) / (UP_PARTS if wanted > before else DOWN_PARTS)
    distance = max(least, floor(share / least) * least)
    return before + distance if wanted > before else before - distance
