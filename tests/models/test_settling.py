"""How long a queue took to settle after a change."""

import numpy as np
import pytest

from plugin_optimizer.domain import RequestTrace
from plugin_optimizer.models.settling import seconds_to_settle

CHANGED_AT = 1_000.0


def waiting(waits_by_second: list[float]) -> RequestTrace:
    """Ten requests a second, waiting as long as the list says."""
    arrival = CHANGED_AT + np.arange(0, len(waits_by_second), 0.1)
    wait, zero = np.repeat(waits_by_second, 10)[: len(arrival)], np.zeros(len(arrival))
    none = np.zeros(len(arrival), dtype=np.int64)
    return RequestTrace(arrival, wait, zero + 0.1, zero, zero, none + 200, none, none, none)


@pytest.mark.parametrize(
    ("waits", "seconds"),
    [
        ([0.0] * 20, 0),
        ([3.0, 2.0, 1.0, 0.5] + [0.0] * 20, 4),
        ([3.0, 0.0, 2.0, 0.0, 0.0, 0.0] + [0.0] * 20, 3),
        ([0.0] * 20 + [0.04], 0),
        ([1.0] * 20, 0),
    ],
)
def test_it_is_over_when_waits_are_what_they_are_since(waits: list[float], seconds: float) -> None:
    """A backlog that drains takes its time, one calm second in between is not the end, and a level that stays is one."""
    assert seconds_to_settle(waiting(waits), CHANGED_AT) == seconds


def test_what_was_hardly_seen_has_not_settled() -> None:
    """Nine seconds, or waits that nobody saw, say nothing."""
    assert seconds_to_settle(waiting([0.0] * 9), CHANGED_AT) == np.inf
    assert seconds_to_settle(RequestTrace.empty(), CHANGED_AT) == np.inf
    assert seconds_to_settle(waiting([float("nan")] * 20), CHANGED_AT) == np.inf
