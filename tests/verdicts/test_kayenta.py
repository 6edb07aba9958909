"""Kayenta's judge as its documentation has it: each line of its tables, and its worked examples."""

import numpy as np
import pytest

from benchmarks.verdicts.kayenta import (
    Classified,
    Direction,
    Label,
    Metric,
    Result,
    _cleaned,
    classify,
    judge,
    result_of,
    score,
)

NAN = np.full(10, np.nan)
USUAL = np.linspace(90.0, 110.0, 30)
P95 = Metric("p95", "latency", Direction.INCREASE)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (Metric("m", "g"), Classified(Label.NODATA)),
        (Metric("m", "g", critical=True), Classified(Label.NODATA, critical=True)),
        (Metric("m", "g", must_have_data=True), Classified(Label.NODATA_FAIL)),
        (Metric("m", "g", replace_nan=True), Classified(Label.HIGH)),
    ],
)
def test_missing_data_is_called_what_the_table_says(metric: Metric, expected: Classified) -> None:
    """`remove` leaves nothing to compare; `replace` compares zeros (here a baseline of zeros with values)."""
    control, experiment = (NAN, USUAL) if metric.replace_nan else (USUAL, NAN)
    assert classify(metric, control, experiment) == expected


def test_no_data_on_both_sides_passes_where_nan_is_replaced() -> None:
    """Example B: no errors on either side; the arrays are identical."""
    assert classify(Metric("errors", "errors", replace_nan=True), NAN, NAN) == Classified(Label.PASS)


def test_an_error_spike_over_no_errors_is_a_critical_failure() -> None:
    """Example A: the ratio of means is unknown, so the test alone decides; the run scores 0."""
    metric = Metric("errors", "errors", Direction.INCREASE, replace_nan=True, critical=True)
    spike = np.linspace(1.0, 5.0, 10)
    assert classify(metric, NAN, spike) == Classified(Label.HIGH, critical=True)
    assert judge([metric], {"errors": (NAN, spike)}, {}) is Result.FAIL


def test_a_rise_in_noise_passes_although_its_ratio_is_high() -> None:
    """Example C: 23 % more on average, but the interval of the shift reaches below a quarter of it."""
    control, experiment = np.array([50.0, 100.0, 150.0, 60.0, 140.0]), np.array([73.0, 123.0, 173.0, 83.0, 163.0])
    metric = Metric("p95", "latency", Direction.INCREASE, allowed_increase=1.2)
    assert classify(metric, control, experiment) == Classified(Label.PASS)


def test_a_critical_rise_fails_the_run_whatever_the_others_say() -> None:
    """Example D: 60 % more where 50 % is critical; the other metrics pass."""
    critical = Metric("p95", "latency", Direction.INCREASE, critical=True, critical_increase=1.5)
    others = [Metric(f"m{n}", "others") for n in range(9)]
    series = {"p95": (USUAL, 1.6 * USUAL), **{metric.name: (USUAL, USUAL) for metric in others}}
    assert judge([critical, *others], series, {}) is Result.FAIL
    assert classify(critical, USUAL, 1.3 * USUAL) == Classified(Label.HIGH)


def test_a_small_steady_shift_is_high_unless_an_increase_is_allowed() -> None:
    """The tolerance is a quarter of the shift, not of the level: 3 % more of steady values is High."""
    steady = 100.0 + np.linspace(-0.1, 0.1, 30)
    assert classify(P95, steady, 1.03 * steady).label is Label.HIGH
    allowing = Metric("p95", "latency", Direction.INCREASE, allowed_increase=1.1)
    assert classify(allowing, steady, 1.03 * steady).label is Label.PASS


@pytest.mark.parametrize(
    ("direction", "label"),
    [(Direction.INCREASE, Label.PASS), (Direction.DECREASE, Label.LOW), (Direction.EITHER, Label.LOW)],
)
def test_only_the_asked_direction_counts(direction: Direction, label: Label) -> None:
    """Half the latency is Low, and no failure where only an increase is asked about."""
    assert classify(Metric("p95", "latency", direction), USUAL, 0.5 * USUAL).label is label


def test_equal_data_passes_in_whatever_order() -> None:
    """Identical once sorted."""
    assert classify(P95, USUAL, USUAL[::-1]) == Classified(Label.PASS)


def test_outliers_go_where_that_is_configured() -> None:
    """Of 0…199 and a million only the last lies beyond both the 99th percentile and three times the quartiles' range."""
    values = np.append(np.arange(200.0), 1e6)
    assert len(_cleaned(Metric("m", "g", outlier_factor=3.0), values)) == 200
    assert len(_cleaned(Metric("m", "g"), values)) == 201


def test_the_score_is_the_share_of_passes_by_weight() -> None:
    """By hand: latency 1 of 2 at 50 %, errors 1 of 1 at the rest: 25 + 50."""
    metrics = [Metric("a", "latency"), Metric("b", "latency"), Metric("c", "errors")]
    results = [Classified(Label.PASS), Classified(Label.HIGH), Classified(Label.PASS)]
    assert score(metrics, results, {"latency": 50.0}) == 75.0
    assert result_of(75.0) is Result.MARGINAL
    assert (result_of(95.0), result_of(74.99)) == (Result.PASS, Result.FAIL)


def test_no_data_is_left_out_of_a_group_but_half_of_all_fails_the_run() -> None:
    """One of three is left out, two of four are too many."""
    three = [Metric("a", "x"), Metric("b", "x"), Metric("c", "y")]
    labels = [Classified(Label.PASS), Classified(Label.NODATA), Classified(Label.PASS)]
    assert score(three, labels, {}) == 100.0
    assert score([*three, Metric("d", "y")], [*labels, Classified(Label.NODATA)], {}) == 0.0
    assert score(three, [Classified(Label.PASS), Classified(Label.NODATA_FAIL), Classified(Label.PASS)], {}) == 75.0
