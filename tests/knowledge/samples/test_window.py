"""The window is what a naive look at all samples gives."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import InvalidValue, Metric, Sample
from plugin_optimizer.knowledge import SqliteSampleStore, open_samples
from plugin_optimizer.knowledge.samples.tail import MOST_PARTS
from tests.knowledge.proposals import NOW

CPU, UP = Metric.CPU_RATIO, Metric.UP
STEP = 4.0
PLUGINS = ("a", "b", "never-seen")

MOMENTS = st.integers(-400, 8).map(lambda quarter: NOW + quarter / 4)  # exact in binary, so that halves are halves
SAMPLES = st.builds(
    Sample, st.sampled_from(PLUGINS[:2]), st.sampled_from([CPU, UP]), MOMENTS, st.integers(-100, 100).map(float)
)
BATCHES = st.lists(st.lists(SAMPLES, max_size=12), max_size=6)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def naive(batches: list[list[Sample]], plugin_id: str, metric: Metric, columns: int) -> list[float]:
    """Return for each column the youngest sample nearest to it, of equal times the last written; NaN for none."""
    row = [math.nan] * columns
    mine = [s for batch in batches for s in batch if (s.plugin_id, s.metric) == (plugin_id, metric)]
    for sample in sorted(mine, key=lambda s: s.at):
        column = columns - 1 - math.floor((NOW - sample.at) / STEP + 0.5)
        if sample.at <= NOW and column >= 0:
            row[column] = sample.value
    return row


@FEW
@given(BATCHES, st.integers(1, 30))
def test_it_equals_a_naive_reference(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Sample]], columns: int
) -> None:
    """For any batches in any order: from memory, from memory after a restart, and from the file alone."""
    path = tmp_path_factory.mktemp("window") / "samples.db"
    store = open_samples(path)
    for batch in batches:
        store.write(batch)
    again = open_samples(path)
    from_file = open_samples(path)
    from_file._tail.complete_from = math.inf
    for reader in (store, again, from_file):
        window = reader.window(PLUGINS, NOW, columns * STEP, STEP)
        assert window.times.tolist() == [NOW - STEP * i for i in reversed(range(columns))]
        for plugin_id in PLUGINS:
            for metric in (CPU, UP):
                expected = np.array(naive(batches, plugin_id, metric, columns), dtype=np.float32)
                np.testing.assert_array_equal(window.of(plugin_id, metric), expected)
        reader.close()


def test_turns_that_come_a_little_early_or_late_leave_no_holes(samples: SqliteSampleStore) -> None:
    """Samples some milliseconds off the grid fill each column once."""
    chance = np.random.default_rng(2)
    at = NOW
    for turn in range(120):
        at = NOW + 5 * turn + chance.uniform(0, 0.4)
        samples.write([Sample("a", CPU, at, float(turn))])
    assert samples.window(["a"], at, 600, 5).of("a", CPU).tolist() == list(range(120))


def test_missing_is_nan(samples: SqliteSampleStore) -> None:
    """Not zero, and not the value before: between samples and for plugins and metrics never measured."""
    samples.write([Sample("a", CPU, NOW - 20, 1.0), Sample("a", CPU, NOW, 2.0)])
    window = samples.window(["b", "a"], NOW, 25, 5)
    np.testing.assert_array_equal(window.of("a", CPU), np.array([1, np.nan, np.nan, np.nan, 2], dtype=np.float32))
    assert np.isnan(window.of("b", CPU)).all()
    assert window.metrics.keys() == {CPU}
    assert window.series(CPU).dtype == np.float32


def test_the_future_is_not_seen(samples: SqliteSampleStore) -> None:
    """A window that ends earlier shows what was known by then: replay depends on it."""
    samples.write([Sample("a", CPU, NOW - 10, 1.0), Sample("a", CPU, NOW + 1, 2.0)])
    assert np.isnan(samples.window(["a"], NOW, 5, 5).of("a", CPU)).all()


def test_a_window_further_back_than_memory_is_read_from_the_file(samples: SqliteSampleStore) -> None:
    """Hours ago, hot and sealed: the same answer."""
    for minute in range(0, 300, 10):
        samples.write([Sample("a", CPU, NOW + 60 * minute, float(minute))])
    hot = samples.window(["a"], NOW + 60 * 100, 3000, 600).of("a", CPU).tolist()
    samples.trim(NOW + 60 * 300)
    assert samples.window(["a"], NOW + 60 * 100, 3000, 600).of("a", CPU).tolist() == hot == [60, 70, 80, 90, 100]


def test_many_small_writes_are_gathered(samples: SqliteSampleStore) -> None:
    """Memory is compacted on the way, and nothing of the last minutes is lost by that."""
    for i in range(MOST_PARTS + 50):
        samples.write([Sample("a", CPU, NOW + i, float(i))])
    assert len(samples._tail._parts) <= MOST_PARTS
    last = MOST_PARTS + 49
    assert samples.window(["a"], NOW + last, 100, 1).of("a", CPU).tolist() == list(range(last - 99, last + 1))


def test_a_window_without_length_is_refused(samples: SqliteSampleStore) -> None:
    """The message says what would be right."""
    for seconds, step in ((0, 5), (60, 0), (60, -1)):
        with pytest.raises(InvalidValue, match="positive length and step"):
            samples.window(["a"], NOW, seconds, step)


def test_what_another_process_writes_is_seen(samples: SqliteSampleStore, samples_path: Path) -> None:
    """Two stores over one file: each sees the other's samples, plugins and metrics at once."""
    other = open_samples(samples_path)
    for i in range(4):
        writer, reader = (samples, other) if i % 2 else (other, samples)
        writer.write([Sample(f"p{i}", (CPU, UP)[i // 2], NOW + i, float(i))])
        assert reader.window([f"p{i}"], NOW + i, 5, 5).of(f"p{i}", (CPU, UP)[i // 2]).tolist() == [i]
        assert reader.latest([f"p{i}"])[f"p{i}"][(CPU, UP)[i // 2]].value == i
        assert reader.range(f"p{i}", [(CPU, UP)[i // 2]], NOW, NOW + 9, 5)[(CPU, UP)[i // 2]] == [(NOW + i, i)]
    other.close()
