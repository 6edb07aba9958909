"""The requests of a replay as its event loops read them: plain lists, because indexing an array costs ten times more."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nan
from typing import Self

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Line:
    """Requests in the order they arrive, in seconds since the first one.

    All lists are [n], but `arrival` has an infinity at its end and `resume` is [n + 1]. `phase` is the CPU of each
    phase of computing: half before and half after `off_cpu`, or all of it at once for a request without I/O. `mark`
    is what stands for a request while it computes: its index, or in its last phase index − n, which finds the same
    element from the end of a list. `begin` and `end` are what a loop fills in (NaN for those it skipped).
    `resume[i]` is where to go on when the server is empty and i comes next: i, or past what is known already.
    """

    arrival: list[float]
    phase: list[float]
    off_cpu: list[float]
    mark: Sequence[int]
    begin: list[float]
    end: list[float]
    resume: Sequence[int]

    @classmethod
    def of(cls, arrival: F64, cpu: F64, off_cpu: F64, resume: I64 | None = None) -> Self:
        """Return a line of which nothing is skipped (no `resume`), or what that says."""
        count, halved = len(arrival), off_cpu > 0
        index = np.arange(count)
        return cls(
            arrival=[*arrival.tolist(), inf],
            phase=np.where(halved, cpu / 2, cpu).tolist(),
            off_cpu=off_cpu.tolist(),
            mark=range(count) if halved.all() else np.where(halved, index, index - count).tolist(),
            begin=[nan] * count,
            end=[nan] * count,
            resume=range(count + 1) if resume is None else resume.tolist(),
        )
