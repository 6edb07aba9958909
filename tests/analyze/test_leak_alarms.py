"""The leak detector finds leaks, and stays quiet on what only looks like one."""

from collections.abc import Callable

import numpy as np
import pytest
from backoffice import START
from numpy.typing import NDArray

from plugin_optimizer.analyze import LeakDetector
from plugin_optimizer.domain import Finding, Fleet, Metric, Policies, Policy, Window

STEP, PLUGINS = 5.0, 2000
F64 = NDArray[np.float64]


def detect(memory: F64, throughput: F64 | float = 8.0, **others: F64) -> list[Finding]:
    """Run the detector over [plugins, T] of worker memory (two workers each)."""
    count, columns = memory.shape
    times = START + STEP * np.arange(columns)
    metrics = {
        Metric.WORKER_MEMORY_BYTES: memory,
        Metric.MEMORY_BYTES: 2 * memory + 20e6,
        Metric.WORKERS: np.full(memory.shape, 2.0),
        Metric.THROUGHPUT_PER_SECOND: np.broadcast_to(throughput, memory.shape),
        **{Metric(name): values for name, values in others.items()},
    }
    window = Window(
        tuple(f"p{i}" for i in range(count)), times, STEP, {m: v.astype(np.float32) for m, v in metrics.items()}
    )
    policies = Policies(Policy(memory_limit_bytes=512e6))
    return list(LeakDetector().detect(window, Fleet(float(times[-1]), 2), policies))


def autoregressive(rng: np.random.Generator, phi: float, columns: int, deviation: float) -> F64:
    shocks = rng.normal(size=(PLUGINS, columns + 300)) * np.sqrt(1 - phi**2)
    values = shocks.copy()
    for column in range(1, columns + 300):
        values[:, column] += phi * values[:, column - 1]
    result: F64 = values[:, 300:] * deviation
    return result


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9, 0.98])
@pytest.mark.parametrize("columns", [13, 24, 60, 120])
def test_wandering_memory_is_no_leak(phi: float, columns: int) -> None:
    """At most 1.5 % of flat AR(1) series with a deviation of 2 MB."""
    rng = np.random.default_rng(int(phi * 100) + columns)
    found = detect(60e6 + autoregressive(rng, phi, columns, 2e6))
    assert len(found) <= 0.015 * PLUGINS


@pytest.mark.parametrize("columns", [13, 24, 60, 120])
def test_a_leak_is_found_within_a_minute(columns: int) -> None:
    """128 KB a second and worker, 0.2 MB of noise that wanders: at least 90 %, with the slope within 5 %."""
    rng = np.random.default_rng(columns)
    line = 131_072 * STEP * np.arange(columns)
    found = detect(45e6 + line + autoregressive(rng, 0.5, columns, 2e5))
    assert len(found) >= 0.90 * PLUGINS
    slopes = [dict(f.evidence[0].params)["growth_bytes_per_second"] for f in found]
    assert np.median(np.array(slopes, dtype=float)) == pytest.approx(2 * 131_072, rel=0.05)


@pytest.mark.parametrize("relaxation_seconds", [20.0, 60.0, 120.0, 200.0])
@pytest.mark.parametrize("columns", [24, 60, 120])
def test_a_warm_up_is_no_leak(relaxation_seconds: float, columns: int) -> None:
    """Memory that approaches a plateau (a filling cache): quiet as soon as the window holds half its time."""
    if columns * STEP < relaxation_seconds:
        pytest.skip("a curve that has hardly begun to bend cannot be told from a line")
    rng = np.random.default_rng(columns)
    bend = 30e6 * (1 - np.exp(-STEP * np.arange(columns) / relaxation_seconds))
    assert len(detect(45e6 + bend + autoregressive(rng, 0.5, columns, 1e5))) <= 0.015 * PLUGINS


def test_memory_that_follows_the_load_is_no_leak() -> None:
    """Load ramps up, memory is proportional to it: more load takes more memory."""
    rng = np.random.default_rng(1)
    load = 4 + 8 * np.arange(60) / 60 + rng.normal(0, 0.2, (PLUGINS, 60))
    assert len(detect(40e6 + 3e6 * load + rng.normal(0, 1e5, (PLUGINS, 60)), load)) <= 0.015 * PLUGINS


def test_a_restart_resets_the_clock() -> None:
    """Grown, replaced 30 s ago: too early to say anything about the new workers."""
    line = 45e6 + 131_072 * STEP * np.arange(60)
    dropped = np.where(np.arange(60) < 54, line, line - line[54] + 45e6)[None, :]
    restarts = (np.arange(60) == 54).astype(float)[None, :]
    assert not detect(dropped)
    assert not detect(line[None, :], restarts=restarts)
    assert detect(line[None, :])


def test_memory_that_is_read_every_third_turn_is_enough() -> None:
    """One reading in 15 s over two minutes."""
    line = 45e6 + 131_072 * STEP * np.arange(36.0)
    line[np.arange(36) % 3 != 2] = np.nan
    assert detect(line[None, :])


def sampled(function: Callable[[F64], F64]) -> F64:
    return function(STEP * np.arange(120.0))[None, :]


def test_the_time_to_the_limit_is_named_with_an_interval() -> None:
    """256 KB a second from 110 MB to 512 MB: 1,230 s expected, inside its interval, after 10 minutes of growth."""
    rng = np.random.default_rng(2)
    memory = sampled(lambda t: 45e6 + 131_072 * t) + rng.normal(0, 2e5, (1, 120))
    total = 2 * memory[0, -1] + 20e6
    messages = {m.code: dict(m.params) for m in detect(memory)[0].evidence}
    assert "memory_limit_reached" not in messages  # no view, no ratio: nobody knows the limit
    found = detect(memory, memory_ratio=(2 * memory + 20e6) / 512e6)[0]
    params = {m.code: dict(m.params) for m in found.evidence}["memory_limit_reached"]
    expected = (512e6 - total) / 262_144
    assert params["time_seconds"] == pytest.approx(expected, rel=0.06)
    assert float(str(params["low_seconds"])) <= float(str(params["time_seconds"])) <= float(str(params["high_seconds"]))
