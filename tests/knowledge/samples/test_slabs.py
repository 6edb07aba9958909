"""The past in slabs: what the store would have shown at each moment, and no trace of having looked."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import ConfigError, Metric, NotFound, Sample
from plugin_optimizer.knowledge.samples import Retention, SqliteSampleStore, open_sample_past, open_samples

T0 = 1_789_999_200.0  # a full hour
HOUR = 3600.0
NAMES = ("p", "q")


def filled(path: Path, turns: int, step: float = 5.0, seed: int = 1) -> SqliteSampleStore:
    store, rng = open_samples(path), np.random.default_rng(seed)
    samples = []
    for turn in range(turns):
        at = T0 + step * turn
        for name in NAMES:
            samples.append(Sample(name, Metric.RESPONSE_TIME_P95_SECONDS, at, float(rng.exponential(0.2))))
            samples.append(Sample(name, Metric.REQUESTS, at, float(rng.poisson(50))))
            samples.append(Sample(name, Metric.UP, at, 1.0))
    store.write(samples)
    return store


def test_a_slab_shows_what_the_store_would_have_shown(tmp_path: Path) -> None:
    """The same grid, bit for bit, at every moment of the slab."""
    store = filled(tmp_path / "samples.db", 720)
    past = open_sample_past(tmp_path / "samples.db", 5.0)
    slab = past.slab(NAMES, T0, T0 + HOUR)
    for end in (T0 + 600.0, T0 + 601.3, T0 + 2000.0, T0 + 3595.0):
        ours, theirs = slab.window(end, 600.0), store.window(NAMES, end, 600.0, 5.0)
        for metric in (Metric.RESPONSE_TIME_P95_SECONDS, Metric.REQUESTS):
            np.testing.assert_array_equal(ours.series(metric), theirs.series(metric))
    assert slab.moment(T0 + 1003.0) == T0 + 1000.0
    assert slab.moment(T0 - 50.0) == T0 - 50.0
    past.close()
    store.close()


@given(st.integers(1, 400), st.floats(1.0, 1999.0))
@settings(max_examples=10)
def test_what_comes_later_is_not_seen(tmp_path_factory: pytest.TempPathFactory, turns: int, after: float) -> None:
    """A window that ends at a moment is the same however much was measured after it."""
    path = tmp_path_factory.mktemp("store") / "samples.db"
    store = filled(path, turns)
    past, end = open_sample_past(path, 5.0), T0 + 5.0 * turns
    before = past.slab(NAMES, T0, T0 + HOUR).window(end, 600.0)
    store.write([Sample("p", Metric.REQUESTS, end + after, 7.0)])
    later = past.slab(NAMES, T0, T0 + HOUR).window(end, 600.0)
    np.testing.assert_array_equal(before.series(Metric.REQUESTS), later.series(Metric.REQUESTS))
    past.close()
    store.close()


def test_old_samples_are_read_by_the_minute(tmp_path: Path) -> None:
    """Means of whole minutes, counts as their sum, each known when the minute is over."""
    store = filled(tmp_path / "samples.db", 720)
    store._retention = Retention(raw_seconds=HOUR)
    raw = store.window(NAMES, T0 + 595.0, 600.0, 5.0)
    store.trim(T0 + 12 * HOUR)
    past = open_sample_past(tmp_path / "samples.db", 5.0)
    slab = past.slab(NAMES, T0, T0 + HOUR)
    assert slab.step_seconds == 60.0
    window = slab.window(T0 + 600.0, 600.0)
    assert window.step_seconds == 60.0
    by_minute = raw.series(Metric.REQUESTS).reshape(2, 10, 12).sum(axis=2)
    np.testing.assert_allclose(window.series(Metric.REQUESTS), by_minute)
    means = raw.series(Metric.RESPONSE_TIME_P95_SECONDS).reshape(2, 10, 12).mean(axis=2)
    np.testing.assert_allclose(window.series(Metric.RESPONSE_TIME_P95_SECONDS), means, rtol=1e-5)
    early = slab.window(T0 + 599.0, 600.0).series(Metric.REQUESTS)
    assert not np.isin(by_minute[:, -1], early).any()
    past.close()
    store.close()


def test_the_day_so_far_ends_with_a_whole_minute(tmp_path: Path) -> None:
    """The minute that is not over holds what comes later."""
    store = open_samples(tmp_path / "samples.db")
    store.write([Sample("p", Metric.THROUGHPUT_PER_SECOND, T0 + 5 * n, float(n)) for n in range(60)])
    past = open_sample_past(tmp_path / "samples.db", 5.0)
    metric = Metric.THROUGHPUT_PER_SECOND
    found = past.range("p", (metric,), T0 - HOUR, T0 + 119.0, 100)[metric]
    assert found[-1] == (T0 + 60.0, 12.0)
    assert past.range("nobody", (metric,), T0, T0 + 119.0, 100) == {}
    assert past.extent() == (T0, T0 + 295.0)
    past.close()
    store.close()


def test_reading_leaves_no_trace(tmp_path: Path) -> None:
    """Neither content nor times nor neighbours of the file change; a store that writes meanwhile is not in the way."""
    path = tmp_path / "samples.db"
    store = filled(path, 100)

    def standing() -> tuple[object, ...]:
        return hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir())

    before = standing()
    past = open_sample_past(path, 5.0)
    past.slab(NAMES, T0, T0 + HOUR).window(T0 + 400, 300.0)
    assert standing() == before
    store.write([Sample("p", Metric.UP, T0 + 500, 1.0)])
    assert past.slab(NAMES, T0, T0 + HOUR).moment(T0 + 505) == T0 + 500
    past.close()
    store.close()


def test_a_store_that_is_not_there_is_told(tmp_path: Path) -> None:
    """And is not made."""
    with pytest.raises(NotFound, match="did the engine ever run"):
        open_sample_past(tmp_path / "samples.db", 5.0)
    assert not list(tmp_path.iterdir())
    (tmp_path / "empty.db").touch()
    with pytest.raises(ConfigError, match="format 0"):
        open_sample_past(tmp_path / "empty.db", 5.0)
