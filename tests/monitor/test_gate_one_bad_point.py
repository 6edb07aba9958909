"""One bad point anywhere in good series: what is believed afterwards is what would have been without it, or less."""

from collections.abc import Mapping

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import Metric, Sample
from plugin_optimizer.monitor.gate import Gate

STEP, LOOKS, START = 5.0, 40, 1_000_000.0
METRICS = (
    Metric.UP, Metric.WORKERS, Metric.CPU_CORES, Metric.CPU_RATIO, Metric.MEMORY_BYTES, Metric.REQUESTS,
    Metric.THROUGHPUT_PER_SECOND, Metric.BUSY_RATIO, Metric.RESPONSE_TIME_P95_SECONDS,
)  # fmt: skip
Key = tuple[Metric, float]


def good(seed: int) -> list[list[Sample]]:
    """Looks at one busy plugin."""
    rng = np.random.default_rng(seed)
    levels = {**dict.fromkeys(METRICS, 0.4), Metric.UP: 1.0, Metric.WORKERS: 2.0, Metric.REQUESTS: 50.0}
    looks = []
    for number in range(LOOKS):
        at = START + STEP * number
        noisy = {
            m: v if m in {Metric.UP, Metric.WORKERS} else v * float(rng.uniform(0.9, 1.1)) for m, v in levels.items()
        }
        noisy[Metric.REQUESTS] = float(round(noisy[Metric.REQUESTS]))
        looks.append([Sample("orders", metric, at, value) for metric, value in noisy.items()])
    return looks


def believed(looks: list[list[Sample]]) -> Mapping[Key, float]:
    gate, found = Gate(), {}
    for number, look in enumerate(looks):
        admitted, _ = gate.admit(look, START + STEP * number)
        found.update({(s.metric, s.at): s.value for s in admitted})
    return found


BAD_VALUES = st.sampled_from([float("nan"), float("inf"), -float("inf"), -1.0, 1e16, -1e300]) | st.floats(
    max_value=-1e-9
)
BAD_SECONDS = st.floats(31.0, 1e9) | st.floats(-1e9, -3_700.0) | st.just(float("nan"))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 50), st.integers(0, LOOKS - 1), st.sampled_from(METRICS), BAD_VALUES)
def test_a_value_that_cannot_be_changes_nothing_else(seed: int, number: int, metric: Metric, value: float) -> None:
    """In place of a good one: that one is missing, everything else is believed as before."""
    looks = good(seed)
    expected = {key: v for key, v in believed(looks).items() if key != (metric, START + STEP * number)}
    looks[number] = [Sample(s.plugin_id, s.metric, s.at, value) if s.metric is metric else s for s in looks[number]]
    assert believed(looks) == expected


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 50), st.integers(0, LOOKS - 1), st.sampled_from(METRICS), BAD_SECONDS)
def test_a_point_at_a_wrong_time_changes_nothing(seed: int, number: int, metric: Metric, seconds: float) -> None:
    """Beside the good ones: not a single thing is believed differently."""
    looks = good(seed)
    expected = believed(looks)
    looks[number] = [*looks[number], Sample("orders", metric, START + STEP * number + seconds, 7.0)]
    assert believed(looks) == expected


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 50),
    st.integers(8, LOOKS - 1),
    st.sampled_from([Metric.CPU_CORES, Metric.REQUESTS, Metric.MEMORY_BYTES]),
)
def test_a_sudden_zero_is_at_most_missing(seed: int, number: int, metric: Metric) -> None:
    """What is believed is a part of what was believed before; the zero is never among it."""
    looks = good(seed)
    expected = believed(looks)
    looks[number] = [Sample(s.plugin_id, s.metric, s.at, 0.0) if s.metric is metric else s for s in looks[number]]
    found = believed(looks)
    assert found.items() <= expected.items()
    assert (metric, START + STEP * number) not in found
