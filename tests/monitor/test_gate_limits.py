"""The limits of the data gate: what is just let in, what just is not, and how it is counted."""

import pytest

from plugin_optimizer.domain import Metric, Refusal, Sample
from plugin_optimizer.monitor.gate import Gate

from .test_gate import NOW, sample


@pytest.mark.parametrize(
    "good",
    [
        sample(0.0),
        sample(0.5),
        sample(1e15, Metric.MEMORY_BYTES),
        sample(1.0, Metric.ERROR_RATIO),
        sample(1.0 + 1e-6, Metric.ERROR_RATIO),
        sample(0.0, Metric.REQUESTS),
        sample(7.0, Metric.RESTARTS),
        sample(1.0, at=NOW + 30.0),
        sample(1.0, at=NOW - 3_600.0),
        sample(1.5, Metric.CPU_RATIO),
    ],
)
def test_what_lies_just_within_is_let_in(good: Sample) -> None:
    """The limits themselves belong to what is believed."""
    assert Gate().admit([good], NOW) == ([good], ())


def test_refusals_are_counted_by_plugin_metric_and_reason() -> None:
    """Five of one kind are one line with its count; what is good passes beside them, and order does not matter."""
    bad = [sample(-1.0, Metric.MEMORY_BYTES)] * 3 + [sample(2.5, Metric.WORKERS)] * 2
    good = sample(2.0)
    admitted, refused = Gate().admit([*bad, good], NOW)
    assert admitted == [good]
    assert refused == (
        Refusal("orders", Metric.MEMORY_BYTES.value, "negative", 3),
        Refusal("orders", Metric.WORKERS.value, "not_a_count", 2),
    )


def test_a_doubted_zero_is_refused_under_its_own_plugin() -> None:
    """No memory at all while it runs cannot be; the same look's other figures are let in."""
    zero, up = sample(0.0, Metric.MEMORY_BYTES), sample(1.0, Metric.UP)
    admitted, refused = Gate().admit([zero, up], NOW)
    assert admitted == [up]
    assert refused == (Refusal("orders", Metric.MEMORY_BYTES.value, "implausible_zero", 1),)


def test_times_are_compared_within_one_series() -> None:
    """Another metric of the plugin, and another plugin, have times of their own."""
    gate = Gate()
    gate.admit([sample(1.0)], NOW)
    earlier = [sample(2.0, Metric.MEMORY_BYTES, NOW - 5), Sample("mail", Metric.CPU_CORES, NOW - 5, 1.0)]
    admitted, refused = gate.admit(earlier, NOW)
    assert sorted(s.plugin_id for s in admitted) == ["mail", "orders"]
    assert refused == ()


@pytest.mark.parametrize(("back_seconds", "reason"), [(30.0, "back_dated"), (31.0, None)])
def test_a_clock_that_was_set_back_does_not_shut_the_gate_for_ever(back_seconds: float, reason: str | None) -> None:
    """Newer than the present by more than half a minute: then the present is believed, and counts from then on."""
    gate = Gate()
    gate.admit([sample(1.0)], NOW)
    now = NOW - back_seconds
    _, refused = gate.admit([sample(1.5, at=now)], now)
    assert [r.reason for r in refused] == ([reason] if reason else [])


def test_a_doubted_sample_belongs_to_the_course_of_its_plugin() -> None:
    """One plugin's level says nothing of another's: a fall of `orders` is doubted, the same figure of `mail` is not."""
    gate = Gate()
    for look in range(12):
        at = NOW - 60.0 + 5.0 * look
        gate.admit([sample(1.0 + look / 1000, at=at), sample(50.0, Metric.REQUESTS, at=at)], at)
    both = [
        Sample(plugin_id, metric, NOW, value)
        for plugin_id in ("orders", "mail")
        for metric, value in ((Metric.CPU_CORES, 0.0), (Metric.REQUESTS, 50.0))
    ]
    admitted, refused = gate.admit(both, NOW)
    assert [r.plugin_id for r in refused] == ["orders"]
    assert [(s.plugin_id, s.metric) for s in admitted] == [
        ("orders", Metric.REQUESTS),
        ("mail", Metric.CPU_CORES),
        ("mail", Metric.REQUESTS),
    ]
