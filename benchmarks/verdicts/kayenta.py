"""Kayenta's default judge, NetflixACAJudge, from its documentation and source: what a canary run comes to.

Source: spinnaker.io, "How canary judgment works"; kayenta-judge: NetflixACAJudge, MannWhitneyClassifier, IQRDetector,
EffectSizes, WeightedSumScorer, ThresholdScoreClassifier.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .ranks import AllTied, Shift, above, shift

F64 = NDArray[np.float64]

CONFIDENCE = 0.98  # in the code, not to be set
TOLERANCE = 0.25  # of the shift itself, not of the level
MOST_NODATA = 50.0  # per cent of the metrics
PASS, MARGINAL = 95.0, 75.0  # as its guide has them
NOISE = 1e-5


class Label(StrEnum):
    PASS = "pass"
    HIGH = "high"
    LOW = "low"
    NODATA = "nodata"
    NODATA_FAIL = "nodata_fail_metric"
    ERROR = "error"


class Result(StrEnum):
    PASS = "pass"
    MARGINAL = "marginal"
    FAIL = "fail"


class Direction(StrEnum):
    INCREASE = "increase"
    DECREASE = "decrease"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Metric:
    """How one metric is configured; effect sizes are ratios of means, or with `cles` the share of pairs that are higher."""

    name: str
    group: str
    direction: Direction = Direction.EITHER
    replace_nan: bool = False
    critical: bool = False
    must_have_data: bool = False
    cles: bool = False
    allowed_increase: float | None = None
    allowed_decrease: float | None = None
    critical_increase: float | None = None
    critical_decrease: float | None = None
    outlier_factor: float | None = None  # None: outliers stay


@dataclass(frozen=True, slots=True)
class Classified:
    label: Label
    critical: bool = False


def classify(metric: Metric, control: F64, experiment: F64) -> Classified:
    """Return what the judge calls `experiment` beside `control` (both [n], NaN is missing)."""
    old, new = (_cleaned(metric, values) for values in (control, experiment))
    if not len(old) or not len(new):
        return _missing(metric)
    if len(old) == len(new) and bool((np.sort(old) == np.sort(new)).all()):
        return Classified(Label.PASS)
    if len(np.unique(np.concatenate((old, new)))) == 1:
        return Classified(Label.PASS)
    try:
        return _compared(metric, *_with_noise(old, new))
    except AllTied:
        return Classified(Label.ERROR)


def score(metrics: Sequence[Metric], results: Sequence[Classified], weights: Mapping[str, float]) -> float:
    """Return the summary score (0…100) of one run; `weights` are per cent by group, the rest is shared equally."""
    if any(result.critical and result.label is not Label.PASS for result in results):
        return 0.0
    nodata = sum(result.label is Label.NODATA for result in results)
    if 100.0 * nodata / len(results) >= MOST_NODATA:
        return 0.0
    groups: dict[str, list[Label]] = {}
    for metric, result in zip(metrics, results, strict=True):
        groups.setdefault(metric.group, []).append(result.label)
    unweighted = [group for group in groups if group not in weights]
    rest = (100.0 - sum(weights.values())) / len(unweighted) if unweighted else 0.0
    return round(sum(_group_score(labels) * weights.get(name, rest) / 100 for name, labels in groups.items()), 2)


def result_of(summary: float, least_pass: float = PASS, least_marginal: float = MARGINAL) -> Result:
    if summary >= least_pass:
        return Result.PASS
    return Result.MARGINAL if summary >= least_marginal else Result.FAIL


def judge(metrics: Sequence[Metric], series: Mapping[str, tuple[F64, F64]], weights: Mapping[str, float]) -> Result:
    """Return the result of one run; `series` are control and experiment by metric."""
    return result_of(score(metrics, [classify(metric, *series[metric.name]) for metric in metrics], weights))


def _cleaned(metric: Metric, values: F64) -> F64:
    values = np.nan_to_num(values, nan=0.0) if metric.replace_nan else values[~np.isnan(values)]
    if metric.outlier_factor is None or not len(values):
        return values
    first, low, high, last = np.percentile(values, (1, 25, 75, 99), method="weibull")  # as Commons Math counts
    reach = metric.outlier_factor * (high - low)
    return np.asarray(values[(values >= min(first, low - reach)) & (values <= max(last, high + reach))])


def _missing(metric: Metric) -> Classified:
    if metric.replace_nan:
        return Classified(Label.PASS)
    if metric.must_have_data and not metric.critical:
        return Classified(Label.NODATA_FAIL)
    return Classified(Label.NODATA, metric.critical)


def _with_noise(old: F64, new: F64) -> tuple[F64, F64]:
    """Return both with a little noise where each is one value only; seeded, unlike there."""
    if len(np.unique(old)) > 1 or len(np.unique(new)) > 1:
        return old, new
    rng = np.random.default_rng(0)
    noisy = [values + rng.normal(0.0, abs(float(values[0])) * NOISE, len(values)) for values in (old, new)]
    return noisy[0], noisy[1]


def _compared(metric: Metric, old: F64, new: F64) -> Classified:
    found, effect = shift(new, old, CONFIDENCE), _effect_size(metric, old, new)
    label = _label(metric, found, effect)
    if not metric.critical or label is Label.PASS:
        return Classified(label)
    usual = _no_effect(metric)
    if label is Label.HIGH:
        return Classified(label, math.isnan(effect) or effect >= _or(metric.critical_increase, usual))
    return Classified(label, math.isnan(effect) or effect <= _or(metric.critical_decrease, usual))


def _label(metric: Metric, found: Shift, effect: float) -> Label:
    """Return High or Low where the whole interval lies beyond a quarter of the shift and the effect is large enough."""
    reach, usual = TOLERANCE * abs(found.estimate), _no_effect(metric)
    higher = metric.direction is not Direction.DECREASE and found.low > reach
    lower = metric.direction is not Direction.INCREASE and found.high < -reach
    if higher and (math.isnan(effect) or effect >= _or(metric.allowed_increase, usual)):
        return Label.HIGH
    if lower and (math.isnan(effect) or effect <= _or(metric.allowed_decrease, usual)):
        return Label.LOW
    return Label.PASS


def _effect_size(metric: Metric, old: F64, new: F64) -> float:
    """Source of the second: Vargha, Delaney, A critique and improvement of the CL effect size (2000)."""
    if metric.cles:
        return float(above(new, old).sum()) / (len(new) * len(old))
    before, after = float(old.mean()), float(new.mean())
    return math.nan if before == 0.0 or after == 0.0 else after / before


def _no_effect(metric: Metric) -> float:
    return 0.5 if metric.cles else 1.0


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _group_score(labels: Sequence[Label]) -> float:
    counted = [label for label in labels if label not in {Label.NODATA, Label.ERROR}]
    return 100.0 if not counted else 100.0 * counted.count(Label.PASS) / len(counted)
