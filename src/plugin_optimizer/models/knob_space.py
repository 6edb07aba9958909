"""The values a knob can take, laid out so that equal distances mean equal changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from ..domain import Disruption, Knob, Reversibility, Value

PERFORMANCE = "performance"  # the kind of knobs whose author says: it moves how fast, never what is answered
THREADS = "threads"  # of each process; computed where the pool is modelled, else tried like the others
TRIED = frozenset({PERFORMANCE, THREADS})
LOGARITHMIC_FROM = 10.0  # maximum / minimum from which what counts is the factor
PLACES = 96  # how finely the range is looked at
MOST_FACTOR = 2.0  # between one experiment and the value it starts from …
MOST_SHARE = 0.2  # … or of the range, where that is linear
SMALL_INTEGER, DEAD_BAND_PARTS = 20, 10  # smaller changes are refused by the rails: not to be told from noise


@dataclass(frozen=True, slots=True)
class KnobSpace:
    """Places of values in 0…1: by logarithm where the bounds lie a factor of ten apart, by distance elsewhere.

    The places of words are their numbers: one is as far from the next as from any other.
    """

    knob: Knob

    @property
    def ordered(self) -> bool:
        return not self.knob.choices

    @property
    def usable(self) -> bool:
        """Tell whether its range is known: two choices at least, or a number between two bounds."""
        knob = self.knob
        if knob.choices:
            return len(knob.choices) > 1 and knob.value in knob.choices
        if isinstance(knob.value, str | bool) or knob.minimum is None or knob.maximum is None or knob.step <= 0:
            return False
        return knob.minimum <= knob.value <= knob.maximum and knob.minimum < knob.maximum

    @property
    def gentle(self) -> bool:
        """Tell whether a value can be tried without a restart (no request fails) and taken back exactly."""
        return self.knob.disruption is not Disruption.RESTART and self.knob.reversibility is Reversibility.REVERSIBLE

    def place(self, value: Value) -> float | None:
        """Return where a value lies; None for one that the knob does not know (any more)."""
        if not self.ordered:
            return float(self.knob.choices.index(value)) if value in self.knob.choices else None
        if isinstance(value, str | bool):
            return None
        low, high = self._bounds
        if not low <= value <= high:
            return None
        return log(value / low) / log(high / low) if self._logarithmic else (value - low) / (high - low)

    def candidates(self, harmless: Iterable[Value] = ()) -> Sequence[Value]:
        """Return the values that one experiment may try, in order, the present one left out.

        At most a factor of two (a fifth of the range where that is linear) from the present value or from one that
        was tried and is known to be `harmless`, or the nearest that are worth it.
        """
        if not self.ordered:
            return [choice for choice in self.knob.choices if choice != self.knob.value]
        present = self.knob.value
        assert not isinstance(present, str)
        worth = [value for value in self._values() if _worth_it(present, value)]
        known = [present, *(v for v in harmless if not isinstance(v, str))]
        near = {value for value in worth if any(self._near(value, start) for start in known)}
        above, below = ([v for v in worth if v > present], [v for v in worth if v < present])
        near.update((*above[:1], *below[-1:]))
        return sorted(near)

    @property
    def _bounds(self) -> tuple[float, float]:
        knob = self.knob
        assert knob.minimum is not None
        assert knob.maximum is not None
        return knob.minimum, knob.maximum

    @property
    def _logarithmic(self) -> bool:
        low, high = self._bounds
        return low > 0 and high >= LOGARITHMIC_FROM * low

    def _values(self) -> list[float]:
        """Return the values on the grid of places, moved to whole steps from the present value."""
        low, high = self._bounds
        present, step = self.knob.value, self.knob.step
        assert not isinstance(present, str)
        grid = np.geomspace(low, high, PLACES) if self._logarithmic else np.linspace(low, high, PLACES)
        moved = (self._typed(present + round((float(v) - present) / step) * step) for v in (*grid, present))
        return sorted({v for v in moved if low <= v <= high})

    def _typed(self, value: float) -> float:
        whole = isinstance(self.knob.value, int) and float(self.knob.step).is_integer()
        return round(value) if whole else float(f"{value:.9g}")

    def _near(self, value: float, start: float) -> bool:
        if self._logarithmic:
            return start / MOST_FACTOR <= value <= start * MOST_FACTOR
        low, high = self._bounds
        return abs(value - start) <= MOST_SHARE * (high - low)


def _worth_it(before: float, after: float) -> bool:
    if before == after:
        return False
    if isinstance(before, int) and isinstance(after, int) and max(abs(before), abs(after)) <= SMALL_INTEGER:
        return True
    return abs(after - before) * DEAD_BAND_PARTS >= abs(before)
