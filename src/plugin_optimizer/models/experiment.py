"""Which value of a knob to try next, and when to leave it alone: the guards around the optimiser.

Nothing is tried that lies where harm was proven, that is too likely to break the safety limit, or that promises less
than another disturbance is worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isfinite, log

import numpy as np
from numpy.typing import NDArray

from ..domain import Message, Trial, Value
from .knob_space import KnobSpace
from .proportions import Z80
from .response_surface import Belief, Seen, belief

F64 = NDArray[np.float64]

# The bounds of a verdict hold at every look at once: for as many windows as decide they are about three standard
# errors wide (facts on verification, section 4: radius 1.26 deviations after 6 windows, whose error is 0.41).
BOUND_ERRORS = 3.0
LEAST_ERROR = 0.02  # what no verdict knows better, on the log scale
SMALLEST_EFFECT = log(0.02)  # an error ratio may fall to nothing, its logarithm not
AGE_ERROR = 0.01  # a day: services change, and what held a month ago says little
LOAD_ERROR = 0.1  # for each e-fold that the load is another one now
DAY_SECONDS = 86_400.0
FENCE_SHARE = 0.25  # of the way from what was harmful back to what is known to be good
SAME_PLACE = 0.01
ABOUT_THE_SAME = 0.05  # of the gain: no model knows better which of the two to try first
MIDDLE = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """What an experiment may cost and has to promise.

    `harm` is the log ratio that must not be exceeded, `most_chance` the probability with which it may be all the same;
    `least_gain` the expected improvement (log ratio) that is worth a disturbance.
    """

    harm: float
    most_chance: float
    least_gain: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is believed of one value beside the present one, as ratios; `[low, high]` holds it with 80 %."""

    value: Value
    expected: float
    low: float
    high: float
    gain: float  # expected improvement, a log ratio
    better_chance: float
    harm_chance: float
    allowed: bool


@dataclass(frozen=True, slots=True)
class Experiment:
    """The value to try, beside what is believed of all that were looked at."""

    choice: Outlook
    outlooks: tuple[Outlook, ...]
    learned_from: int  # verdicts


def next_experiment(
    space: KnobSpace, trials: Sequence[Trial], limits: Limits, now: float, load: float, values: Sequence[Value]
) -> Experiment | Message:
    """Return the most promising safe one of `values` (all candidates of the space), or why nothing is tried.

    | what is left of the values                           | answer                 |
    |------------------------------------------------------|------------------------|
    | none, or all where harm was proven, or tried already  | experiments_fenced     |
    | all too likely to break the limit                    | experiments_unsafe     |
    | the best promises less than `least_gain`             | experiments_settled    |
    | otherwise                                            | the best one           |
    """
    knob = space.knob
    present = space.place(knob.value)
    open_values = [value for value in values if not fenced(space, trials, value)]
    if present is None or not open_values:
        return Message("experiments_fenced", {"knob": knob.name, "value": knob.value})
    seen = _seen(space, trials, now, load)
    found = belief(seen, [space.place(v) or 0.0 for v in open_values], present, space.ordered)
    outlooks = _outlooks(open_values, found, limits)
    safe = [outlook for outlook in outlooks if outlook.allowed]
    if not safe:
        chance = {"chance_ratio": min(o.harm_chance for o in outlooks), "limit_ratio": limits.most_chance}
        return Message("experiments_unsafe", {"knob": knob.name, **chance})
    choice = _most_promising(space, safe)
    if choice.gain < limits.least_gain:
        figures = {"gain_ratio": 1 - exp(-choice.gain), "needed_ratio": 1 - exp(-limits.least_gain)}
        return Message(
            "experiments_settled", {"knob": knob.name, "value": knob.value, "trials": len(trials), **figures}
        )
    return Experiment(choice, outlooks, len(seen.effect))


def _most_promising(space: KnobSpace, safe: Sequence[Outlook]) -> Outlook:
    """Return the value of most gain; of those that promise about the same the one that leaves most room on either side."""
    best = max(outlook.gain for outlook in safe)
    rivals = [outlook for outlook in safe if outlook.gain >= (1 - ABOUT_THE_SAME) * best]
    if not space.ordered:
        return rivals[0]
    return min(rivals, key=lambda outlook: abs((space.place(outlook.value) or 0.0) - MIDDLE))


def harmless(trials: Sequence[Trial], limits: Limits) -> list[Value]:
    """Return the values that were kept, or undone though surely not beyond the limit: from them one may go on."""
    return [t.after for t in trials if t.kept or (not t.harmful and not t.refused and t.high < exp(limits.harm))]


def fenced(space: KnobSpace, trials: Sequence[Trial], value: Value) -> bool:
    """Tell whether a value is out of bounds: harmful, beyond what was harmful or a person took back, or tried in vain.

    Harm is taken to be monotone: whoever went up and was worse does not go there or further, nor into the last quarter
    of the way from what was good. A region behind a harmful one is given up with it.
    """
    place = space.place(value)
    if place is None:
        return True
    return any(_shuts_out(space, trials, trial, place) for trial in trials if not trial.kept)


def _shuts_out(space: KnobSpace, trials: Sequence[Trial], trial: Trial, place: float) -> bool:
    bad, start = space.place(trial.after), space.place(trial.before)
    if bad is None:
        return False
    if abs(place - bad) < SAME_PLACE:
        return True
    if not (space.ordered and (trial.harmful or trial.refused)) or start is None:
        return False
    good = _nearest_good(space, trials, bad, start)
    fence = bad - FENCE_SHARE * (bad - good)
    return place >= fence if bad > start else place <= fence


def _nearest_good(space: KnobSpace, trials: Sequence[Trial], bad: float, start: float) -> float:
    """Return the place nearest to a harmful one, on the side that it was reached from, that was not harmful."""
    known = [space.place(space.knob.value), *(space.place(t.after) for t in trials if t.kept)]
    known += [space.place(t.before) for t in trials]
    side = [p for p in known if p is not None and (start <= p < bad if bad > start else bad < p <= start)]
    return min(side, key=lambda p: abs(p - bad)) if side else start


def _seen(space: KnobSpace, trials: Sequence[Trial], now: float, load: float) -> Seen:
    rows = []
    for trial in trials:
        after, before = space.place(trial.after), space.place(trial.before)
        error = _error(trial, now, load)
        if after is not None and before is not None and error is not None:
            rows.append((after, before, max(log(max(trial.effect, 1e-9)), SMALLEST_EFFECT), error))
    columns = np.array(rows, dtype=np.float64).reshape(len(rows), 4).T
    return Seen(*columns)


def _error(trial: Trial, now: float, load: float) -> float | None:
    """Return the standard error of a trial's log effect as of today, None where nobody could say."""
    if not (isfinite(trial.effect) and isfinite(trial.low) and isfinite(trial.high)) or trial.high <= 0:
        return None
    width = log(trial.high) - max(log(max(trial.low, 1e-9)), SMALLEST_EFFECT)
    own = max(LEAST_ERROR, width / 2 / BOUND_ERRORS)
    age = AGE_ERROR * max(0.0, now - trial.ended_at) / DAY_SECONDS
    moved = LOAD_ERROR * abs(log(load / trial.load_per_second)) if load > 0 and trial.load_per_second > 0 else 0.0
    return float(np.sqrt(own**2 + age**2 + moved**2))


def _outlooks(values: Sequence[Value], found: Belief, limits: Limits) -> tuple[Outlook, ...]:
    low, high = found.mean - Z80 * found.deviation, found.mean + Z80 * found.deviation
    harm, better = found.chance_above(limits.harm), 1 - found.chance_above(0.0)
    rows = zip(values, found.mean, low, high, found.expected_gain(), better, harm, strict=True)
    return tuple(
        Outlook(value, exp(mean), exp(lo), exp(hi), float(gain), float(up), float(risk), risk <= limits.most_chance)
        for value, mean, lo, hi, gain, up, risk in rows
    )
