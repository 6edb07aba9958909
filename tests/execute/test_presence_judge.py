"""A start is judged by whether it stays up."""

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Message, Metric, Outcome, Purpose, Verdict, Window
from plugin_optimizer.execute.guards import guard
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.wording import render

GOAL = Goal(Metric.UP, Direction.UP, Purpose.REPAIR)
STEP_SECONDS = 5.0


def side(*looks: float, restarts: float = 0.0) -> Observation:
    """Return a stretch of looks at whether it is up, five seconds apart."""
    times = 1_000.0 + STEP_SECONDS * np.arange(len(looks))
    counted = np.zeros((1, len(looks)), dtype=np.float32)
    counted[0, :1] = restarts
    series = {Metric.UP: np.array([looks], dtype=np.float32), Metric.RESTARTS: counted}
    return Observation(Window(("orders.service",), times, STEP_SECONDS, series))


def judged(*looks: float) -> Verdict:
    verdict = ChangeVerifier().verify(GOAL, "orders.service", side(0.0, 0.0, 0.0), side(*looks), None)
    for message in verdict.reasons:
        assert render(message, "ko") != render(message, "en")
    return verdict


@pytest.mark.parametrize(
    ("looks", "outcome"),
    [
        ([1.0] * 12, Outcome.BETTER),
        ([1.0] * 11, Outcome.INCONCLUSIVE),
        ([1.0] * 11 + [np.nan, 1.0], Outcome.BETTER),
        ([1.0] * 11 + [0.0], Outcome.INCONCLUSIVE),
        ([1.0] * 11 + [0.0] + [1.0] * 12, Outcome.BETTER),
        ([1.0, 1.0, 0.0] * 6, Outcome.WORSE),
        ([], Outcome.INCONCLUSIVE),
    ],
    ids=["a minute", "less", "a look is missing", "a gap", "a minute after a gap", "comes and goes", "nothing seen"],
)
def test_a_minute_without_a_gap_is_better(looks: list[float], outcome: Outcome) -> None:
    """The table of the judge, row by row; a look that is missing is no gap."""
    assert judged(*looks).outcome is outcome


def test_the_start_itself_is_no_breakage_and_its_end_is() -> None:
    """A restart that was asked for trips no guard; two looks in a row that find nothing do."""
    before = side(0.0, 0.0, 0.0)
    assert guard(GOAL, "orders.service", before, side(1.0, 1.0, restarts=1.0)) is None
    broken = guard(GOAL, "orders.service", before, side(1.0, 0.0, 0.0))
    assert broken is not None
    assert broken.reasons == (Message("guard_down"),)
