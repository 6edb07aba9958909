"""Trials for the tests of experiments."""

from dataclasses import replace

from plugin_optimizer.domain import Knob, Metric, Outcome, Trial, Value

NOW = 1_700_000_000.0
BATCH = Knob("batch", 8, 1, 128, kind="performance")


def trial(before: Value, after: Value, effect: float, hours_ago: float = 1.0, **more: object) -> Trial:
    """A trial with a verdict of that effect ±3 %, kept if better, harmful if worse."""
    outcome = Outcome.BETTER if effect < 0.95 else Outcome.WORSE if effect > 1.05 else Outcome.SAME
    at = NOW - hours_ago * 3600.0
    plain = Trial(
        knob="batch",
        before=before,
        after=after,
        metric=Metric.RESPONSE_TIME_SECONDS,
        ended_at=at,
        steady_since=at,
        kept=outcome is Outcome.BETTER,
        outcome=outcome,
        effect=effect,
        low=effect * 0.97,
        high=effect * 1.03,
        harmful=outcome is Outcome.WORSE,
    )
    return replace(plain, **more)  # type: ignore[arg-type]
