"""No forecast, date or score of a moment depends on what comes after it, whatever that is."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from plugin_optimizer.domain import Fleet, Metric, Plugin, PluginView, Policy, Sample
from plugin_optimizer.knowledge.samples import open_samples
from plugin_optimizer.models.anomaly import Pace, scan
from plugin_optimizer.models.forecast_band import forecast_band
from plugin_optimizer.models.load_forecast import forecast_load
from plugin_optimizer.models.long_forecast import AHEAD_HOURS, long_band
from plugin_optimizer.monitor.past_load import PastLoad
from plugin_optimizer.monitor.past_memory import PastMemory

F64 = NDArray[np.float64]
Past = list[tuple[float, float]]

NOW = 1_700_000_000.0
MINUTE, FIVE, HOUR, DAY = 60.0, 300.0, 3600.0, 86_400.0
FUTURES = st.lists(st.tuples(st.floats(0.001, 2 * DAY), st.floats(-1e9, 1e9)), max_size=40)
SEEDS = st.integers(0, 2**32 - 1)


def past_of(seed: int, step: float, count: int) -> Past:
    """Daily waves with noise that follows itself, the last value a step before NOW, a tenth of the rows missing."""
    rng = np.random.default_rng(seed)
    at = NOW - step * np.arange(count, 0, -1)
    waves = 100 + rng.uniform(0, 60) * np.sin(2 * np.pi * at / DAY)
    values = np.abs(waves + np.cumsum(rng.normal(0, rng.uniform(0, 2), count)))
    kept = rng.random(count) > rng.choice([0.0, 0.1])
    return [(float(t), float(v)) for t, v in zip(at[kept], values[kept], strict=True)]


def later(future: Past) -> Past:
    return [(NOW + after, value) for after, value in future]


@settings(max_examples=15, deadline=None)
@given(SEEDS, FUTURES)
def test_the_band_of_the_next_hour_rests_on_the_past(seed: int, future: Past) -> None:
    """Values of later moments beside those of the last day and week change no end of it."""
    recent, week = past_of(seed, MINUTE, 1440), past_of(seed, FIVE, 2016)
    told = forecast_band(recent, week, NOW)
    assert told is not None
    assert forecast_band([*recent, *later(future)], [*later(future), *week], NOW) == told


@settings(max_examples=15, deadline=None)
@given(SEEDS, FUTURES)
def test_the_load_of_the_next_hour_rests_on_the_past(seed: int, future: Past) -> None:
    """Whether days are alike or the last hour rises."""
    week = past_of(seed, FIVE, 2016)
    assert forecast_load([*week, *later(future)], NOW) == forecast_load(week, NOW)


@settings(max_examples=8, deadline=None)
@given(SEEDS, FUTURES, st.sampled_from(["day", "week"]))
def test_the_bands_of_a_day_and_a_week_rest_on_the_past(seed: int, future: Past, ahead: str) -> None:
    """From hours of eight weeks."""
    hours = past_of(seed, HOUR, 1344)
    told = long_band(hours, NOW, AHEAD_HOURS[ahead])
    assert long_band([*hours, *later(future)], NOW, AHEAD_HOURS[ahead]) == told


EDITS: dict[str, Callable[[F64, np.random.Generator], F64]] = {
    "scaled": lambda x, _: x * 7 + 3,
    "shuffled": lambda x, rng: rng.permuted(x, axis=1),
    "missing": lambda x, _: np.full_like(x, np.nan),
    "reversed": lambda x, _: -x[:, ::-1],
    "gone": lambda x, _: x[:, :0],
}


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(1, 230), st.sampled_from(sorted(EDITS)))
def test_no_score_changes_when_the_future_is_edited(seed: int, cut: int, edit: str) -> None:
    """Cut anywhere, in the warm-up or later, and edited in five ways: all four scores, the band and alerts before it, bit for bit."""
    rng = np.random.default_rng(seed)
    values = 50 + rng.normal(0, 3, (3, 240)) + np.where(np.arange(240) > rng.integers(0, 240), 30, 0)
    values[rng.random(values.shape) < 0.05] = np.nan
    changed = np.concatenate([values[:, :cut], EDITS[edit](values[:, cut:], rng)], axis=1)
    pace = Pace.of(HOUR)
    one, other = (scan(NOW + HOUR * np.arange(v.shape[1]), v, pace) for v in (values, changed))
    for name in ("scores", "expected", "reach", "since", "rising", "alerts"):
        assert np.array_equal(
            getattr(one, name)[..., :cut], getattr(other, name)[..., :cut], equal_nan=name != "alerts"
        )


def measured(at: float, memory: float) -> list[Sample]:
    figures = {Metric.MEMORY_BYTES: memory, Metric.WORKERS: 2.0, Metric.THROUGHPUT_PER_SECOND: 5.0}
    return [Sample("a", metric, at, value) for metric, value in figures.items()]


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS, future=FUTURES)
def test_what_is_looked_up_of_the_past_is_the_same_when_the_future_is_stored(
    tmp_path_factory: pytest.TempPathFactory, seed: int, future: Past
) -> None:
    """The trend of memory, its slope and date, and the load of the last week, from a store that holds later samples as well."""
    rng = np.random.default_rng(seed)
    at = NOW - MINUTE * np.arange(1000, 0, -1)
    memory = 2e8 + rng.uniform(0, 1e5) * np.arange(1000) + rng.normal(0, 1e6, 1000)
    store = open_samples(tmp_path_factory.mktemp("store") / "samples.db")
    view = PluginView(Plugin("a", "gunicorn", {}), Policy())
    fleet = Fleet(NOW, 2, {"a": view})
    try:
        store.write([s for t, v in zip(at.tolist(), memory.tolist(), strict=True) for s in measured(t, v)])
        told = PastMemory(store).beside(fleet).views["a"].memory_trend
        loads = PastLoad(store)._of("a", NOW)
        ahead = sorted({NOW + MINUTE + after: abs(value) for after, value in future}.items())
        store.write([Sample("a", metric, t, v) for t, v in ahead for metric in (Metric.MEMORY_BYTES, Metric.RESTARTS)])
        assert told is not None
        assert PastMemory(store).beside(fleet).views["a"].memory_trend == told
        assert PastLoad(store)._of("a", NOW) == loads
    finally:
        store.close()
