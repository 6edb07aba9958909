"""The peers on the same case: each sees what it would be given, at its own looks, from the same moment on as the engine.

None of them knows when a change has settled; they are told. What they compare is up to them: Kayenta points of time series,
Flagger the last minute with thresholds, the raw test single requests.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from plugin_optimizer.domain import Metric, RequestTrace, Window

from . import flagger, kayenta
from .cases import Case
from .opinion import Claim, Opinion
from .ranks import above, p_value
from .traffic import F64
from .world import CHANGE_AT, STEP, Monitored, samples_of

BEFORE = 180.0  # seconds, as the engine looks back
LIMIT = 600.0  # seconds of judging, as the engine's policy has it
KAYENTA_STEP, RAW_STEP = 60.0, 5.0
LEAST_RAW = 20  # requests on either side
RAW_ALPHA = 0.05
FLAGGER_LIMIT = 1.1  # times the p95 before: between no change and the smallest harm that is asked about
WEIGHTS: Mapping[str, float] = {}
METRICS = (
    kayenta.Metric("p95", "latency", kayenta.Direction.INCREASE),
    kayenta.Metric("errors", "errors", kayenta.Direction.INCREASE),
)
MILLISECONDS, PER_CENT = 1e3, 1e2  # the unit of a series, as its roots have an absolute tolerance


@dataclass(frozen=True)
class Bench:
    """One case with what was measured of it; `settled` is when (after the change) judging begins."""

    case: Case
    seen: Monitored
    settled: float

    def opinions(self) -> Mapping[str, Opinion]:
        """Return what each peer comes to."""
        concurrent = samples_of(self.case.world.unchanged.requests(stream=1), self.seen.epoch, None)
        usual = self.seen.samples
        before = (-BEFORE, 0.0)
        return {
            "Kayenta": self._kayenta(lambda _: _series(usual, self.seen.epoch, *before), KAYENTA_STEP),
            "Kayenta, one look": self._kayenta(lambda _: _series(usual, self.seen.epoch, *before), LIMIT),
            "Kayenta, canary": self._kayenta(
                lambda until: _series(concurrent, self.seen.epoch, self.settled, until), KAYENTA_STEP
            ),
            "Flagger": self._flagger(),
            "Mann-Whitney": self._raw(RAW_STEP),
            "Mann-Whitney, one look": self._raw(LIMIT),
        }

    def _kayenta(self, control_at: Callable[[float], tuple[F64, F64]], step: float) -> Opinion:
        """Judge all since the begin at every step, as a canary stage does: the first failure ends it, else the last counts."""
        result, until = kayenta.Result.FAIL, self.settled
        for look in range(1, round(LIMIT / step) + 1):
            until = self.settled + look * step
            control, experiment = control_at(until), _series(self.seen.samples, self.seen.epoch, self.settled, until)
            series = {metric.name: (old, new) for metric, old, new in zip(METRICS, control, experiment, strict=True)}
            result = kayenta.judge(METRICS, series, WEIGHTS)
            if result is kayenta.Result.FAIL:
                return Opinion(Claim.WORSE, kept=False, seconds=until)
        claim = Claim.SAME if result is kayenta.Result.PASS else Claim.OPEN
        return Opinion(claim, kept=claim is Claim.SAME, seconds=until)

    def _flagger(self) -> Opinion:
        trace, epoch = self.seen.trace, self.seen.epoch
        usual = _ended(trace, epoch + CHANGE_AT - BEFORE, epoch + CHANGE_AT)
        limit = FLAGGER_LIMIT * float(np.quantile(usual.sojourn, 0.95)) if len(usual) else math.nan

        def seen_at(seconds: float) -> flagger.Checked:
            now = epoch + CHANGE_AT + self.settled + seconds
            last = _ended(trace, now - flagger.INTERVAL_SECONDS, now)
            if not len(last):
                return flagger.Checked(math.nan, math.nan)
            return flagger.Checked(float((last.status < 500).mean()), float(np.quantile(last.sojourn, 0.95)))

        result, seconds = flagger.Rule(limit).run(seen_at, 14 * flagger.INTERVAL_SECONDS)
        claim = {flagger.Result.ROLLED_BACK: Claim.WORSE, flagger.Result.PROMOTED: Claim.SAME}.get(result, Claim.OPEN)
        return Opinion(claim, claim is Claim.SAME, self.settled + seconds)

    def _raw(self, step: float) -> Opinion:
        """Test all requests since the begin against those before; the first significant difference ends it."""
        begin = self.seen.epoch + CHANGE_AT
        old = _ended(self.seen.trace, begin - BEFORE, begin).sojourn
        after = _ended(self.seen.trace, begin + self.settled, begin + self.settled + LIMIT)
        order = np.argsort(after.end, kind="stable")
        totals, ends = np.cumsum(above(after.sojourn[order], old)), after.end[order]
        for look in range(1, round(LIMIT / step) + 1):
            until = self.settled + look * step
            count = int(np.searchsorted(ends, begin + until))
            if min(count, len(old)) < LEAST_RAW:
                continue
            u = float(totals[count - 1])
            if p_value(u, count, len(old)) < RAW_ALPHA:
                better = u < count * len(old) / 2
                return Opinion(Claim.BETTER if better else Claim.WORSE, kept=better, seconds=until)
        return Opinion(Claim.OPEN, kept=False, seconds=self.settled + LIMIT)


def _series(samples: Window, epoch: float, begin: float, end: float) -> tuple[F64, F64]:
    """Return p95 and share of errors of every turn in that time after the change: NaN where nothing was served."""
    at = samples.times - epoch - CHANGE_AT
    columns = (at > begin + STEP / 2) & (at <= end)
    p95 = samples.series(Metric.RESPONSE_TIME_P95_SECONDS)[0, columns].astype(np.float64)
    errors = samples.series(Metric.ERROR_RATIO)[0, columns].astype(np.float64)
    return MILLISECONDS * p95, PER_CENT * errors


def _ended(trace: RequestTrace, begin: float, end: float) -> RequestTrace:
    return trace.where((trace.end >= begin) & (trace.end < end))
