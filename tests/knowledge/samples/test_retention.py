"""Samples get coarser with age, and never say what was not measured."""

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from plugin_optimizer.domain import ConfigError, InvalidValue, Metric, Sample
from plugin_optimizer.knowledge import SqliteSampleStore, open_samples
from plugin_optimizer.knowledge.samples import Retention
from plugin_optimizer.knowledge.samples.retention import used_bytes

CPU, UP = Metric.CPU_RATIO, Metric.UP
HOUR, DAY = 3600.0, 86_400.0
START = 1_790_000_000.0 // DAY * DAY
INTERVAL = 60.0 / 3


def fill(store: SqliteSampleStore, begin: float, end: float, interval: float = INTERVAL) -> None:
    """Write `UP` = 1 and a slow wave of `CPU` between the times."""
    times = np.arange(begin, end, interval)
    store.write(Sample("a", CPU, float(t), wave(float(t))) for t in times)
    store.write(Sample("a", UP, float(t), 1.0) for t in times)


def wave(at: float) -> float:
    return 0.5 + 0.4 * math.sin(at / 7000.0)


def counts(path: Path) -> dict[str, int]:
    """Return how many rows each table has."""
    with closing(sqlite3.connect(path)) as connection:
        tables = ("hot", "chunks", "minutes", "hours")
        return {t: connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables}


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqliteSampleStore, Path, float]]:
    """Return a store that has lived for 20 simulated days, its path, and its present."""
    path = tmp_path_factory.mktemp("old") / "samples.db"
    store = open_samples(path)
    now = START
    while now < START + 20 * DAY:
        fill(store, now, now + 6 * HOUR)
        now += 6 * HOUR
        store.trim(now)
    yield store, path, now
    store.close()


def test_each_resolution_is_kept_for_its_time(old: tuple[SqliteSampleStore, Path, float]) -> None:
    """Hot rows 2 h, raw 24 h, minutes 14 days, hours as long as there have been any (rounded to full hours)."""
    _, path, _ = old
    found = counts(path)
    assert found["hot"] == 2 * 2 * HOUR / INTERVAL
    assert found["chunks"] == 2 * (24 - 2)
    assert found["minutes"] == 2 * (14 * 24 - 2)
    assert found["hours"] == 2 * (20 * 24 - 2)


@pytest.mark.parametrize(
    ("back_seconds", "length_seconds", "points", "expected"),
    [
        (HOUR, HOUR, 1000, 180),  # hot: every sample
        (20 * HOUR, HOUR, 1000, 180),  # sealed raw: every sample
        (20 * HOUR, HOUR, 30, 30),  # averaged
        (3 * DAY, HOUR, 1000, 60),  # minutes are what remains
        (16 * DAY, DAY, 1000, 24),  # hours are what remains
        (20 * DAY, 20 * DAY, 300, 300),
        (2 * DAY, 2 * DAY, 400, 400),
    ],
)
def test_the_finest_that_is_left_is_shown(
    old: tuple[SqliteSampleStore, Path, float], back_seconds: float, length_seconds: float, points: int, expected: int
) -> None:
    """And it is right: the mean of the curve at that time, however coarse."""
    store, _, now = old
    begin = now - back_seconds
    pairs = store.range("a", [CPU], begin, begin + length_seconds - 1, points)[CPU]
    assert len(pairs) == expected
    times = [at for at, _ in pairs]
    assert times == sorted(times)
    assert begin <= times[0]
    assert times[-1] < begin + length_seconds
    coarse = max(3600.0, length_seconds / points)
    assert max(abs(value - wave(at)) for at, value in pairs) < 0.4 * coarse / 7000


def test_a_stretch_over_all_ages_has_no_seam(old: tuple[SqliteSampleStore, Path, float]) -> None:
    """Each bucket of 20 days is filled, from hours to hot, and a constant stays a constant."""
    store, _, now = old
    pairs = store.range("a", [UP], START, now, 480)[UP]
    assert len(pairs) == 480
    assert {value for _, value in pairs} == {1.0}
    weights = store.range("a", [UP], START, now, 2)[UP]
    assert [value for _, value in weights] == [1.0, 1.0]


def test_a_gap_stays_a_gap(samples: SqliteSampleStore) -> None:
    """Buckets without samples are absent, raw and rolled up: nothing is invented in between."""
    fill(samples, START, START + HOUR)
    fill(samples, START + 3 * HOUR, START + 4 * HOUR)
    for now in (START + 4 * HOUR, START + 12 * HOUR, START + 5 * DAY):
        samples.trim(now)
        times = [at for at, _ in samples.range("a", [CPU], START, START + 4 * HOUR, 48)[CPU]]
        assert len(times) == 24
        assert not [t for t in times if START + HOUR < t < START + 3 * HOUR]


def test_nothing_measured_is_empty(samples: SqliteSampleStore) -> None:
    """For an unknown plugin, a metric never seen, a time without samples."""
    fill(samples, START, START + HOUR)
    assert samples.range("ghost", [CPU], START, START + HOUR, 10) == {CPU: []}
    assert samples.range("a", [Metric.BUSY_RATIO], START, START + HOUR, 10) == {Metric.BUSY_RATIO: []}
    assert samples.range("a", [CPU], START - HOUR, START - 1, 10) == {CPU: []}
    with pytest.raises(InvalidValue, match="begin <= end"):
        samples.range("a", [CPU], START + 1, START, 10)
    with pytest.raises(InvalidValue, match="at least one point"):
        samples.range("a", [CPU], START, START + 1, 0)


def test_both_ends_of_a_range_belong_to_it(samples: SqliteSampleStore) -> None:
    """Hot and sealed alike."""
    samples.write([Sample("a", CPU, START + s, float(s)) for s in (0, 10, 20)])
    for _ in range(2):
        assert [v for _, v in samples.range("a", [CPU], START, START + 20, 10)[CPU]] == [0, 10, 20]
        assert [v for _, v in samples.range("a", [CPU], START + 10, START + 10, 10)[CPU]] == [10]
        samples.trim(START + DAY / 2)


def test_a_mean_is_weighted_by_what_it_stands_for(samples: SqliteSampleStore) -> None:
    """Of a minute with one sample and one with three, the mean over both counts each sample once, after days too."""
    values = {0: 10.0, 60: 2.0, 70: 2.0, 80: 2.0}
    samples.write([Sample("a", CPU, START + at, value) for at, value in values.items()])
    for now in (START + 100, START + 5 * DAY, START + 20 * DAY):
        samples.trim(now)
        assert samples.range("a", [CPU], START, START + 2 * HOUR, 1)[CPU][0][1] == pytest.approx(4.0)


def test_a_late_sample_joins_its_sealed_hour(samples: SqliteSampleStore) -> None:
    """Minutes and hours are computed anew with it, while raw samples of that time are still there."""
    fill(samples, START, START + HOUR)
    samples.trim(START + 6 * HOUR)
    samples.write([Sample("a", UP, START + 1805.0, 61.0)])
    samples.trim(START + 7 * HOUR)
    assert (START + 1805.0, 61.0) in samples.range("a", [UP], START, START + HOUR, 1000)[UP]
    samples.trim(START + 5 * DAY)
    minutes = dict(samples.range("a", [UP], START, START + HOUR, 1000)[UP])
    assert minutes[START + 1830.0] == pytest.approx((3 * 1.0 + 61.0) / 4)


def test_what_comes_after_its_raw_samples_were_dropped_is_refused(samples: SqliteSampleStore) -> None:
    """It could only spoil the means; the message says from when on samples are taken."""
    fill(samples, START, START + HOUR)
    samples.trim(START + 3 * DAY)
    with pytest.raises(InvalidValue, match="comes too late"):
        samples.write([Sample("a", CPU, START, 1.0), Sample("a", CPU, START + 3 * DAY, 1.0)])
    assert samples.range("a", [CPU], START + 3 * DAY, START + 4 * DAY, 10)[CPU] == []


def test_trimming_again_changes_nothing(samples: SqliteSampleStore, samples_path: Path) -> None:
    """Between two full hours there is nothing to do, also for a store that was just opened."""
    fill(samples, START, START + 5 * HOUR)
    samples.trim(START + 5 * HOUR)
    before, shown = counts(samples_path), samples.range("a", [CPU], START, START + 5 * HOUR, 50)
    samples.trim(START + 5 * HOUR + 1)
    again = open_samples(samples_path)
    again.trim(START + 5 * HOUR + 2)
    assert counts(samples_path) == before
    assert again.range("a", [CPU], START, START + 5 * HOUR, 50) == shown
    again.close()


def test_a_clock_that_jumped_ahead_does_not_shut_the_door(samples: SqliteSampleStore) -> None:
    """After a trim with a clock a day ahead, samples of the true present are still taken."""
    fill(samples, START, START + HOUR)
    samples.trim(START + HOUR + DAY)
    samples.write([Sample("a", CPU, START + HOUR + 5, 0.7)])
    assert samples.latest(["a"])["a"][CPU].value == 0.7


def test_the_file_stays_under_its_cap(tmp_path: Path) -> None:
    """The oldest raw samples go first, the coarse past stays, and the disk gets its space back."""
    cap = 600_000
    store = SqliteSampleStore(tmp_path / "samples.db", Retention(cap_bytes=cap))
    chance = np.random.default_rng(3)
    metrics = list(Metric)[:15]
    now = START
    for _ in range(12):
        times = np.arange(now, now + HOUR, 10.0)
        store.write(
            Sample("a", m, float(t), float(v))
            for m in metrics
            for t, v in zip(times, chance.lognormal(0, 1, 360), strict=True)
        )
        now += HOUR
        store.trim(now)
    with closing(sqlite3.connect(tmp_path / "samples.db")) as connection:
        assert used_bytes(connection) <= cap
    found = counts(tmp_path / "samples.db")
    assert 0 < found["chunks"] < 15 * 10
    assert found["hours"] == 15 * 10
    assert len(store.range("a", [metrics[0]], START, START + HOUR, 1000)[metrics[0]]) == 60
    store.close()
    assert (tmp_path / "samples.db").stat().st_size < 1.3 * cap


def test_a_format_of_another_version_is_refused(samples_path: Path) -> None:
    """Nothing is written to a file that we do not know."""
    open_samples(samples_path).close()
    with closing(sqlite3.connect(samples_path)) as connection:
        connection.execute("PRAGMA user_version=9")
    with pytest.raises(ConfigError, match="format 9"):
        open_samples(samples_path)
