"""How many rows a day holds: what is counted in rows, and what in time."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

DAY_SECONDS = 86_400.0
WARM_ROWS = 100.0  # before them a deviation is no evidence
WARM_DAYS = 2.0  # and before so many whole days no level is unprecedented: the first of anything is a record
SHIFT_DAYS = 3.0  # before them "the usual level of a day" is not known
YOUNG_DAYS = 1.0  # in which a series learns quickly how far it strays
REST_SECONDS, REST_ROWS = DAY_SECONDS / 4, 250.0  # four hours of minutes, six of anything slower
FADE_ROWS, FADE_DAYS = (
    2.5e-5,
    60.0,
)  # what is remembered of past extremes fades, per row, and no faster than to a half in so many days
BUDGET_DAYS = 20.0  # a deviation that chance makes once in so many days


@dataclass(frozen=True, slots=True)
class Pace:
    """Figures that follow from the time between rows; each is [1] for a fleet of one pace or [series].

    `strictness` is how much farther out of the ordinary a deviation has to be because there are more rows in which
    chance may make one: with tails that fall exponentially, ln(rows in 20 days), beside hourly rows.
    """

    step_seconds: F32
    warm_rows: F32
    shift_rows: F32
    young_rows: F32
    rest_rows: F32
    day_rate: F32
    fade: F32
    strictness: F32

    @classmethod
    def of(cls, step_seconds: "float | NDArray[np.floating]") -> Self:
        """Return the pace of rows that lie `step_seconds` apart (a scalar for all series, or [series])."""
        step = np.atleast_1d(np.asarray(step_seconds, dtype=np.float64))
        rows = DAY_SECONDS / step
        columns = (
            step,
            np.maximum(WARM_ROWS, WARM_DAYS * rows),
            np.maximum(WARM_ROWS, SHIFT_DAYS * rows),
            YOUNG_DAYS * rows,
            np.minimum(REST_ROWS, REST_SECONDS / step),
            np.minimum(1.0, 1.0 / rows),
            np.minimum(FADE_ROWS, np.log(2) / (FADE_DAYS * rows)),
            np.maximum(0.5, np.log(BUDGET_DAYS * rows) / np.log(BUDGET_DAYS * 24)),
        )
        return cls(*(column.astype(np.float32) for column in columns))

    def of_rows(self, rows: NDArray[np.int64]) -> "Pace":
        """Return the pace of some of the series."""
        if len(self.step_seconds) == 1:
            return self
        return Pace(*(getattr(self, name)[rows] for name in self.__slots__))
