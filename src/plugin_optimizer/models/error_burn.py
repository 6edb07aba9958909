"""How fast the errors that a promise allows are used up, over several windows at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

MINUTE = 60.0
WINDOWS_SECONDS = (300.0, 1_800.0, 3_600.0, 21_600.0, 259_200.0)
FIVE_MINUTES, HALF_HOUR, HOUR, SIX_HOURS, THREE_DAYS = range(len(WINDOWS_SECONDS))
RULES = (  # (long window, short window, burn rate): a fiftieth of the month's errors in an hour, a twentieth in six …
    (HOUR, FIVE_MINUTES, 14.4),
    (SIX_HOURS, HALF_HOUR, 6.0),
    (THREE_DAYS, SIX_HOURS, 1.0),
)
MOST_SHARE = 0.5  # of all requests: where more may fail than that, a high burn rate could never be reached
FADES = np.exp(-MINUTE / np.array(WINDOWS_SECONDS))[:, None]
LEAST_FAILED = 5.0


@dataclass(slots=True)
class Burn:
    """Failed and all requests, [5 windows, plugins] each, fading exponentially: what a window of that length holds, in ten numbers."""

    failed: F64
    asked: F64

    @classmethod
    def new(cls, count: int) -> "Burn":
        return cls(*(np.zeros((len(WINDOWS_SECONDS), count)) for _ in range(2)))

    def grown(self, count: int) -> "Burn":
        new = Burn.new(count)
        return Burn(np.hstack([self.failed, new.failed]), np.hstack([self.asked, new.asked]))

    def put(self, places: NDArray[np.int64], part: "Burn") -> None:
        self.failed[:, places], self.asked[:, places] = part.failed, part.asked

    def add(self, error_ratio: F64, requests: F64) -> None:
        """Take in one minute: [plugins] each, NaN is nothing known."""
        asked = np.nan_to_num(requests)
        self.asked = self.asked * FADES + asked
        self.failed = self.failed * FADES + np.nan_to_num(error_ratio) * asked

    def shares(self) -> F64:
        """Return the share of failed requests per window: [5, plugins], NaN where next to nothing was asked or failed too little."""
        enough = (self.asked > 1) & (self.failed >= LEAST_FAILED)
        shares: F64 = np.where(enough, self.failed / np.maximum(self.asked, 1e-9), np.nan)
        return shares


def burning(shares: tuple[float, ...], allowed: float) -> tuple[float, int] | None:
    """Return the burn rate and its long window (an index) by the first rule that holds; None where none does.

    A rule holds where both windows burn at its rate: the long one says that it matters, the short one that it goes on.
    The rates are those of Beyer et al., The Site Reliability Workbook (2018), chapter 5; where the promise allows so much
    that they exceed half of all requests, half of all requests is the bar.

    | allowed | failed over 1 h, 5 min | 6 h, 30 min | burning      |
    |---------|------------------------|-------------|--------------|
    | 0.1 %   | 2 %, 2 %               | –           | 20 ×, 1 h    |
    | 0.1 %   | 2 %, 0 %               | 0.7 %, 0.9 %| 7 ×, 6 h     |
    | 5 %     | 60 %, 70 %             | –           | 12 ×, 1 h    |
    | 5 %     | 10 %, 10 %             | 10 %, 10 %  | none         |
    """
    for long, short, rate in RULES:
        bar = max(allowed, min(rate * allowed, MOST_SHARE))
        if shares[long] >= bar and shares[short] >= bar:
            return shares[long] / allowed, long
    return None
