"""The peers' rules do what their sources say, worked by hand."""

import math

import pytest

from benchmarks.closed_loop.rules import (
    CeleryAutoscaler,
    Gradient2,
    HorizontalPodAutoscaler,
    Seen,
    StaticThresholds,
    UwsgiBusyness,
    cpu_of_request,
)


def seen(at: float = 0.0, **figures: float) -> Seen:
    common = {
        "workers": 4,
        "in_flight": 2,
        "busy_ratio": 0.5,
        "cpu_cores": 0.1,
        "mean_seconds": 0.1,
        "p95_seconds": 0.2,
        "slo_seconds": 0.5,
    }
    return Seen(at=at, **{**common, **figures})  # type: ignore[arg-type]


def busy(figures: Seen) -> float:
    return figures.busy_ratio


def test_an_autoscaler_follows_the_ratio_within_its_limits() -> None:
    """ceil(0.9 / 0.7 · 4) = 6; within 10 % nothing; at most double; down only by the highest proposal of 300 s."""
    assert HorizontalPodAutoscaler(busy).decide(seen(busy_ratio=0.9)) == 6
    assert HorizontalPodAutoscaler(busy).decide(seen(busy_ratio=0.75)) == 4
    assert HorizontalPodAutoscaler(busy, target=0.2).decide(seen(busy_ratio=1.0)) == 8
    rule = HorizontalPodAutoscaler(busy)
    rule.decide(seen(at=0.0, busy_ratio=0.7))
    assert rule.decide(seen(at=100.0, busy_ratio=0.2)) == 4
    assert rule.decide(seen(at=301.0, busy_ratio=0.2)) == 2


def test_cpu_is_counted_against_a_request_of_a_quarter_core() -> None:
    """One core over four workers is all of what they asked for."""
    assert cpu_of_request(seen(cpu_cores=1.0)) == pytest.approx(1.0)


def test_celery_grows_with_what_is_reserved_and_rests_before_it_shrinks() -> None:
    """Grows to the requests at once, to four for each worker at most; shrinks 30 s after it grew."""
    rule = CeleryAutoscaler()
    assert rule.decide(seen(at=0.0, in_flight=1)) == 4
    assert rule.decide(seen(at=1.0, in_flight=40)) == 16
    assert rule.decide(seen(at=20.0, workers=16, in_flight=3)) == 16
    assert rule.decide(seen(at=32.0, workers=16, in_flight=3)) == 3


def test_uwsgi_steps_by_busyness() -> None:
    """Above half one more, between nothing, below a quarter for ten cycles one less."""
    rule = UwsgiBusyness()
    assert rule.decide(seen(busy_ratio=0.6)) == 5
    assert rule.decide(seen(busy_ratio=0.4)) == 4
    steps = [rule.decide(seen(at=3.0 * cycle, busy_ratio=0.1)) for cycle in range(10)]
    assert steps == [4] * 9 + [3]
    assert rule.decide(seen(at=30.0, busy_ratio=0.6)) == 5
    assert rule.multiplier == 12


def test_a_gradient_limit_grows_while_latency_stands_still() -> None:
    """0.8 · 4 + 0.2 · (4 + 4) = 4.8; with short latency three times the long one the gradient is a half."""
    rule = Gradient2()
    assert rule.decide(seen()) == 5
    assert rule.limit == pytest.approx(4.8)
    rule.decide(seen(mean_seconds=0.3, in_flight=4))
    assert rule.limit == pytest.approx(0.8 * 4.8 + 0.2 * (0.5 * 4.8 * (2 / 2) + 4), rel=0.01)
    assert rule.decide(seen(mean_seconds=math.nan, workers=7)) == 7


def test_thresholds_step_by_one() -> None:
    """Slow: one more. Idle and quick: one less, never none."""
    assert StaticThresholds().decide(seen(p95_seconds=0.6)) == 5
    assert StaticThresholds().decide(seen(p95_seconds=0.1)) == 3
    assert StaticThresholds().decide(seen(p95_seconds=0.1, workers=1)) == 1
