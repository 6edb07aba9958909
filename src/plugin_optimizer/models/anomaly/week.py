"""The hours of a working day and of a day of rest: forty-eight habits of a series."""

import numpy as np
from numpy.typing import NDArray

HOURS = 48
HOUR_SECONDS, DAY_SECONDS = 3_600, 86_400
FIRST_DAY = 3  # 1970-01-01 was a Thursday, the fourth day of its week
REST_DAYS = 5  # from Saturday on


def hour_of_week(at: "float | NDArray[np.float64]", offset_seconds: float = 0.0) -> NDArray[np.int64]:
    """Return 0…23 for the hours of Monday to Friday and 24…47 for those of Saturday and Sunday.

    `at` is Unix time, `offset_seconds` what local time is ahead of UTC: 32400 in Seoul.
    """
    local = np.asarray(at, dtype=np.float64) + offset_seconds
    day = np.floor(local / DAY_SECONDS)
    hour = ((local - day * DAY_SECONDS) // HOUR_SECONDS).astype(np.int64)
    resting = (day.astype(np.int64) + FIRST_DAY) % 7 >= REST_DAYS
    return np.asarray(hour + np.where(resting, 24, 0))
