"""Sealed samples come back bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from plugin_optimizer.knowledge.samples import codec
from tests.knowledge.proposals import NOW

BITS = st.integers(1, 200).flatmap(lambda n: hnp.arrays(np.uint64, (3, n)))


@given(BITS)
def test_any_bits_survive(bits: NDArray[np.uint64]) -> None:
    """Also NaN with a payload, infinities, minus zero and times that run backwards."""
    columns = bits.view(np.float64)
    again = codec.decode(codec.encode(*columns))
    assert len(again) == 3
    for column, restored in zip(bits, again, strict=True):
        assert restored.view(np.uint64).tolist() == column.tolist()


@given(st.lists(st.floats(), min_size=1, max_size=300))
def test_any_floats_survive(values: list[float]) -> None:
    """As hypothesis likes to choose them."""
    column = np.array(values)
    times, again = codec.decode(codec.encode(np.arange(len(values), dtype=np.float64), column))
    assert again.tobytes() == column.tobytes()
    assert times.tolist() == list(range(len(values)))


def test_one_column_and_none() -> None:
    """Times alone, and no samples at all."""
    assert codec.decode(codec.encode(np.array([1.5])))[0].tolist() == [1.5]
    assert [column.tolist() for column in codec.decode(codec.encode(np.empty(0), np.empty(0)))] == [[], []]


@pytest.mark.parametrize(("kind", "most_bytes"), [("steady", 1.0), ("counts", 4.0), ("jittered", 12.0)])
def test_samples_get_small(kind: str, most_bytes: float) -> None:
    """An hour of samples takes 1 byte each where nothing changes, at most 12 of 16 where values are noise."""
    chance = np.random.default_rng(1)
    times = NOW + 5.0 * np.arange(720, dtype=np.float64)
    values = {
        "steady": np.full(720, 0.25),
        "counts": chance.integers(0, 500, 720).astype(np.float64),
        "jittered": chance.lognormal(0, 1, 720),
    }[kind]
    if kind == "jittered":
        times += chance.uniform(0, 0.01, 720)
    assert len(codec.encode(times, values)) / 720 <= most_bytes
