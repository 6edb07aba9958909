"""Bad data never gets in, and leaves a reason people can read."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import Metric, Sample
from plugin_optimizer.monitor.gate import Gate
from plugin_optimizer.wording import known_codes

NOW = 1_000_000.0
CODES = known_codes()


def sample(value: float, metric: Metric = Metric.CPU_CORES, at: float = NOW) -> Sample:
    return Sample("orders", metric, at, value)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (sample(math.nan), "not_finite"),
        (sample(math.inf), "not_finite"),
        (sample(-1.0), "reset"),
        (sample(-1.0, Metric.THROUGHPUT_PER_SECOND), "reset"),
        (sample(-1.0, Metric.MEMORY_BYTES), "negative"),
        (sample(1e16), "too_large"),
        (sample(1.5, Metric.ERROR_RATIO), "ratio_above_one"),
        (sample(2.5, Metric.WORKERS), "not_a_count"),
        (sample(1.0, at=NOW + 31), "from_the_future"),
        (sample(1.0, at=NOW - 3_601), "too_old"),
        (sample(1.0, at=math.nan), "not_finite"),
    ],
)
def test_an_implausible_sample_is_refused_with_its_reason(bad: Sample, reason: str) -> None:
    """The refusal is counted under its code; nothing is admitted in its place."""
    admitted, refused = Gate().admit([bad], NOW)
    assert admitted == []
    assert [(r.reason, r.count) for r in refused] == [(reason, 1)]


def test_the_same_moment_twice_and_the_past_are_refused() -> None:
    """A duplicate and a back-dated sample say nothing new."""
    gate = Gate()
    gate.admit([sample(1.0)], NOW)
    _, duplicate = gate.admit([sample(2.0)], NOW)
    _, back_dated = gate.admit([sample(2.0, at=NOW - 1)], NOW)
    assert duplicate[0].reason == "duplicate"
    assert back_dated[0].reason == "back_dated"


def test_cpu_and_memory_may_exceed_what_was_granted() -> None:
    """A plugin above its memory limit is exactly what must be seen."""
    admitted, _ = Gate().admit([sample(1.3, Metric.MEMORY_RATIO)], NOW)
    assert len(admitted) == 1


@settings(deadline=None)
@given(st.floats(), st.sampled_from(list(Metric)), st.floats())
def test_what_is_admitted_is_always_finite_and_not_negative(value: float, metric: Metric, at: float) -> None:
    """Whatever comes in, the loop never computes with NaN, infinity or a negative count."""
    admitted, refused = Gate().admit([sample(value, metric, at)], NOW)
    assert all(f"gate_{r.reason}" in CODES for r in refused)
    assert len(admitted) + sum(r.count for r in refused) == 1
    assert all(math.isfinite(s.value) and s.value >= 0 and abs(s.at - NOW) <= 3_600 for s in admitted)
