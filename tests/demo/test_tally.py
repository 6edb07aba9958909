"""What the load generator counts."""

from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.demo.tally import RECENT_SECONDS, Tally, quantile


def test_errors_and_silence_are_counted_apart() -> None:
    """A 500 is an error with a latency, no answer is an error without one, a 404 is the customer's own mistake."""
    tally = Tally()
    for status in (200, 404, 500, 0):
        tally.add(10.0, 0.2, status)
    summary = tally.summary(10.0)
    assert (summary["requests"], summary["errors"], summary["unanswered"]) == (4, 2, 1)
    assert summary["recent_requests"] == 3
    assert summary["recent_error_ratio"] == 1 / 3


def test_only_the_last_half_minute_counts_as_recent() -> None:
    """Old latencies leave the quantiles but stay in the totals."""
    tally = Tally()
    tally.add(0.0, 9.0, 200)
    tally.add(RECENT_SECONDS + 1, 0.1, 200)
    summary = tally.summary(RECENT_SECONDS + 1)
    assert (summary["requests"], summary["recent_requests"], summary["p95_seconds"]) == (2, 1, 0.1)


def test_nothing_recent_has_no_quantile() -> None:
    """Missing is not zero."""
    assert Tally().summary(0.0)["p95_seconds"] is None


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0, 1))
def test_a_quantile_is_one_of_the_values_and_splits_them(values: list[float], share: float) -> None:
    """At least `share` of the values are not above it."""
    ordered = sorted(values)
    found = quantile(ordered, share)
    assert found is not None
    assert found in ordered
    assert sum(value <= found for value in ordered) >= share * len(ordered) - 1e-9
