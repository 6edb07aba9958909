"""How unusual a row is, in four ways; 1 is where each of them is worth an alert."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

LEVEL, DEVIATION, SHIFT, VARIANCE = range(4)
CLASSES = ("level", "deviation", "shift", "variance")


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one row of each series, [series] each; higher is more unusual, 0 is nothing or not known yet.

    `by_class` is [4, series] in the order of CLASSES: an unprecedented level, a sudden deviation, a lasting shift of
    the level, and of the spread. `expected` and `reach` give the band expected ± reach outside which a value deviates;
    NaN where nothing is known. `since` is where a shift began (Unix seconds), `rising` whether it goes up.
    """

    by_class: F32
    expected: F32
    reach: F32
    since: NDArray[np.float64]
    rising: NDArray[np.bool_]

    def blank(self, rows: NDArray[np.int64]) -> None:
        """Take back what is said of some series: their rows are missing."""
        none = Scores.nothing(len(rows))
        for name in self.__slots__:
            getattr(self, name)[..., rows] = getattr(none, name)

    @classmethod
    def nothing(cls, count: int) -> "Scores":
        """Return the scores of rows that are missing."""
        unknown = np.full(count, np.nan, np.float32)
        none = np.zeros((len(CLASSES), count), np.float32)
        return cls(none, unknown, unknown.copy(), np.full(count, np.nan), np.zeros(count, np.bool_))
