"""The anomaly core: causal, exact, small, and of use."""

import functools

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_optimizer.models.anomaly import Pace, Scan, State, advance, hour_of_week, scan, weigh
from plugin_optimizer.models.anomaly.records import chance_margin, margin

F64 = NDArray[np.float64]
MONDAY = 1_699_833_600.0  # 2023-11-13 00:00 UTC
STEP = 600.0
LEVEL, DEVIATION, SHIFT, VARIANCE = range(4)


def daily(days: float, count: int = 3, seed: int = 1, step: float = STEP) -> tuple[F64, F64]:
    """Return times and series with a day's wave and noise: [T], [count, T]."""
    rng = np.random.default_rng(seed)
    times = MONDAY + step * np.arange(int(days * 86_400 / step))
    wave = 100 + 40 * np.sin(2 * np.pi * (times - MONDAY) / 86_400 - 2)
    return times, wave + rng.normal(0, 2, (count, len(times)))


def flat(days: float, count: int = 3, seed: int = 1) -> tuple[F64, F64]:
    times, values = daily(days, count, seed)
    return times, 100 + np.random.default_rng(seed).normal(0, 2, values.shape)


def looked(times: F64, values: F64, state: State | None = None) -> Scan:
    return scan(times, values, Pace.of(STEP), state=state)


@functools.cache
def untouched() -> Scan:
    return looked(*daily(4))


def same(one: Scan, other: Scan, columns: int) -> bool:
    fields = ("scores", "expected", "reach", "since", "rising", "alerts")
    return all(
        np.array_equal(getattr(one, f)[..., :columns], getattr(other, f)[..., :columns], equal_nan=True) for f in fields
    )


@pytest.mark.parametrize("cut", [37, 150, 500])
@pytest.mark.parametrize("future", ["scaled", "shuffled", "missing", "gone", "longer"])
def test_the_future_never_changes_a_past_score(cut: int, future: str) -> None:
    """Whatever is done to the rows after a cut, in warm-up or later, everything before it is bit for bit the same."""
    times, values = daily(4)
    edited, moments = values.copy(), times
    if future == "scaled":
        edited[:, cut:] = edited[:, cut:] * 50 - 1e4
    elif future == "shuffled":
        edited[:, cut:] = np.random.default_rng(2).permutation(edited[:, cut:], axis=1)
    elif future == "missing":
        edited[:, cut:] = np.nan
    elif future == "gone":
        edited, moments = edited[:, :cut], times[:cut]
    else:
        moments = MONDAY + STEP * np.arange(2 * len(times))
        edited = np.concatenate([values, values], axis=1)
    assert same(untouched(), looked(moments, edited), cut)


def test_row_by_row_after_a_restart_and_at_once_are_the_same() -> None:
    """Replaying stored rows into a new state gives the same memory and the same further scores."""
    times, values = daily(5)
    values[1, 90:130] = np.nan
    whole = looked(times, values)
    begun = looked(times[:400], values[:, :400])
    rebuilt = looked(times[:400], values[:, :400])
    assert begun.state.same_as(rebuilt.state)
    rest = looked(times[400:], values[:, 400:], rebuilt.state)
    assert np.array_equal(whole.scores[:, :, 400:], rest.scores)
    assert np.array_equal(whole.alerts[:, 400:], rest.alerts)
    assert whole.state.same_as(rest.state)


def test_another_plugin_changes_nothing() -> None:
    """A series scored alone, and beside others that come and go, is scored the same."""
    times, values = daily(5, count=4)
    values[2, 200:] = np.nan
    values[3, :300] = np.nan
    together, alone = looked(times, values), looked(times, values[:1])
    assert np.array_equal(together.scores[:, :1], alone.scores)


def test_it_costs_less_than_512_bytes_a_series() -> None:
    assert State.new(1000).bytes_per_series <= 512


def test_a_plugin_that_joins_begins_anew_and_leaves_the_others_alone() -> None:
    """`grown` adds series that know nothing; `take` drops what left."""
    times, values = daily(3, count=2)
    state = looked(times, values).state
    grown = state.grown(1)
    assert grown.take(np.array([0, 1])).same_as(state)
    assert grown.take(np.array([2])).same_as(State.new(1))


def test_gaps_repeated_and_late_rows_change_nothing() -> None:
    """A missing value, a row of the same time and one that comes a minute late leave the memory as it was."""
    times, values = daily(3, count=1)
    state = looked(times, values).state
    before, hour = state.take(np.array([0])), hour_of_week(times[-1:])
    for at, value in ((times[-1] + STEP, np.nan), (times[-1], 1e6), (times[-1] - 60, 1e6), (times[-1] + STEP, np.inf)):
        scores = advance(state, np.array([at]), np.array([value]), hour, Pace.of(STEP))
        assert not scores.by_class.any()
        assert np.isnan(scores.expected).all()
        assert state.same_as(before)


def test_a_clock_that_is_set_back_blinds_nobody() -> None:
    """After a step back by a day rows are taken again, the age does not jump, and a jump is still seen."""
    times, values = flat(6, count=1)
    moments = times.copy()
    moments[600:] -= 86_400
    values[0, 800] = 160
    found = looked(moments, values)
    assert found.state.rows[0] == len(times)
    assert found.state.age_days[0] == pytest.approx(6, abs=0.1)
    assert found.scores[DEVIATION, 0, 800] >= 1


def test_a_record_is_told_by_its_margin() -> None:
    """Worked by hand: 22 beyond 10…20 is a fifth of the range; then 22 is known."""
    low, high = np.array([10.0, 10, 10], np.float32), np.array([20.0, 20, 10], np.float32)
    values, ones = np.array([15.0, 22, 12], np.float32), np.ones(3, np.float32)
    assert margin(low, high, values, ones, np.ones(3, bool)).tolist() == pytest.approx([0, 0.2, 2])
    assert high.tolist() == [20, 22, 12]
    assert not margin(low, high, values, ones, np.ones(3, bool)).any()


def test_the_margin_that_chance_gives_by_hand() -> None:
    """2,880 rows in two days: ln(160/2)/(4 ln 2880) = 0.138; after sixty days the least, 3 %; fifteen excesses of a tenth weigh half as much as the normal figure."""
    rows, days = np.array([2880, 86_400, 10_080], np.float32), np.array([2.0, 60.0, 7.0])
    excess, exceeded = np.array([0, 0, 0.1], np.float32), np.array([0, 0, 15], np.float32)
    heavier = (2 / (4 * np.log(10_080)) + 0.1) / 3 * np.log(160 / 7)
    found = chance_margin(rows, days, excess, exceeded)
    assert found.tolist() == pytest.approx([np.log(80) / (4 * np.log(2880)), 0.03, heavier])
    ages, none = np.arange(1.0, 100.0), np.zeros(99, np.float32)
    assert (np.diff(chance_margin((1440 * ages).astype(np.float32), ages, none, none)) <= 0).all()


def test_surges_that_recur_are_no_unprecedented_level() -> None:
    """Three surges a day of any size for two weeks: fewer records are told than where tails were taken as normal."""
    rng = np.random.default_rng(11)
    times = MONDAY + STEP * np.arange(14 * 144)
    values = 100 + rng.normal(0, 2, (20, len(times)))
    values += np.where(rng.random(values.shape) < 0.02, 50 * rng.exponential(1.0, values.shape), 0.0)
    found = looked(times, values)
    records = found.alerts & (found.scores[LEVEL] >= 1) & (found.scores[DEVIATION] < 1)
    assert records.sum() / 20 / 14 <= 0.02


def test_one_spike_blinds_nobody() -> None:
    """After a spike of five thousand deviations a jump of fifteen, a week later, is still found."""
    times, values = flat(12, count=1)
    values[0, 600] += 10_000
    values[0, 1650:1655] += 30
    assert (looked(times, values).scores[DEVIATION, 0, 1650:1655] >= 1).any()


def test_a_surge_that_passes_is_no_shift_and_leaves_no_wider_spread() -> None:
    """Ten rows of a hundred deviations: sudden, but the level has not shifted, and afterwards nothing strays more than before."""
    times, values = flat(8, count=3)
    values[:, 720:730] += 200
    scores = looked(times, values).scores
    assert (scores[DEVIATION, :, 720] >= 1).all()
    assert (scores[SHIFT] < 1).all()
    assert (scores[VARIANCE] < 1).all()


def test_the_rest_after_an_alert_is_of_like_length_at_any_pace() -> None:
    """Four hours of minutes, six of ten-minute rows and of hours."""
    assert (Pace.of(np.array([60.0, 600.0, 3_600.0])).rest_rows * [1 / 60, 1 / 6, 1]).tolist() == pytest.approx(
        [250 / 60, 6, 6]
    )


def test_a_jump_is_found_at_once_and_told_once() -> None:
    """Thirty standard deviations for ten rows: the first of them alerts, the others and the return do not."""
    times, values = flat(6, count=1)
    values[0, 700:710] += 60
    found = looked(times, values)
    told = np.flatnonzero(found.alerts[0])
    assert told.tolist() == [700]
    assert found.rising[0, 700]
    assert found.expected[0, 700] == pytest.approx(100, abs=2)


def test_a_lasting_shift_is_found_with_its_onset() -> None:
    """Seven standard deviations up from row 700 on: found within 24 rows, dated to within three."""
    times, values = flat(6, count=1)
    values[0, 700:] += 14
    found = looked(times, values)
    row = int(np.flatnonzero(found.scores[SHIFT, 0] >= 1)[0])
    assert 700 < row <= 724
    assert abs(found.since[0, row] - times[700]) <= 3 * STEP
    assert found.rising[0, row]


def test_a_wider_spread_is_found() -> None:
    """Values that stray six times as far, around the same level."""
    times, values = flat(7, count=1)
    values[0, 720:] = 100 + 6 * (values[0, 720:] - 100)
    found = looked(times, values)
    rows = np.flatnonzero(found.scores[VARIANCE, 0] >= 1)
    assert len(rows)
    assert 720 < rows[0] < 900


def test_the_habits_of_a_day_are_used_only_where_they_foretell() -> None:
    """After five days of a wave the expected value follows it; of noise it stays the mean."""
    times, values = daily(5, count=1, step=STEP)
    found = looked(times, values)
    assert np.nanmax(found.expected[0, -144:]) - np.nanmin(found.expected[0, -144:]) > 60
    assert np.abs(found.expected[0, -100:] - values[0, -100:]).mean() < 12
    _, level = flat(5, count=1)
    assert np.ptp(looked(times, level).expected[0, -144:]) < 3


def test_what_is_normal_at_noon_is_not_at_night() -> None:
    """A value that every noon has is a deviation at midnight, once the wave is known."""
    times, values = daily(7, count=1)
    night = int(np.argmin(values[0, -144:])) + len(times) - 144
    values[0, night] = 120
    assert looked(times, values).scores[DEVIATION, 0, night] >= 1


def test_hours_of_the_week_are_local() -> None:
    """Monday 00:00 UTC is hour 0, Saturday 00:00 hour 24, and in Seoul nine hours later."""
    assert hour_of_week(np.array([MONDAY, MONDAY + 5 * 86_400, MONDAY + 86_399])).tolist() == [0, 24, 23]
    assert hour_of_week(MONDAY, 32_400.0) == 9


def test_nothing_is_said_in_the_first_rows() -> None:
    """Not a word before a hundred rows, whatever they hold."""
    rng = np.random.default_rng(5)
    times = MONDAY + STEP * np.arange(100)
    assert not looked(times, rng.exponential(1, (50, 100)) ** 3).scores[:2].any()


def test_twice_as_bad_is_told_again_and_the_same_is_not() -> None:
    """Scores 1.5, 1.6, 4 within one episode: told at the first and the third."""
    state, pace, seen = State.new(1), Pace.of(STEP), np.ones(1, bool)
    times, values = flat(4, count=1)
    scores = looked(times, values)
    told = []
    for score in (1.5, 1.6, 4.0, 1.5):
        part = advance(State.new(1), times[:1], values[:, 0], hour_of_week(times[:1]), pace)
        part.by_class[DEVIATION] = score
        told.append(bool(weigh(state, part, seen, pace).new[0]))
    assert told == [True, False, True, False]
    assert scores.alerts.sum() <= 1


def test_small_counts_are_no_wonder_and_large_ones_are() -> None:
    """One event in twenty rows: a one or two tells nothing, twelve do (Anscombe: 2(√12.4 − √0.4) = 5.7 deviations)."""
    rng = np.random.default_rng(6)
    times = MONDAY + STEP * np.arange(1200)
    values = (rng.random((20, 1200)) < 0.05).astype(float)
    values[:10, 1000] = 2
    values[10:, 1000] = 12
    score = looked(times, values).scores[DEVIATION, :, 1000]
    assert (score[:10] < 1).all()
    assert (score[10:] > score[:10].max() * 2).all()
    assert (score[10:] >= 0.8).all()


def test_a_series_that_never_moved_learns_when_it_does() -> None:
    """Zero for a week, then a one now and then: told once at most, not every time."""
    rng = np.random.default_rng(7)
    times = MONDAY + STEP * np.arange(2000)
    values = np.where(np.arange(2000) < 1000, 0.0, rng.random((1, 2000)) < 0.02)
    assert looked(times, values).alerts.sum() <= 1


def test_after_a_day_of_silence_the_level_is_found_anew() -> None:
    """The same load at twice the level after a day's gap is no deviation in its first row."""
    times, values = flat(6, count=1)
    values[0, 600:760] = np.nan
    values[0, 760:] = 130 + (values[0, 760:] - 100)
    found = looked(times, values)
    assert found.scores[DEVIATION, 0, 760] < 1
