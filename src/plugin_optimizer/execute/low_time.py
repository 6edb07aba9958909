"""Is it a quiet time? What interrupts requests is done automatically in the policy's windows, or while little goes on."""

from collections.abc import Sequence

from ..domain import Message

DAY_SECONDS, LATELY_SECONDS = 86_400.0, 300.0
QUIET_RATIO = 0.5  # of the day's peak (facts on reliability, P18)
LEAST_HISTORY_SECONDS = 0.9 * DAY_SECONDS  # who has not seen a day does not know its peak


def too_busy(throughput: Sequence[tuple[float, float]], now: float) -> Message | None:
    """Return why this is no time to interrupt a plugin; None where it serves less than half of the day's peak.

    `throughput` are (Unix seconds, requests per second) of the last day, in order of time.
    """
    day = [(at, value) for at, value in throughput if now - DAY_SECONDS <= at <= now]
    lately = [value for at, value in day if at >= now - LATELY_SECONDS]
    if not lately or now - day[0][0] < LEAST_HISTORY_SECONDS:
        return Message("rail_day_unknown", {})
    peak, present = max(value for _, value in day), max(lately)
    if present == 0 or present < QUIET_RATIO * peak:
        return None
    return Message("rail_busy", {"present_per_second": present, "peak_per_second": peak})
