"""Who chooses the next value: the product, and what people use instead."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import exp, log

from plugin_optimizer.domain import Message, Trial
from plugin_optimizer.models.experiment import Limits, fenced, harmless, next_experiment
from plugin_optimizer.models.knob_space import KnobSpace
from plugin_optimizer.plan.config import ConfigPlanner

from .curves import Rng, Service

Choose = Callable[[Service, int, Sequence[Trial], Rng, float], int | None]  # None: it stops by itself
GRID_POINTS = 9
PRODUCT = ConfigPlanner()
HARM = log(PRODUCT.most_worse_ratio)
LIMITS = Limits(HARM, PRODUCT.most_harm_chance, PRODUCT.least_gain_share * log(1.05))


def product(service: Service, present: int, trials: Sequence[Trial], _: Rng, now: float) -> int | None:
    """Ask the planner's own model with the planner's own settings."""
    space = KnobSpace(replace(service.knob, value=present))
    found = next_experiment(space, trials, LIMITS, now, float("nan"), space.candidates(harmless(trials, LIMITS)))
    return None if isinstance(found, Message) else int(found.choice.value)


def guarded_random(service: Service, present: int, trials: Sequence[Trial], rng: Rng, _: float) -> int | None:
    """Take any value that our bounds and fences leave: what the guards do without an optimiser."""
    left = _left(service, present, trials)
    return int(rng.choice(left)) if left else None


def random_search(service: Service, present: int, trials: Sequence[Trial], rng: Rng, _: float) -> int | None:
    """Take any value of the range, evenly by place, that was not tried yet."""
    tried = {present, *(t.after for t in trials)}
    low, high = service.values()[0], service.values()[-1]
    for _attempt in range(50):
        u = rng.random()
        value = round(low * (high / low) ** u) if low > 0 else round(low + u * (high - low))
        if value not in tried:
            return value
    return None


def grid_search(service: Service, present: int, trials: Sequence[Trial], _: Rng, __: float) -> int | None:
    """Go through nine values, evenly by place, from the lowest to the highest."""
    low, high = service.values()[0], service.values()[-1]
    shares = [i / (GRID_POINTS - 1) for i in range(GRID_POINTS)]
    points = [round(low * (high / low) ** u) if low > 0 else round(low + u * (high - low)) for u in shares]
    tried = {present, *(t.after for t in trials)}
    return next((p for p in points if p not in tried), None)


def doubling(service: Service, present: int, trials: Sequence[Trial], _: Rng, __: float) -> int | None:
    """Double while that helps, else halve while that helps (linear: ±20 points); then stop."""
    low, high = service.values()[0], service.values()[-1]
    steps = (present * 2, present // 2) if low > 0 else (present + 20, present - 20)
    tried = {t.after for t in trials}
    open_steps = [min(high, max(low, s)) for s in steps]
    return next((s for s in open_steps if s not in tried and s != present), None)


def optuna_tpe(service: Service, present: int, trials: Sequence[Trial], rng: Rng, _: float) -> int | None:
    return _optuna(service, present, trials, "TPESampler", int(rng.integers(2**31)))


def optuna_gp(service: Service, present: int, trials: Sequence[Trial], rng: Rng, _: float) -> int | None:
    return _optuna(service, present, trials, "GPSampler", int(rng.integers(2**31)))


def guarded_tpe(service: Service, present: int, trials: Sequence[Trial], rng: Rng, _: float) -> int | None:
    """Let Optuna choose between the ends of what our bounds and fences leave, and take the nearest value left."""
    left = _left(service, present, trials)
    if not left:
        return None
    found = _optuna(service, present, trials, "TPESampler", int(rng.integers(2**31)), (min(left), max(left)))
    return min(left, key=lambda v: abs(v - found)) if found is not None else None


def _left(service: Service, present: int, trials: Sequence[Trial]) -> list[int]:
    space = KnobSpace(replace(service.knob, value=present))
    return [int(v) for v in space.candidates(harmless(trials, LIMITS)) if not fenced(space, trials, v)]


def _optuna(
    service: Service,
    present: int,
    trials: Sequence[Trial],
    sampler: str,
    seed: int,
    between: tuple[int, int] | None = None,
) -> int | None:
    """Replay the trials and ask; three start-up values rather than ten, or twelve experiments are random search."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    low, high = service.values()[0], service.values()[-1]
    logarithmic = low > 0
    space = {"knob": optuna.distributions.IntDistribution(low, high, log=logarithmic)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = optuna.create_study(sampler=getattr(optuna.samplers, sampler)(seed=seed, n_startup_trials=3))
        for value, level in _levels(present, trials):
            study.add_trial(optuna.trial.create_trial(params={"knob": value}, distributions=space, value=level))
        for _attempt in range(10):
            asked = {"knob": optuna.distributions.IntDistribution(*(between or (low, high)), log=logarithmic)}
            value = int(study.ask(asked).params["knob"])
            if value != present:
                return value
    return None


def _levels(present: int, trials: Sequence[Trial]) -> Sequence[tuple[int, float]]:
    """Return each value with its level: the product of the judged ratios on the way to it."""
    if not trials:
        return [(present, 1.0)]
    level, found = 1.0, [(int(trials[0].before), 1.0)]
    for trial in trials:
        reached = level * (trial.effect if trial.effect == trial.effect else exp(0.0))
        found.append((int(trial.after), reached))
        level = reached if trial.kept else level
    return found


STRATEGIES: Mapping[str, Choose] = {
    "product": product,
    "random, guards": guarded_random,
    "random": random_search,
    "grid": grid_search,
    "doubling": doubling,
    "Optuna TPE": optuna_tpe,
    "Optuna TPE, guards": guarded_tpe,
    "Optuna GP": optuna_gp,
}
