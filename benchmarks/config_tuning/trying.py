"""One experiment on a made-up service, judged by the product's own sequential test and kept or undone by its rule."""

from dataclasses import dataclass
from math import exp, log

from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose, Trial
from plugin_optimizer.execute.judgement import Look, first_decision
from plugin_optimizer.models.confidence import UNKNOWN, SequentialTest

from .curves import Rng, Service

WINDOWS_BEFORE, MOST_WINDOWS = 36, 120  # 3 min before, at most 10 min after, of 5 s
BAND = log(1.05)
DRIFT = 0.015  # standard deviation of what moves meanwhile and is nobody's fault, on the log scale
GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE, 0.05)
TEST = SequentialTest(alpha=0.04)


@dataclass(frozen=True)
class Tried:
    trial: Trial
    true_ratio: float  # what the value really does beside the one before


def experiment(service: Service, before: int, after: int, rng: Rng, at: float) -> Tried:
    """Return what the judge says of `after`, peeking at every window from the sixth on."""
    truth = service.at(after) - service.at(before)
    old = rng.normal(0.0, service.scatter, WINDOWS_BEFORE)
    new = rng.normal(truth + rng.normal(0.0, DRIFT), service.scatter, MOST_WINDOWS) - old.mean()
    reference = TEST.reference_radius(old)

    def look_at(looked: int) -> Look:
        bounds = UNKNOWN if looked < TEST.least_windows else TEST.bounds(new[:looked], reference)
        return Look(bounds, BAND)

    decided = first_decision(look_at, MOST_WINDOWS, GOAL)
    bounds, outcome = decided.bounds, decided.outcome
    kept = outcome is Outcome.BETTER
    trial = Trial(
        knob=service.knob.name,
        before=before,
        after=after,
        metric=Metric.RESPONSE_TIME_SECONDS,
        ended_at=at,
        steady_since=at,
        kept=kept,
        outcome=outcome,
        effect=exp(bounds.mean),
        low=exp(min(bounds.low, bounds.mean)),
        high=exp(max(bounds.high, bounds.mean)),
        harmful=outcome is Outcome.WORSE,
    )
    return Tried(trial, exp(truth))
