"""Records of requests that cannot be true are left out, with their reason."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.domain import CacheTrace, RequestTrace
from plugin_optimizer.monitor.gate_records import RecordGate, believable

NOW = 1_000_000.0


def records(count: int, seed: int = 1, end: float = NOW) -> RequestTrace:
    rng = np.random.default_rng(seed)
    none = np.zeros(count, dtype=np.int64)
    arrival = np.sort(end - rng.uniform(0.5, 5.0, count))
    wall = rng.uniform(0.01, 0.1, count)
    wait = rng.uniform(0.0, 0.1, count)
    return RequestTrace(arrival, wait, wall, wall / 2, wall / 10, none + 200, none, none, none + 7)


def spoiled(field: str, value: float, row: int = 3) -> RequestTrace:
    good = records(10)
    column = getattr(good, field).copy()
    column[row] = value
    return replace(good, **{field: column})


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("wall", np.nan, "not_finite"),
        ("cpu", np.inf, "not_finite"),
        ("run_delay", np.inf, "not_finite"),
        ("arrival", np.nan, "not_finite"),
        ("queue_wait", np.inf, "not_finite"),
        ("wall", -0.1, "negative"),
        ("queue_wait", -0.1, "negative"),
        ("wall", 90_000.0, "too_large"),
        ("wall", 0.0, "implausible_zero"),
        ("arrival", NOW + 40, "from_the_future"),
        ("arrival", NOW - 4_000, "too_old"),
    ],
)
def test_a_record_that_cannot_be_true_is_left_out(field: str, value: float, reason: str) -> None:
    """The other nine stay."""
    kept, refused = RecordGate().admit("orders", spoiled(field, value), NOW)
    assert len(kept) == 9
    assert [(r.reason, r.count) for r in refused] == [(reason, 1)]


@pytest.mark.parametrize("field", ["queue_wait", "cpu", "run_delay"])
def test_what_is_not_known_is_no_mistake(field: str) -> None:
    """A probe that cannot see the queue, or whose threads serve several requests at once, says so with NaN."""
    kept, refused = RecordGate().admit("orders", spoiled(field, np.nan), NOW)
    assert (len(kept), refused) == (10, ())
    known = kept.waiting_where_unknown()
    assert np.isfinite([known.cpu, known.run_delay]).all()
    assert known.off_cpu[3] <= known.wall[3]
    assert (kept.cpu_known, replace(kept, cpu=np.full(10, np.nan)).cpu_known) == (True, False)


def test_a_record_that_comes_again_is_counted_once() -> None:
    """Within a batch and in a later one."""
    gate, batch = RecordGate(), records(10)
    kept, refused = gate.admit("orders", RequestTrace.merge(batch, batch), NOW)
    assert (len(kept), [(r.reason, r.count) for r in refused]) == (10, [("duplicate", 10)])
    both = RequestTrace.merge(batch, records(5, seed=2))
    assert len(gate.admit("orders", both, NOW)[0]) == 5
    assert len(gate.admit("stock", batch, NOW)[0]) == 10


def test_durations_that_stand_still_are_frozen() -> None:
    """Fifty requests of the same duration to the last bit are no measurement; the next different one is."""
    gate, counts = RecordGate(), []
    for turn in range(8):
        batch = records(10, seed=turn)
        counts.append(len(gate.admit("orders", replace(batch, wall=np.full(10, 0.05)), NOW)[0]))
    assert counts == [10] * 4 + [0] * 4
    assert len(gate.admit("orders", records(10, seed=99), NOW)[0]) == 10


def test_a_cache_whose_figures_cannot_be_true_is_left_out() -> None:
    """No size, or fewer than no accesses."""
    good = CacheTrace("prices", 1, np.empty(0, dtype=np.uint64), 64, 64, 5, 5, float("nan"), 100.0)
    bad = [replace(good, capacity=0), replace(good, hits=-1), replace(good, load_seconds=-1.0)]
    assert believable([good, *bad]) == (good,)


def test_nothing_is_no_trouble() -> None:
    """No record, no reason."""
    kept, refused = RecordGate().admit("orders", RequestTrace.empty(), NOW)
    assert (len(kept), refused) == (0, ())
