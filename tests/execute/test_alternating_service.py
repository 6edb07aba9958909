"""The simulated service whose workers take turns serves as the one with a fixed number does."""

from dataclasses import replace

import numpy as np

from plugin_optimizer.domain.comparison import Arm, Comparison
from plugin_optimizer.testing.alternating_service import AFTERWARDS_SECONDS, AlternatingService
from plugin_optimizer.testing.simulated_service import SimulatedService

PLAN = Comparison(2, 7, 8.0, 1.5, 0.5)
WORLD = SimulatedService(scv=4.0, wander=0.1, bursts=0.2, error_ratio=0.02, error_ratio_after=0.02)


def test_two_equal_values_are_one() -> None:
    """With four workers in turn with four, every request waits as long as with four."""
    plain = replace(WORLD, settle_seconds=0.0, after_seconds=PLAN.seconds + AFTERWARDS_SECONDS).run(3)
    turns = AlternatingService(PLAN, WORLD, (4, 4), seed=3).run()
    assert turns.arrival.tolist() == plain.arrival.tolist()
    assert np.allclose(turns.queue_wait, plain.queue_wait, atol=0.0041)
    assert turns.status.tolist() == plain.status.tolist()


def test_more_workers_are_felt_in_their_blocks_alone() -> None:
    """Under 3 and 8 workers in turn people wait under 3, and hardly under 8 once the backlog is gone."""
    service = AlternatingService(PLAN, WORLD, (3, 8), seed=3)
    trace = service.run()
    parts = {arm: [trace.between(b.began + 3, b.ended) for b in service.finished.blocks if b.arm is arm] for arm in Arm}
    waits = {arm: np.mean(np.concatenate([part.queue_wait for part in found])) for arm, found in parts.items()}
    assert waits[Arm.AFTER] < 0.01 < 0.1 < waits[Arm.BEFORE]


def test_what_the_value_after_does_to_service_times_and_errors_stays_in_its_blocks() -> None:
    """Twice as long and half of them failing, there; nothing of it elsewhere."""
    service = AlternatingService(PLAN, replace(WORLD, error_ratio=0.0, error_ratio_after=0.0), (8, 8), 2.0, 0.5, seed=3)
    same, turned = replace(service, service_after=1.0, error_ratio_after=0.0).run(), service.run()
    ratio = turned.wall / same.wall
    inside = np.zeros(len(turned), dtype=np.bool_)
    for block in service.finished.blocks:
        if block.arm is Arm.AFTER:
            inside |= (turned.arrival >= block.began) & (turned.arrival < block.began + 8.0)
    assert np.allclose(ratio[inside], 2.0)
    assert (turned.status[inside] == 500).mean() > 0.4
    before = turned.arrival < service.began
    assert np.allclose(ratio[before], 1.0)
    assert not (turned.status[before] == 500).any()
