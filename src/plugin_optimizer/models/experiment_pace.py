"""How often one may experiment: a budget a day, a rest after what did not help, and a past that is all of one value."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import exp, nan, sqrt

from ..domain import Message, Metric, Trial

DAY_SECONDS = 86_400.0
OTHER_KNOB_WIDENING = 0.15  # of both bounds, on the log scale: about 5 % of standard error
MEMORY_SECONDS = 30 * DAY_SECONDS  # of what was tried: services change, and so may what is best for them


@dataclass(frozen=True, slots=True)
class Pace:
    """`rest_seconds` after an undone experiment, doubled by each one undone before it in a row within a day.

    `steady_seconds`: how long a value must have run before the next one can be judged beside it.
    """

    rest_seconds: float = 600.0
    steady_seconds: float = 180.0

    def reason_to_rest(
        self, trials: Sequence[Trial], knobs: Collection[str], budget: int, now: float
    ) -> Message | None:
        """Return why no experiment may begin now, None if one may. `trials` are those of the plugin, oldest first;
        those of `knobs` are experiments and count, any change makes the past unsteady.
        """
        if budget <= 0:
            return Message("experiments_off")
        lately = [t for t in trials if t.knob in knobs and t.ended_at > now - DAY_SECONDS]
        if len(lately) >= budget:
            remaining = lately[-budget].ended_at + DAY_SECONDS - now
            return Message("experiments_spent", {"limit": budget, "remaining_seconds": remaining})
        steady = max((t.steady_since for t in trials), default=-DAY_SECONDS) + self.steady_seconds
        until = max(steady, _rested(lately, self.rest_seconds))
        return Message("experiment_resting", {"remaining_seconds": until - now}) if until > now else None


def remembered(trials: Sequence[Trial], knob: str, goal: Metric, now: float) -> list[Trial]:
    """Return what still counts of one knob. An effect on another sort of metric than the goal's says nothing about it;
    that a value was harmful, or given up, counts whatever it was tried for. Each change of another knob that was kept
    since makes an effect less sure: knobs are turned one at a time, but not each for itself.
    """
    own = [t for t in trials if t.knob == knob and t.ended_at > now - MEMORY_SECONDS]
    others = [t.ended_at for t in trials if t.kept and t.knob != knob]
    return [_less_sure(t, sum(at > t.ended_at for at in others)) if _alike(t.metric, goal) else _silent(t) for t in own]


def _silent(trial: Trial) -> Trial:
    return replace(trial, effect=nan, low=nan, high=nan)


def _less_sure(trial: Trial, changes: int) -> Trial:
    factor = exp(OTHER_KNOB_WIDENING * sqrt(changes))
    return replace(trial, low=trial.low / factor, high=trial.high * factor)


def _alike(one: Metric, other: Metric) -> bool:
    return (one is Metric.ERROR_RATIO) is (other is Metric.ERROR_RATIO)


def _rested(lately: Sequence[Trial], rest_seconds: float) -> float:
    undone = 0
    for trial in reversed(lately):
        if trial.kept:
            break
        undone += 1
    return lately[-1].ended_at + rest_seconds * 2.0 ** (undone - 1) if undone else float("-inf")
