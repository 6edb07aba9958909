"""How often the judge cries wolf, and what it finds: seeded simulations, printed as a table.

    python benchmarks/judge_aa.py [--trials 250] [--seconds 120]

"Nothing changed" worlds come first: every verdict but "same" and "inconclusive" is a false alarm there. The
simulated service is not the model that judges: it has overheads, ticks, drifts, bursts and a lock.
"""

import argparse
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.testing.simulated_service import SimulatedService

GOAL = Goal(Metric.RESPONSE_TIME_P95_SECONDS, Direction.DOWN, Purpose.IMPROVE)
CHANGED = (Outcome.BETTER, Outcome.WORSE)
FIRST_SEED = 10_000


@dataclass(frozen=True, slots=True)
class Scenario:
    """`judge` is `replay` or `windows`; `truth` the right verdict, None where nothing changed."""

    name: str
    world: SimulatedService
    judge: str = "replay"
    truth: Outcome | None = None


def scenarios(seconds: float) -> list[Scenario]:
    found = []
    for scv, shape in ((0.0, "equal"), (1.0, "exponential"), (4.0, "lognormal")):
        world = replace(SimulatedService(scv=scv), after_seconds=seconds)
        found += [Scenario(f"{name}, {shape}", one, judge) for name, one, judge in _nothing_changed(world)]
    for scv, shape in ((1.0, "exponential"), (4.0, "lognormal")):
        world = replace(SimulatedService(scv=scv), after_seconds=seconds)
        found += [Scenario(f"{name}, {shape}", one, "replay", truth) for name, one, truth in _changed(world)]
        found += [replace(one, name=f"{one.name}, {shape}") for one in (*_nearly_full(world), *_crowded(world))]
    return found


def _crowded(world: SimulatedService) -> list[Scenario]:
    """Four workers before three connections that are 93 % taken: with eight, people wait elsewhere and as long."""
    crowd = replace(world, workers=4, workers_after=8, service_seconds=0.135, connections=3, history_seconds=60)
    crowd = replace(crowd, before_seconds=75)
    return [
        Scenario("4 to 8 behind three connections", crowd),
        Scenario("4 to 8 behind three connections, load -20 %", replace(crowd, load_after=0.8)),
    ]


def _nearly_full(world: SimulatedService) -> list[Scenario]:
    """Two workers with 14 requests of 130 ms a second, seen for 180 s in the middle of a backlog."""
    orders = replace(world, workers=2, workers_after=2, service_seconds=0.127, overhead_seconds=0.002)
    orders = replace(orders, history_seconds=120, before_seconds=180)
    return [
        Scenario("replay, same count, 90 % full", replace(orders, rate=13.6), "shadow"),
        Scenario("replay, same count, 95 % full", replace(orders, rate=14.2), "shadow"),
        Scenario("92 % full, 2 to 4", replace(orders, rate=13.9, workers_after=4), "replay", Outcome.BETTER),
        Scenario("46 % full, 4 to 2", replace(orders, rate=13.9, workers=4), "replay", Outcome.WORSE),
    ]


def _nothing_changed(world: SimulatedService) -> list[tuple[str, SimulatedService, str]]:
    idle = replace(world, workers=6, workers_after=8)
    return [
        ("replay, same count", world, "shadow"),
        ("replay, same count, load +15 %", replace(world, load_after=1.15), "shadow"),
        ("replay, same count, load -15 %", replace(world, load_after=0.85), "shadow"),
        ("replay, same count, load +-50 %", replace(world, bursts=0.25, load_after=0.5), "shadow"),
        ("replay, same count, bursts", replace(world, bursts=0.3), "shadow"),
        ("replay, same count, service wanders", replace(world, wander=0.1), "shadow"),
        ("replay, same count, 5 ms overhead", replace(world, overhead_seconds=0.005), "shadow"),
        ("6 to 8 workers without need", idle, "replay"),
        ("6 to 8 without need, load +15 %", replace(idle, load_after=1.15), "replay"),
        ("windows, no requests on record", world, "windows"),
        ("windows, load +15 %", replace(world, load_after=1.15), "windows"),
        ("windows, load -15 %", replace(world, load_after=0.85), "windows"),
    ]


def _changed(world: SimulatedService) -> list[tuple[str, SimulatedService, Outcome]]:
    help_, harm = replace(world, workers=3, workers_after=4), replace(world, workers=4, workers_after=3)
    lock = replace(world, workers=3, workers_after=6, rate=15, service_seconds=0.05, lock_share=0.3, handover=0.5)
    return [
        ("3 to 4 workers", help_, Outcome.BETTER),
        ("3 to 4, load +25 %", replace(help_, load_after=1.25), Outcome.BETTER),
        ("4 to 3 workers", harm, Outcome.WORSE),
        ("4 to 3, load -20 %", replace(harm, load_after=0.8), Outcome.WORSE),
        ("overload, 2 to 4", replace(world, workers=2, workers_after=4), Outcome.BETTER),
        ("3 to 6 behind a lock", lock, Outcome.WORSE),
    ]


def outcome_of(scenario: Scenario, seed: int) -> Outcome:
    before, after = scenario.world.observe(seed)
    verifier = ChangeVerifier()
    if scenario.judge == "shadow":
        return verifier.shadow(GOAL, "p", before, after, scenario.world.pools[0]).outcome
    pools = scenario.world.pools if scenario.judge == "replay" else None
    return verifier.verify(GOAL, "p", before, after, pools).outcome


def upper_bound(found: int, trials: int) -> float:
    """Return the 95 % upper bound of a share (Clopper-Pearson)."""
    from plugin_optimizer.models.counts import share_interval

    return share_interval(found, trials, 0.10)[1]


def line(scenario: Scenario, counts: Mapping[Outcome, int], trials: int) -> str:
    shares = "  ".join(f"{outcome.value} {counts.get(outcome, 0) / trials:6.1%}" for outcome in Outcome)
    return f"{scenario.name:52} {shares}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the judge on simulated changes.")
    parser.add_argument("--trials", type=int, default=250, help="worlds per scenario")
    parser.add_argument("--seconds", type=float, default=120.0, help="time watched after the change")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    false_alarms = nothing = 0
    begun = time.monotonic()
    with ProcessPoolExecutor(options.processes) as pool:
        for scenario in scenarios(options.seconds):
            seeds = range(FIRST_SEED, FIRST_SEED + options.trials)
            counts = Counter(pool.map(partial(outcome_of, scenario), seeds, chunksize=10))
            print(line(scenario, counts, options.trials), flush=True)
            if scenario.truth is None:
                nothing += options.trials
                false_alarms += sum(counts[outcome] for outcome in CHANGED)
    bound = upper_bound(false_alarms, nothing)
    print(f"\nfalse alarms: {false_alarms} of {nothing} (95 % bound: {bound:.2%})")
    print(f"{time.monotonic() - begun:.0f} s for {options.trials} worlds of {options.seconds:g} s per scenario")


if __name__ == "__main__":
    main()
