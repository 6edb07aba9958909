"""Samples are kept as they came, all or none."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import InvalidValue, Metric, Sample
from plugin_optimizer.knowledge import SqliteSampleStore, open_samples
from plugin_optimizer.knowledge.samples.columns import body_of, columns_of
from tests.knowledge.proposals import NOW

CPU, MEMORY, UP = Metric.CPU_RATIO, Metric.MEMORY_BYTES, Metric.UP
BODIES = st.dictionaries(st.integers(0, 60_000), st.floats(), min_size=1, max_size=6)


def sample(value: float, at: float = NOW, metric: Metric = CPU, plugin_id: str = "orders") -> Sample:
    return Sample(plugin_id, metric, at, value)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("field", ["value", "at"])
def test_what_is_not_finite_is_refused_with_its_whole_batch(samples: SqliteSampleStore, bad: float, field: str) -> None:
    """Missing is the absence of a sample, never a NaN; nothing of the batch is kept."""
    wrong = sample(bad) if field == "value" else sample(1.0, at=bad)
    with pytest.raises(InvalidValue, match="leave out what was not measured"):
        samples.write([sample(1.0), wrong])
    assert samples.latest(["orders"]) == {"orders": {}}


def test_the_last_of_one_time_wins(samples: SqliteSampleStore, samples_path: Path) -> None:
    """Within a batch, over batches, in memory, from the file, and after sealing."""
    samples.write([sample(1.0), sample(2.0), sample(7.0, metric=MEMORY)])
    samples.write([sample(3.0)])
    again = open_samples(samples_path)
    for store in (samples, again):
        assert store.range("orders", [CPU, MEMORY], NOW - 1, NOW + 1, 10) == {CPU: [(NOW, 3.0)], MEMORY: [(NOW, 7.0)]}
        assert store.window(["orders"], NOW, 5, 5).of("orders", CPU).tolist() == [3.0]
        assert store.latest(["orders"])["orders"][CPU].value == 3.0
    samples.trim(NOW + 6 * 3600)
    samples.write([sample(4.0)])  # late, but not too late
    assert again.range("orders", [CPU], NOW - 1, NOW + 1, 10)[CPU] == [(NOW, 4.0)]
    samples.trim(NOW + 7 * 3600)
    assert again.range("orders", [CPU], NOW - 1, NOW + 1, 10)[CPU] == [(NOW, 4.0)]
    again.close()


def test_out_of_order_is_accepted(samples: SqliteSampleStore) -> None:
    """What comes late is put where it belongs."""
    for seconds in (30, 10, 20, 0):
        samples.write([sample(float(seconds), NOW + seconds)])
    expected = [(NOW + s, float(s)) for s in (0, 10, 20, 30)]
    assert samples.range("orders", [CPU], NOW, NOW + 30, 10)[CPU] == expected
    assert samples.window(["orders"], NOW + 30, 40, 10).of("orders", CPU).tolist() == [0, 10, 20, 30]
    assert samples.latest(["orders"])["orders"][CPU].at == NOW + 30


def test_the_newest_of_each_metric_is_found(samples: SqliteSampleStore, samples_path: Path) -> None:
    """Metrics that stopped keep their last time; unknown plugins have none; so it is after a restart and after sealing."""
    samples.write([sample(1.0, NOW - 50, UP), sample(0.5, NOW), sample(9.0, NOW - 5, MEMORY)])
    expected = {UP: sample(1.0, NOW - 50, UP), CPU: sample(0.5, NOW), MEMORY: sample(9.0, NOW - 5, MEMORY)}
    assert samples.latest(["orders", "ghost"]) == {"orders": expected, "ghost": {}}
    for _ in range(2):
        again = open_samples(samples_path)
        assert again.latest(["orders", "ghost"]) == {"orders": expected, "ghost": {}}
        again.close()
        samples.trim(NOW + 12 * 3600)


def test_an_empty_batch_writes_nothing(samples: SqliteSampleStore) -> None:
    """A turn in which nothing could be measured is no event."""
    samples.write([])
    assert samples.latest([]) == {}


@given(st.lists(BODIES, max_size=8))
def test_hot_rows_come_back_in_order(bodies: list[dict[int, float]]) -> None:
    """Rows of different widths are unpacked together and keep their order."""
    rows = [(i, float(i), body_of(body)) for i, body in enumerate(bodies)]
    columns = columns_of(rows)
    expected = [(i, metric, float(i), repr(value)) for i, body in enumerate(bodies) for metric, value in body.items()]
    got = zip(
        columns.plugin.tolist(),
        columns.metric.tolist(),
        columns.at.tolist(),
        map(repr, columns.value.tolist()),
        strict=True,
    )
    assert list(got) == expected
