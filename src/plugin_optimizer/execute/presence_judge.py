"""Judges a change that was made to bring something back: is it there (is it well), and does it stay so?"""

import math

from ..contracts import Observation
from ..domain import Goal, Message, Metric, Outcome, Verdict

METHOD = "presence"
PRESENCE = frozenset({Metric.UP, Metric.HEALTHY})  # 1 is as it should be, 0 is not
LEAST_SECONDS = 60.0  # without a gap: what comes up and falls over does so within that, or is not this change's fault
LEAST_SHARE = 0.9  # of the looks: below it, it comes and goes as before


def judge_presence(goal: Goal, plugin_id: str, before: Observation, after: Observation) -> Verdict:
    """Return BETTER for one that was there (well, where its own health check is the goal) at every look for a minute, WORSE for
    one that comes and goes.

    One that is down at two looks in a row is the guards' business.

    | looks since it was started         | verdict                        |
    |------------------------------------|--------------------------------|
    | all there, over 60 s               | better                         |
    | over 60 s, less than 90 % there    | worse: it is stopped again     |
    | less than 60 s, or a single gap    | inconclusive, until it is late |
    """
    old, new = (_known(side, plugin_id, goal.metric) for side in (before, after))
    share = sum(new) / len(new) if new else math.nan
    gap = max((place + 1 for place, there in enumerate(new) if not there), default=0)
    seconds = (len(new) - gap) * after.window.step_seconds
    lacking = math.ceil(max(0.0, LEAST_SECONDS - seconds) / after.window.step_seconds)
    if lacking == 0:
        said = "stays_up" if goal.metric is Metric.UP else "stays_well"
        outcome, reason = Outcome.BETTER, Message(said, {"span_seconds": seconds})
    elif len(new) * after.window.step_seconds >= LEAST_SECONDS and share < LEAST_SHARE:
        said = "comes_and_goes" if goal.metric is Metric.UP else "falls_ill_again"
        outcome, reason = Outcome.WORSE, Message(said, {"share_ratio": share})
    else:
        outcome, reason = Outcome.INCONCLUSIVE, Message("need_more_windows", {"windows": lacking, "requests": 0})
    level = sum(old) / len(old) if old else math.nan
    return Verdict(outcome, goal.metric, math.nan, math.nan, math.nan, level, share, len(new), 0, METHOD, (reason,))


def _known(side: Observation, plugin_id: str, metric: Metric) -> list[float]:
    return [float(value) for value in side.window.of(plugin_id, metric) if value == value]
