"""Is the promise on the response time broken, and since when? A sequential test on the recorded requests.

The worse it is, the sooner that is certain: where every request is late 15 s are enough, where half of them are 40 s.
"""

from dataclasses import dataclass
from math import log

import numpy as np

from ..domain import PluginView, RequestTrace, Window
from .proportions import binomial_tail
from .running_since import running_since

BLOCK_SECONDS = 2.5
INDEPENDENT_REQUESTS = 1.0  # a block says no more than that many: who waits in one line is late together
KEPT, BROKEN = 0.05, 0.5  # share of late requests: what a promised p95 allows, and what leaves no doubt
LATE, IN_TIME = log(BROKEN / KEPT), log((1 - BROKEN) / (1 - KEPT))  # evidence of one request
FALSE_ALARM_SECONDS = 360_000.0  # one in a hundred hours of a plugin that is just within its promise
ALARM = log(FALSE_ALARM_SECONDS / BLOCK_SECONDS)
MOST = ALARM + 2 * LATE  # what is certain anyway need not be taken back for long
SPAN_SECONDS = 300.0
BY_CHANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Breach:
    """Requests have been late since `since` (Unix seconds); `late_ratio` of the `requests` completed from then on."""

    since: float
    requests: int
    late_ratio: float


def breach_of(view: PluginView, window: Window, now: float) -> Breach | None:
    """Return the breach of a plugin's own promise that its requests show at `now`; None without one, or without a probe.

    What was served while workers started up does not count.
    """
    if not len(view.trace):
        return None
    begin = running_since(view, window)
    return breach(view.trace, view.policy.response_time_seconds, begin, now)


def surely_late(view: PluginView, begin: float, now: float) -> bool:
    """Tell whether more requests completed in [begin, now) were late than a kept promise makes by chance; True without a probe.

    What a few p95 in a row above the limit cannot tell: of 40 requests, two or three may be late.
    """
    ends = view.trace.end
    done = (ends >= begin) & (ends < now)
    if not done.any():
        return True
    late = int((view.trace.sojourn[done] > view.policy.response_time_seconds).sum())
    return binomial_tail(late, int(done.sum()), KEPT) < BY_CHANCE


def breach(trace: RequestTrace, slo_seconds: float, begin: float, now: float) -> Breach | None:
    """Return the breach of `slo_seconds` among the requests completed in [begin, now); None where none is certain.

    CUSUM of log likelihood ratios: S = max(0, S + z), alarm from ln γ on, which keeps the mean time between false
    alarms at γ blocks at least, if blocks are independent. z of a block is ln(0.5/0.05) for a late request and ln(0.5/0.95)
    for one in time, averaged over the block. Sources: Page, Continuous inspection schemes (1954); Lorden, Procedures
    for reacting to a change in distribution (1971), theorem 2. The onset is where S last left 0.

    | late share of each block | alarm after |
    |--------------------------|-------------|
    | all                      | 6 blocks    |
    | half                     | 15 blocks   |
    | a fifth or less          | never       |
    """
    first = max(begin, now - SPAN_SECONDS)
    ends = trace.end
    done = (ends >= first) & (ends < now)
    late = done & (trace.sojourn > slo_seconds)
    if not late.any():
        return None
    age = ((now - ends[done]) / BLOCK_SECONDS).astype(np.int64)
    blocks = int(age.max()) + 1
    counts = np.bincount(age, minlength=blocks)[::-1]
    lates = np.bincount(age, weights=late[done], minlength=blocks)[::-1]
    weight = np.minimum(counts, INDEPENDENT_REQUESTS) / np.maximum(counts, 1)
    since = _last_left_zero((weight * (lates * LATE + (counts - lates) * IN_TIME)).tolist())
    if since is None:
        return None
    ratio = float(lates[since:].sum() / max(1, counts[since:].sum()))
    return Breach(max(first, now - (blocks - since) * BLOCK_SECONDS), int(counts[since:].sum()), ratio)


def _last_left_zero(evidence: list[float]) -> int | None:
    """Return the block in which the sum last left 0 if it is above the alarm at the end, else None."""
    total, since = 0.0, 0
    for block, each in enumerate(evidence):
        if total == 0.0:
            since = block
        total = min(MOST, max(0.0, total + each))
    return since if total >= ALARM else None
