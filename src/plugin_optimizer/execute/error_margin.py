"""No change is kept before it is known that it does not make requests fail: no gain in time pays for that."""

import math

from ..contracts import Observation
from ..domain import Goal, Message, Metric, Outcome, Purpose, Verdict
from ..models.counts import share_interval
from .error_judge import Failures, failures
from .judgement import objected

MOST_MORE = 0.01  # of all requests: the guard against errors calls more than that breakage
MOST_MORE_OF_USUAL = 0.5  # where many fail anyway, a point more cannot be told from none within minutes
ALPHA = 0.01  # of one look. Asked every 15 s for 10 min, a true rise of one point was ruled out in 2 to 3 % of 300 runs


def unless_errors_rose(
    verdict: Verdict, goal: Goal, plugin_id: str, before: Observation, after: Observation, window_seconds: float
) -> Verdict:
    """Return the verdict; without its outcome where a change would be kept by it and more errors are not ruled out.

    Where no requests are counted there is nothing to rule out.
    """
    if Metric.ERROR_RATIO not in goal.guards or not _keeps(verdict, goal):
        return verdict
    old, new = (failures(side, plugin_id, window_seconds) for side in (before, after))
    if not old.total[1] or not new.total[1]:
        return verdict
    more, most = most_more(old, new), max(MOST_MORE, MOST_MORE_OF_USUAL * old.ratio)
    if more < most:
        return verdict
    params = {"most_ratio": round(most, 4), "more_ratio": round(more, 4), "requests": int(new.total[1])}
    return objected(verdict, Message("errors_not_excluded", params))


def most_more(old: Failures, new: Failures) -> float:
    """Return how many more of the requests may fail now than before, at most (a difference of shares).

    Two exact intervals of a share, put together as Zou, Donner, Construction of confidence limits about effect measures
    (Statistics in Medicine 2008): d + sqrt((u₁ - p₁)² + (p₀ - l₀)²). Errors that come in bursts widen it.
    Behaviour: 0 of 500 after 0 of 1,800: 1.05 points; 0 of 1,000: 0.53.
    """
    least = share_interval(*_counts(old), ALPHA)[0]
    most = share_interval(*_counts(new), ALPHA)[1]
    bursts = max(old.dispersion, new.dispersion)
    return new.ratio - old.ratio + math.sqrt(bursts) * math.hypot(most - new.ratio, old.ratio - least)


def _counts(side: Failures) -> tuple[int, int]:
    failed, requests = side.total
    return int(failed), int(requests)


def _keeps(verdict: Verdict, goal: Goal) -> bool:
    same_is_enough = verdict.outcome is Outcome.SAME and goal.purpose is Purpose.SAVE
    return goal.metric is not Metric.ERROR_RATIO and (verdict.outcome is Outcome.BETTER or same_is_enough)
