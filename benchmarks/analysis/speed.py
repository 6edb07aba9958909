"""CPU time of the shipped core: one row of a large fleet, and from a JSON document to the verdict."""

import time
from dataclasses import dataclass

import msgspec
import numpy as np

from plugin_optimizer.models.anomaly import Pace, State, advance, hour_of_week, weigh

from .corpora import Labelled
from .peers import half_space_trees

SERIES, PLUGINS, METRICS, WARM, TIMED = 60_000, 10_000, 6, 130, 20
START = 1_699_833_600.0


class Batch(msgspec.Struct):
    """A columnar document: one value of each plugin per metric."""

    at: float
    plugins: list[str]
    metrics: dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds of CPU; points per second and core; bytes per series."""

    row_ms: float
    points_per_second: float
    json_ms: float
    json_megabytes: float
    bytes_per_series: int
    trees_per_second: float


def speed(seed: int) -> Speed:
    """Time it in this process. The fleet is past its warm-up, a hundredth of its series missing in each row."""
    rng = np.random.default_rng(seed)
    state, pace = State.new(SERIES), Pace.of(60.0)
    level = rng.uniform(1, 100, SERIES).astype(np.float32)
    spent = []
    for row in range(WARM + TIMED):
        values = level * (1 + 0.05 * rng.standard_normal(SERIES, dtype=np.float32))
        values[rng.integers(0, SERIES, SERIES // 100)] = np.nan
        at = np.full(SERIES, START + 60.0 * row)
        hour = np.broadcast_to(hour_of_week(at[0]), (SERIES,))
        begun = time.process_time()
        scores = advance(state, at, values, hour, pace)
        weigh(state, scores, np.isfinite(values), pace)
        if row >= WARM:
            spent.append(time.process_time() - begun)
    row_seconds = float(np.median(spent))
    document = _document(rng, level)
    json_seconds = float(np.median([_verdict(document, state, pace, WARM + TIMED + n) for n in range(TIMED)]))
    return Speed(
        row_seconds * 1e3,
        SERIES / row_seconds,
        json_seconds * 1e3,
        len(document) / 1e6,
        state.bytes_per_series,
        _trees(rng),
    )


def _document(rng: np.random.Generator, level: "np.typing.NDArray[np.float32]") -> bytes:
    values = level.reshape(METRICS, PLUGINS) * (1 + 0.05 * rng.standard_normal((METRICS, PLUGINS)))
    metrics = {f"metric_{n}": [round(v, 5) for v in row.tolist()] for n, row in enumerate(values)}
    return msgspec.json.encode(Batch(START, [f"plugin-{n:05d}" for n in range(PLUGINS)], metrics))


def _verdict(document: bytes, state: State, pace: Pace, row: int) -> float:
    begun = time.process_time()
    batch = msgspec.json.decode(document, type=Batch)
    values = np.concatenate([np.array(column, np.float32) for column in batch.metrics.values()])
    at = np.full(SERIES, START + 60.0 * row)
    scores = advance(state, at, values, np.broadcast_to(hour_of_week(at[0]), (SERIES,)), pace)
    told = weigh(state, scores, np.isfinite(values), pace)
    [batch.plugins[i % PLUGINS] for i in np.flatnonzero(told.new).tolist()]
    return time.process_time() - begun


def _trees(rng: np.random.Generator) -> float:
    """Return the rows per second of half-space trees: our reference implementation in Python and numpy."""
    rows = 4_000
    one = Labelled("noise", START + 60.0 * np.arange(rows), rng.normal(size=rows), ())
    begun = time.process_time()
    half_space_trees(one)
    return rows / (time.process_time() - begun)
