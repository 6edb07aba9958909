"""What is remembered of each series: columns, one number or one array of hours per series."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .week import HOURS

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
LONG_AGO = np.float32(1e9)


@dataclass(slots=True)
class State:
    """Arrays whose last axis is the series. Values are in the series' own unit, times Unix seconds."""

    rows: F32  # seen so far
    age_days: F64  # of what was seen, gaps of more than a day counted as one day
    last_at: F64
    # The level that is expected next, and how far values stray from it
    mean: F32
    variance: F32
    slow: F32  # mean of about twenty rows: what lasts
    before: F32  # the last value
    quantile: F32  # of |deviation|/sd, which is hardly ever exceeded
    exceeded: F32  # how often it was
    excess: F32  # by how much, on average, in sds
    whole: NDArray[np.bool_]  # whether all were whole numbers, none below 0: counts, perhaps
    # Ranges ever seen: of values, deviations, deviations from the habits of the hour, and of the slow mean
    low: F32  # [4, series]
    high: F32  # [4, series]
    # Habits of the hours of a week, and whether they foretell better than the mean
    profile: F32  # [48, series]
    visits: NDArray[np.uint8]  # [48, series]
    hour: NDArray[np.int8]  # which is being gathered; −1 none
    hour_sum: F32
    hour_rows: F32
    profile_rows: F32
    proven_rows: F32
    profile_error: F32  # mean squares, out of sample
    level_error: F32
    profile_variance: F32
    profile_quantile: F32
    # Evidence of shifts, against the usual level and spread of a day
    steady: F32  # rows since the last gap: a day of which parts are missing has another mean
    day_mean: F32
    day_variance: F32
    up: F32
    down: F32
    up_since: F64
    down_since: F64
    log_mean: F32
    log_variance: F32
    spread: F32
    spread_since: F64
    # Rest after an alert
    since_alert: F32  # rows since the series was last beyond the bar
    worst: F32  # score of the present episode

    @classmethod
    def new(cls, count: int) -> Self:
        """Return what is known of `count` series before their first row."""
        made: dict[str, Any] = {f.name: np.zeros(count, np.float32) for f in fields(cls)}
        times = ("age_days", "last_at", "up_since", "down_since", "spread_since")
        return cls(
            **{
                **made,
                **{name: np.zeros(count) for name in times},
                "last_at": np.full(count, -np.inf),
                "low": np.full((4, count), np.inf, np.float32),
                "high": np.full((4, count), -np.inf, np.float32),
                "profile": np.zeros((HOURS, count), np.float32),
                "visits": np.zeros((HOURS, count), np.uint8),
                "hour": np.full(count, -1, np.int8),
                "whole": np.ones(count, np.bool_),
                "quantile": np.full(count, 3.0, np.float32),
                "profile_quantile": np.full(count, 3.0, np.float32),
                "log_variance": np.ones(count, np.float32),
                "since_alert": np.full(count, LONG_AGO),
            }
        )

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def bytes_per_series(self) -> int:
        """Return what one series costs."""
        return int(sum(getattr(self, f.name).nbytes for f in fields(self))) // max(1, len(self))

    def take(self, rows: NDArray[np.int64]) -> "State":
        """Return copies of some series, in that order."""
        return State(**{f.name: getattr(self, f.name)[..., rows] for f in fields(self)})

    def put(self, rows: NDArray[np.int64], part: "State") -> None:
        """Write some series back."""
        for f in fields(self):
            getattr(self, f.name)[..., rows] = getattr(part, f.name)

    def grown(self, count: int) -> "State":
        """Return the state with `count` new series behind the present ones."""
        new = State.new(count)
        return State(
            **{f.name: np.concatenate([getattr(self, f.name), getattr(new, f.name)], axis=-1) for f in fields(self)}
        )

    def same_as(self, other: "State") -> bool:
        """Tell whether both remember the very same, bit for bit."""
        return all(np.array_equal(getattr(self, f.name), getattr(other, f.name), equal_nan=True) for f in fields(self))
