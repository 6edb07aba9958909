"""The obligations of every verifier, as tests to inherit.

class TestMyVerifier(VerifierContract):
    def verifier(self) -> Verifier:
        return MyVerifier()
"""

from dataclasses import replace

import numpy as np

from ..contracts import Observation, Verifier
from ..domain import Direction, Goal, Metric, Outcome, Pool, Purpose, Verdict, Window
from .simulated_service import SimulatedService

GOAL = Goal(Metric.RESPONSE_TIME_P95_SECONDS, Direction.DOWN, Purpose.IMPROVE)
CHANGED = (Outcome.BETTER, Outcome.WORSE)
QUIET_WORLDS = 12


class VerifierContract:
    """Inherit and return your verifier; pytest runs the rest."""

    def verifier(self) -> Verifier:
        raise NotImplementedError("return the verifier to be tested")

    def test_the_same_observations_give_the_same_verdict(self) -> None:
        """A verdict can be recomputed from what is stored."""
        world = replace(SimulatedService(), workers=3)
        assert repr(self._judged(world, 1)) == repr(self._judged(world, 1))

    def test_nothing_seen_is_inconclusive_and_says_what_is_missing(self) -> None:
        """Empty observations, with and without pools, never raise and never pass."""
        window = Window(("p",), np.empty(0), 5.0, {})
        nothing = Observation(window)
        for pools in (None, (Pool("sync", 2), Pool("sync", 4))):
            for metric in Metric:
                goal = replace(GOAL, metric=metric)
                self._is_open(self.verifier().verify(goal, "p", nothing, nothing, pools))

    def test_too_little_seen_is_inconclusive(self) -> None:
        """Ten seconds after the change are too few for anything."""
        self._is_open(self._judged(replace(SimulatedService(), workers=2, after_seconds=10), 1))

    def test_an_unknown_plugin_is_inconclusive(self) -> None:
        """Samples of others are no evidence."""
        before, after = SimulatedService().observe(1)
        blind = Observation(before.window), Observation(after.window)
        self._is_open(self.verifier().verify(GOAL, "nobody", *blind, None))

    def test_missing_samples_are_not_zeros(self) -> None:
        """A metric that is NaN throughout says nothing."""
        before, after = SimulatedService().observe(1)
        gone = {metric: np.full_like(values, np.nan) for metric, values in after.window.metrics.items()}
        empty = Observation(Window(("p",), after.window.times, 5.0, gone))
        self._is_open(self.verifier().verify(GOAL, "p", Observation(before.window), empty, None))

    def test_nothing_changed_is_not_called_a_change(self) -> None:
        """Workers that nobody needs, under other load: no false alarm in a dozen worlds."""
        for seed in range(QUIET_WORLDS):
            load = (1.0, 1.15, 0.85)[seed % 3]
            world = replace(SimulatedService(), workers=6, workers_after=8, load_after=load)
            assert self._judged(world, seed).outcome not in CHANGED

    def test_a_great_help_is_not_called_harm_nor_the_other_way_round(self) -> None:
        """From overload to plenty and back: never the wrong sign."""
        for few, many, wrong in ((2, 6, Outcome.WORSE), (6, 2, Outcome.BETTER)):
            world = replace(SimulatedService(), workers=few, workers_after=many, after_seconds=120)
            assert self._judged(world, 1).outcome is not wrong

    def _judged(self, world: SimulatedService, seed: int) -> Verdict:
        before, after = world.observe(seed)
        return self.verifier().verify(GOAL, "p", before, after, world.pools)

    @staticmethod
    def _is_open(verdict: Verdict) -> None:
        assert verdict.outcome is Outcome.INCONCLUSIVE
        assert verdict.reasons, "an inconclusive verdict says what is missing"
