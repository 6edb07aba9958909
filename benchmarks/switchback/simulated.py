"""How often the referee is wrong, and what it finds: seeded simulations of services whose workers take turns.

    python -m benchmarks.switchback.simulated [--trials 300]

For 7, 14 and 28 pairs of 8-s blocks: the share in which the signed rank test finds anything at 5 %, and the shares in
which the verdict (4 %, a band of 5 %) is better, worse and same. Response times by their mean, 20 requests/s.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose
from plugin_optimizer.domain.comparison import Comparison
from plugin_optimizer.execute.switchback_blocks import pairs_of
from plugin_optimizer.execute.switchback_judge import SwitchbackJudge
from plugin_optimizer.models.signed_ranks import two_sided_chance
from plugin_optimizer.testing.alternating_service import AlternatingService
from plugin_optimizer.testing.simulated_service import SimulatedService

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
JUDGE = SwitchbackJudge(0.04)
PAIRS = (7, 14, 28)
FIRST_SEED = 50_000
BLOCK_SECONDS, DROPPED_SECONDS, TURN_SECONDS = 8.0, 1.5, 0.5


@dataclass(frozen=True, slots=True)
class World:
    name: str
    service: SimulatedService
    workers: tuple[int, int]


def worlds() -> Iterator[World]:
    for scv, shape in ((1.0, "exponential"), (4.0, "lognormal")):
        calm = SimulatedService(scv=scv)
        yield World(f"{shape}, 4 vs 4, wandering, bursts", replace(calm, wander=0.2, bursts=0.3), (4, 4))
        for workers in ((4, 4), (3, 4), (3, 5), (4, 5), (5, 6)):
            yield World(f"{shape}, {workers[0]} vs {workers[1]}", calm, workers)


def compared(world: World, pairs: int, seed: int) -> tuple[bool, Outcome]:
    """Tell whether the test finds anything, and the verdict."""
    plan = Comparison(seed, pairs, BLOCK_SECONDS, DROPPED_SECONDS, TURN_SECONDS)
    service = AlternatingService(plan, world.service, world.workers, seed=seed)
    _, observed = service.observe()
    chance = two_sided_chance(pairs_of(GOAL.metric, "p", observed, service.finished).valid)
    return chance <= 0.05, JUDGE.judge(GOAL, "p", observed, service.finished).outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=300, help="simulated comparisons of each kind")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    begun = time.monotonic()
    heads = "".join(f" | {pairs:>2} pairs: p<=.05 better worse  same" for pairs in PAIRS)
    print(f"{'':40}{heads}")
    with ProcessPoolExecutor(options.processes) as pool:
        for world in worlds():
            cells = [_cell(pool, world, pairs, options.trials) for pairs in PAIRS]
            print(f"{world.name:40}{''.join(cells)}", flush=True)
    print(f"{time.monotonic() - begun:.0f} s for {options.trials} comparisons of each kind")


def _cell(pool: ProcessPoolExecutor, world: World, pairs: int, trials: int) -> str:
    seeds = range(FIRST_SEED, FIRST_SEED + trials)
    found = list(pool.map(partial(compared, world, pairs), seeds, chunksize=10))
    outcomes = Counter(outcome for _, outcome in found)
    significant = sum(surely for surely, _ in found) / trials
    shares = " ".join(f"{outcomes[o] / trials:5.2f}" for o in (Outcome.BETTER, Outcome.WORSE, Outcome.SAME))
    return f" | {'':>9} {significant:5.2f}  {shares}"


if __name__ == "__main__":
    main()
