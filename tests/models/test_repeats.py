"""Retries are seen in the arrivals: they repeat at the distance of the clients' time-out."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_optimizer.models.repeats import repeats, share_repeated

F64 = NDArray[np.float64]


def stream(seed: int, rate: float, seconds: float, again_after: float, share: float) -> F64:
    """Poisson arrivals, of which a share come once more after that time, give or take 2 ms."""
    rng = np.random.default_rng(seed)
    fresh = np.cumsum(rng.exponential(1 / rate, int(rate * seconds * 1.3)))
    fresh = fresh[fresh < seconds]
    again = fresh[rng.random(len(fresh)) < share] + again_after
    return np.sort(np.concatenate((fresh, again + rng.normal(0, 0.002, len(again)))))


@pytest.mark.parametrize("again_after", [0.5, 1.0, 5.0, 10.0])
@pytest.mark.parametrize("share", [0.5, 1.0])
def test_the_time_after_which_clients_try_again_is_found(again_after: float, share: float) -> None:
    """And what share of the requests are retries: within 0.1 of share / (1 + share)."""
    arrival = stream(1, 20.0, 75.0, again_after, share)
    found = repeats(arrival)
    assert found.after_seconds == pytest.approx(again_after, abs=0.02)
    assert found.share == pytest.approx(share / (1 + share), abs=0.1)
    assert share_repeated(arrival, found.after_seconds) == pytest.approx(found.share, abs=0.02)


def test_requests_that_do_not_come_again_never_look_as_if() -> None:
    """100 Poisson streams, and 20 that swell and ebb: nothing repeats."""
    rng = np.random.default_rng(2)
    for _ in range(100):
        assert repeats(np.cumsum(rng.exponential(0.05, 1500))).share == 0.0
    for _ in range(20):
        swelling = np.cumsum(rng.exponential(0.05 * np.exp(0.5 * np.sin(np.arange(1500) / 60.0))))
        assert repeats(swelling).share == 0.0


def test_too_few_requests_say_nothing() -> None:
    """None, or a handful: no share."""
    assert repeats(np.empty(0)).share == 0.0
    assert share_repeated(np.arange(5.0), 1.0) == 0.0
