"""A verdict that stays open leads to a comparison, or to the reason why there is none."""

from dataclasses import replace
from math import nan

import pytest

from plugin_optimizer.domain import Direction, Disruption, Goal, Knob, Message, Metric, Outcome, Purpose, Verdict
from plugin_optimizer.domain.comparison import Comparison
from plugin_optimizer.execute.sight import Sight
from plugin_optimizer.execute.switchback_question import OpenVerdict, comparison_for
from plugin_optimizer.testing.simulated_service import SimulatedService, observation

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
OPEN = Verdict(Outcome.INCONCLUSIVE, GOAL.metric, 0.7, 0.4, 1.1, 0.4, 0.3, 24, 2400, "windows")
ALPHA = 0.04


def world(workers: tuple[int, int] = (3, 5), rate: float = 20.0) -> tuple[SimulatedService, Sight]:
    """Three minutes before and two after a change of the number of workers, as the judge may see them."""
    service = SimulatedService(
        workers=workers[0], workers_after=workers[1], rate=rate, before_seconds=180, settle_seconds=5, after_seconds=120
    )
    before, after = service.observe(1)
    trace = service.run(1)
    begin, now = service.changed_at, service.changed_at + 125
    return service, Sight(before, observation(trace.between(begin, now), begin, now), after, None)


def asked(service: SimulatedService, **other: object) -> OpenVerdict:
    slots = (service.workers, service.workers_after)
    case = OpenVerdict(GOAL, OPEN, Knob("workers", 5, 1, 9), service.changed_at, slots, 1.0, 900.0, seed=7)
    return replace(case, **other)  # type: ignore[arg-type]


def code(found: Comparison | Message) -> str:
    assert isinstance(found, Message)
    return found.code


def test_an_open_verdict_is_asked_again_by_turns() -> None:
    """3 and 5 workers with 2.1 busy: blocks of 8 s or so, six pairs or more, within 15 minutes, by the given seed."""
    service, sight = world()
    found = comparison_for(asked(service), sight, ALPHA)
    assert isinstance(found, Comparison)
    assert 8 <= found.block_seconds <= 25
    assert found.pairs >= 6
    assert found.seconds <= 900
    assert found.seed == 7


def test_a_smaller_effect_takes_longer_or_is_not_asked() -> None:
    """×0.7 is planned for; ×0.93 would take hours beside blocks that differ so much."""
    service, sight = world()
    small = replace(OPEN, effect=0.93)
    assert code(comparison_for(asked(service, verdict=small), sight, ALPHA)) == "effect_too_small_to_ask"


def test_without_an_estimate_what_was_promised_is_planned_for() -> None:
    """A judge that could not say anything leaves the prediction; without one, 15 %."""
    service, sight = world()
    unknown = replace(OPEN, effect=nan, low=nan, high=nan)
    promised = comparison_for(asked(service, verdict=unknown, predicted_ratio=0.7), sight, ALPHA)
    assert promised == comparison_for(asked(service), sight, ALPHA)
    assert promised != comparison_for(asked(service, verdict=unknown), sight, ALPHA)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"knob": Knob("workers", 5, disruption=Disruption.RESTART)}, "switchback_disrupts"),
        ({"other_change": "e-2"}, "switchback_busy"),
        ({"slots": None}, "switchback_load_unknown"),
        ({"slots": (2, 5)}, "switchback_unstable"),
        ({"most_seconds": 60.0}, "comparison_too_long"),
    ],
)
def test_what_stands_against_it_is_the_answer(other: dict[str, object], expected: str) -> None:
    """The first obstacle, as a reason that people can read."""
    service, sight = world()
    assert code(comparison_for(asked(service, **other), sight, ALPHA)) == expected


def test_without_requests_one_by_one_there_is_no_comparison() -> None:
    """Nobody knows how long the queue took to settle."""
    service, sight = world()
    blind = replace(sight, since=replace(sight.since, trace=sight.since.trace.between(0, 0)))
    assert code(comparison_for(asked(service), blind, ALPHA)) == "switchback_slow"
