"""The load of days, as the store would have told it at each moment."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import Metric, Sample
from plugin_optimizer.hindsight.loads import Loads
from plugin_optimizer.knowledge.samples import SamplePast, open_sample_past, open_samples

T0 = 1_789_999_200.0
HOUR = 3600.0
LOAD = Metric.THROUGHPUT_PER_SECOND


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> SamplePast:
    path: Path = tmp_path_factory.mktemp("loads") / "samples.db"
    store, rng = open_samples(path), np.random.default_rng(5)
    store.write([Sample("p", LOAD, T0 + 5.0 * n, float(rng.exponential(10))) for n in range(int(6 * HOUR / 5))])
    store.trim(T0 + 5 * HOUR)  # part by the minute, part by the turn
    store.close()
    return open_sample_past(path, 5.0)


@given(st.floats(0.1, 6.0), st.sampled_from([60.0, 300.0]))
@settings(max_examples=30)
def test_it_tells_what_the_store_tells(past: SamplePast, hours: float, width: float) -> None:
    """The same means in the same buckets, whatever the moment."""
    end = (T0 + hours * HOUR) // width * width
    begin, points = end - 7 * HOUR, round(7 * HOUR / width)
    ours = Loads(past, T0, T0 + 6 * HOUR).range("p", (LOAD,), begin, end, points)[LOAD]
    theirs = past.range("p", (LOAD,), begin, end, points).get(LOAD, ())
    ours_mean, theirs_mean = means(ours, begin, width), means(theirs, begin, width)
    last = round((end - begin) / width) - 1  # the store takes the sample at the very end into it
    assert ours_mean.keys() - {last} == theirs_mean.keys() - {last, last + 1}
    for bucket in ours_mean.keys() - {last}:
        assert ours_mean[bucket] == pytest.approx(theirs_mean[bucket], rel=1e-6)


def means(pairs: Sequence[tuple[float, float]], begin: float, width: float) -> dict[int, float]:
    """Means by bucket: few samples come one by one."""
    buckets: dict[int, list[float]] = {}
    for at, value in pairs:
        buckets.setdefault(int((at - begin) // width), []).append(value)
    return {bucket: float(np.mean(values)) for bucket, values in buckets.items()}


@given(st.floats(0.0, 6.0))
@settings(max_examples=30)
def test_nothing_of_it_lies_after_the_moment(past: SamplePast, hours: float) -> None:
    """Not even the part of a minute that was not over."""
    end = T0 + hours * HOUR
    short = Loads(past, T0, max(end, T0 + 60.0)).range("p", (LOAD,), end - HOUR, end, 1_000)[LOAD]
    long = Loads(past, T0, T0 + 6 * HOUR).range("p", (LOAD,), end - HOUR, end, 1_000)[LOAD]
    assert all(at + 30.0 <= end for at, _ in long)
    np.testing.assert_allclose(np.array(short), np.array(long))


def test_nobody_is_asked_for_what_is_not_there(past: SamplePast) -> None:
    """An unknown plugin has no load."""
    assert Loads(past, T0, T0 + HOUR).range("nobody", (LOAD,), T0, T0 + HOUR, 60) == {LOAD: []}
