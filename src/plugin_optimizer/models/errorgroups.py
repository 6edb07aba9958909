"""Failed requests by the exception that failed them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..domain import ErrorGroup, RequestTrace

FIRST_FAILURE = 500  # HTTP status


def failed(trace: RequestTrace) -> NDArray[np.bool_]:
    """Return which requests failed: answered with a status of 500 or more, or ended by an exception: [n]."""
    return np.asarray((trace.status >= FIRST_FAILURE) | (trace.error != 0))


def group_counts(trace: RequestTrace) -> list[tuple[int, int]]:
    """Return (fingerprint, failed requests), the most frequent first; fingerprint 0 is "no exception was seen"."""
    errors = trace.error[failed(trace)]
    fingerprints, counts = np.unique(errors, return_counts=True)
    pairs = zip(fingerprints.tolist(), counts.tolist(), strict=True)
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def group_named(groups: Sequence[ErrorGroup], fingerprint: int) -> ErrorGroup | None:
    """Return the group with this fingerprint, signed or unsigned; None where no probe described it."""
    return next((group for group in groups if (group.fingerprint - fingerprint) % 2**64 == 0), None)
