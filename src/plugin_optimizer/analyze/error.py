"""Errors rose, or are simply too many."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Finding, FindingKind, Fleet, Message, Metric, PluginView, Policies, Severity, Window
from ..models.errorgroups import group_counts, group_named
from ..models.onset import rank_onset
from ..models.proportions import binomial_tail
from ..models.series import columns_of, recorded, until

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ErrorDetector:
    """Finds plugins whose share of failed requests rose by more than chance, or stands above the policy.

    Weighs by counts: at least `least_errors` failures, and a tail probability below `chance` against what was
    before the onset, or below `above_chance` against the very share that the policy allows.
    """

    name: str = "error"
    span_seconds: float = 30.0
    least_errors: int = 5
    least_rise: float = 0.01
    chance: float = 2e-6  # asked 72,000 times in 100 hours, of an onset chosen from the same data
    above_chance: float = 0.01  # of a plugin just within its policy; what is well within it has next to none

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        window = until(window, fleet.now)
        if not len(window.times):
            return
        ratios = window.series(Metric.ERROR_RATIO).astype(np.float64)
        requests = window.series(Metric.REQUESTS).astype(np.float64)
        columns = columns_of(window, self.span_seconds)
        failed = np.nan_to_num(ratios * requests)
        suspects = (failed[:, -columns:].sum(axis=1) >= self.least_errors) & ~np.isnan(ratios[:, -2:]).all(axis=1)
        for row in np.flatnonzero(suspects):
            plugin_id = window.plugin_ids[row]
            limit = policies.of(plugin_id).error_ratio
            view = fleet.views.get(plugin_id)
            yield from self._of(window, plugin_id, ratios[row], requests[row], columns, limit, view, fleet.now)

    def _of(
        self,
        window: Window,
        plugin_id: str,
        ratios: F64,
        requests: F64,
        columns: int,
        limit: float,
        view: PluginView | None,
        now: float,
    ) -> Iterator[Finding]:
        onset = rank_onset(ratios) or 0
        count, total = _sums(ratios, requests, len(ratios) - columns, len(ratios))
        since, since_total = _sums(ratios, requests, max(onset, len(ratios) - columns), len(ratios))
        before, before_total = _sums(ratios, requests, 0, onset)
        rose = self._rose(since, since_total, before, before_total)
        above = binomial_tail(round(count), round(total), limit) < self.above_chance
        if count < self.least_errors or not (rose or above):
            return
        begun = onset if rose else int(np.flatnonzero(np.nan_to_num(ratios) > 0)[0])
        evidence = (
            Message("errors_counted", {"errors": round(count), "requests": round(total)}),
            *((Message("errors_rose", {"before_ratio": before / before_total}),) if rose else ()),
            *_groups(view, float(window.times[begun]) - window.step_seconds, now),
        )
        yield Finding(
            plugin_id,
            Metric.ERROR_RATIO,
            FindingKind.ERROR,
            Severity.CRITICAL if count / total >= 2 * limit else Severity.WARNING,
            float(np.clip(0.5 + count / total, 0.5, 1.0)),
            float(window.times[begun]),
            count / total,
            limit,
            evidence,
        )

    def _rose(self, count: float, total: float, before: float, before_total: float) -> bool:
        """Say whether `count` of `total` failures are more than chance makes of what was usual before.

        Given all failures, each falls to this side with the share of its requests. Source: Przyborowski, Wilenski,
        Homogeneity of results in testing samples from Poisson series (1940).
        """
        if before_total < self.least_errors or total <= 0 or count < self.least_errors:
            return False
        more = count / total - before / before_total >= self.least_rise
        failures, share = round(count + before), total / (total + before_total)
        return more and binomial_tail(round(count), failures, share) < self.chance


def _sums(ratios: F64, requests: F64, begin: int, end: int) -> tuple[float, float]:
    """Return failed and all requests of the columns in which both are known."""
    known = ~np.isnan(ratios[begin:end]) & ~np.isnan(requests[begin:end])
    counts = requests[begin:end][known]
    return float((ratios[begin:end][known] * counts).sum()), float(counts.sum())


def _groups(view: PluginView | None, begin: float, now: float) -> Iterator[Message]:
    """Say which exceptions they are, the most frequent first; nothing without a probe."""
    if view is None or not len(view.trace):
        return
    for fingerprint, count in group_counts(recorded(view.trace, begin, now))[:3]:
        group = group_named(view.errors, fingerprint)
        name = group.exception if group else "unknown"
        yield Message("error_group", {"exception": name, "errors": count, "fingerprint": f"{fingerprint % 2**64:016x}"})
