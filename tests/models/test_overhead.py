"""What happens between two requests holds a worker, too."""

import numpy as np
import pytest

from plugin_optimizer.domain import Pool, RequestTrace
from plugin_optimizer.models.overhead import gaps_between_queued
from plugin_optimizer.models.replay import fit_replay


def served(arrival: list[float], wall: float, gap: float, workers: int = 1) -> RequestTrace:
    """Serve in order; each worker needs `gap` seconds between two requests, outside of both."""
    free, begun, pids = [0.0] * workers, [], []
    for at in arrival:
        slot = int(np.argmin(free))
        begin = max(at, free[slot]) + gap
        free[slot] = begin + wall
        begun.append(begin)
        pids.append(slot + 1)
    n = len(arrival)
    a, b = np.array(arrival), np.array(begun)
    zero, none = np.zeros(n), np.zeros(n, dtype=np.int64)
    return RequestTrace(a, b - a, np.full(n, wall), zero, zero, none, none, none, np.array(pids))


def test_gaps_are_measured_where_somebody_was_waiting() -> None:
    """Three requests at once, one worker, 0.2 s each and 0.03 s between: two gaps of 0.03 s."""
    assert gaps_between_queued(served([0.0, 0.0, 0.0], 0.2, 0.03)) == pytest.approx([0.03, 0.03])


def test_an_idle_worker_shows_no_gap() -> None:
    """A pause because nobody came is not overhead."""
    assert len(gaps_between_queued(served([0.0, 10.0, 20.0], 0.2, 0.03))) == 0


def test_a_nearly_full_server_on_a_starved_host_is_still_understood() -> None:
    """Two workers, 120 ms of work and 12 ms lost between requests: without the gaps the model would be refused."""
    rng = np.random.default_rng(5)
    arrival = np.cumsum(rng.exponential(1 / 14.0, 1_200))
    model = fit_replay(served(list(arrival), 0.12, 0.012, workers=2), Pool("sync", 2, cores=2.0))
    assert model.valid
    assert model.overhead_seconds == pytest.approx(0.012, rel=0.1)
