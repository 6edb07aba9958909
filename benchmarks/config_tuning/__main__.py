"""Safe tuning of one knob, simulated: how good, at the price of how many disturbances, and how safely.

    python -m benchmarks.config_tuning [--runs 40] [--seed 1] [--experiments 12] [--only product random]

Every run is one made-up service; all strategies get the same services, the product's own judge and its rule of keeping
and undoing. Printed per family of curves: the share of runs that end within 10 % of the best response time, and the
mean number of experiments. Then for all families together what it cost: experiments that were harmful (the value made
it more than 25 % slower, until the judge undid it), and those made knowingly, at or beyond a value that the same run had
already proven worse from the same side.
"""

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from math import exp, log
from zlib import crc32

import numpy as np

from .curves import FAMILIES, draw
from .strategies import HARM, STRATEGIES
from .trying import Tried, experiment

NEAR = log(1.10)
NEEDS = {"Optuna TPE": ("optuna",), "Optuna TPE, guards": ("optuna",), "Optuna GP": ("optuna", "torch", "scipy")}
PAUSE_SECONDS = 3600.0


@dataclass(frozen=True)
class Run:
    family: str
    near: bool
    experiments: int
    harmful: int
    knowingly: int
    loss: float  # log of the response time at the end over the best
    stopped: bool


def run(strategy: str, most: int, case: tuple[str, int]) -> Run:
    """Return how one service fares: the curve and the noise are the case's, the strategy's chance is its own."""
    family, seed = case
    service = draw(family, np.random.default_rng((seed, crc32(family.encode()))))
    noise, chance = np.random.default_rng((seed, 1)), np.random.default_rng((seed, crc32(strategy.encode())))
    present, tried, stopped = int(service.knob.value), [], False
    for number in range(most):
        value = STRATEGIES[strategy](service, present, [t.trial for t in tried], chance, number * PAUSE_SECONDS)
        if value is None:
            stopped = True
            break
        tried.append(experiment(service, present, value, noise, number * PAUSE_SECONDS))
        present = value if tried[-1].trial.kept else present
    loss = service.at(present) - service.best()
    harmful = sum(log(t.true_ratio) > HARM for t in tried)
    return Run(family, loss <= NEAR, len(tried), harmful, knowingly(tried), loss, stopped)


def knowingly(tried: Sequence[Tried]) -> int:
    """Count the experiments at or beyond a value that an earlier one had proven worse, coming from the same side."""
    count = 0
    for number, this in enumerate(tried):
        for earlier in tried[:number]:
            bad, start = float(earlier.trial.after), float(earlier.trial.before)
            value, present = float(this.trial.after), float(this.trial.before)
            up = bad > start and present < bad <= value
            down = bad < start and value <= bad < present
            if earlier.trial.harmful and (up or down):
                count += 1
                break
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40, help="services of each family")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--experiments", type=int, default=12, help="at most, for everybody")
    parser.add_argument("--only", nargs="*", default=[*STRATEGIES])
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    cases = [(family, options.seed * 100_000 + i) for family in FAMILIES for i in range(options.runs)]
    print(f"{len(cases)} services, at most {options.experiments} experiments each, seed {options.seed}\n")
    print("share of runs within 10 % of the best response time (mean experiments)")
    print(f"{'':20s}" + "".join(f"{family:>15s}" for family in FAMILIES) + f"{'all':>15s}")
    costs = []
    with ProcessPoolExecutor(options.processes) as pool:
        for name in options.only:
            missing = [module for module in NEEDS.get(name, ()) if find_spec(module) is None]
            if missing:
                costs.append(f"{name:20s}not measured: {', '.join(missing)} not installed")
                continue
            runs = list(pool.map(partial(run, name, options.experiments), cases, chunksize=8))
            print(_quality(name, runs), flush=True)
            costs.append(_cost(name, runs))
    print(
        f"\n{'what it cost':20s}{'experiments':>12s}{'harmful':>10s}{'of those knowingly':>20s}{'slower than best':>18s}{'stopped':>9s}"
    )
    print("\n".join(costs))


def _quality(name: str, runs: Sequence[Run]) -> str:
    cells = [_cell([r for r in runs if r.family == family]) for family in FAMILIES]
    return f"{name:20s}" + "".join(f"{cell:>15s}" for cell in (*cells, _cell(runs)))


def _cell(runs: Sequence[Run]) -> str:
    return f"{_mean(runs, lambda r: r.near):.0%} ({_mean(runs, lambda r: r.experiments):.1f})"


def _cost(name: str, runs: Sequence[Run]) -> str:
    experiments, harmful = sum(r.experiments for r in runs), sum(r.harmful for r in runs)
    loss = exp(_mean(runs, lambda r: r.loss)) - 1
    stopped = _mean(runs, lambda r: r.stopped)
    known = sum(r.knowingly for r in runs)
    return f"{name:20s}{experiments:12d}{harmful / max(experiments, 1):10.1%}{known:20d}{loss:18.1%}{stopped:9.0%}"


def _mean(runs: Sequence[Run], of: Callable[[Run], float]) -> float:
    return sum(of(r) for r in runs) / max(len(runs), 1)


if __name__ == "__main__":
    main()
