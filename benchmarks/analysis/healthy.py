"""Series with which nothing is wrong, by seed, and the same with one fault: false alarms a day, and how long a fault takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.models.anomaly import CLASSES, Pace, scan

F64 = NDArray[np.float64]

KINDS = ("flat", "diurnal", "weekly", "bursty", "heavy-tailed", "low count", "gaps", "small ratio")
FAULTS = ("spike", "shift", "variance", "leak", "saturation")
START = 1_699_833_600.0  # a Monday, 00:00 UTC
DAY = 86_400.0
ONSET_DAY = 8.0


@dataclass(frozen=True, slots=True)
class Quiet:
    """Alerts per series-day of one kind: from the first row on, and from the eighth day on."""

    kind: str
    series: int
    a_day: float
    a_day_later: float
    by_class: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Found:
    """Of one fault: the share found within a day, and the median delay of those in rows."""

    fault: str
    share: float
    delay_rows: float


def healthy(kind: str, rng: np.random.Generator, times: F64) -> F64:
    """Draw one series of a kind at `times`."""
    days = (times - START) / DAY
    wave = 1 + rng.uniform(0.15, 0.5) * np.sin(2 * np.pi * (days - 0.25 + rng.normal(0, 0.05)))
    noise = _noise(rng, len(times))
    if kind == "flat":
        return 100 + 5 * noise
    if kind == "weekly":
        rest = np.where(days.astype(int) % 7 >= 5, rng.uniform(0.5, 0.9), 1.0)
        return 100 * (1 + (wave - 0.5) * rest) * np.exp(0.05 * noise)
    if kind == "bursty":
        return 100 * (1 + _bursts(rng, times)) * np.exp(0.1 * noise)
    if kind == "heavy-tailed":
        return 20 * np.exp(0.4 * noise)
    if kind == "low count":
        step = float(times[1] - times[0])
        return rng.poisson(rng.choice([0.05, 0.5, 3.0, 20.0]) * wave * step / 60).astype(float)
    if kind == "small ratio":
        return np.clip(0.02 * np.exp(0.5 * noise), 0, 1)
    values = 100 * wave * np.exp(0.05 * noise)
    return _with_gaps(rng, values) if kind == "gaps" else values


def _noise(rng: np.random.Generator, count: int) -> F64:
    phi = rng.choice([0.0, 0.5, 0.9])
    shocks = rng.normal(size=count) * np.sqrt(1 - phi**2)
    if phi:
        for row in range(1, count):
            shocks[row] += phi * shocks[row - 1]
    return shocks


def _bursts(rng: np.random.Generator, times: F64) -> F64:
    """Return surges, three a day on average, of up to ten minutes."""
    step = float(times[1] - times[0])
    extra = np.zeros(len(times))
    for row in np.flatnonzero(rng.random(len(times)) < 3 * step / DAY).tolist():
        extra[row : row + max(1, int(rng.uniform(60, 600) / step))] += rng.exponential(1.0)
    return extra


def _with_gaps(rng: np.random.Generator, values: F64) -> F64:
    holed = values.copy()
    holed[rng.random(len(values)) < 0.05] = np.nan
    begin = int(rng.integers(0, len(values) - len(values) // 20))
    holed[begin : begin + len(values) // 20] = np.nan
    return holed


def quiet(days: float, step: float, each: int, seed: int) -> list[Quiet]:
    """Return false alarms by kind, of `each` series that run for `days`."""
    rng = np.random.default_rng(seed)
    times = START + step * np.arange(int(days * DAY / step))
    values = np.stack([healthy(kind, rng, times) for kind in KINDS for _ in range(each)])
    seen = scan(times, values, Pace.of(step))
    late = times >= START + 7 * DAY
    found = []
    for place, kind in enumerate(KINDS):
        own = slice(place * each, (place + 1) * each)
        alerts, classes = seen.alerts[own], seen.scores[:, own].argmax(axis=0)
        by_class = {name: float((alerts & (classes == c)).sum()) / each / days for c, name in enumerate(CLASSES)}
        later = float(alerts[:, late].sum()) / each / max(1e-9, days - 7)
        found.append(Quiet(kind, each, float(alerts.sum()) / each / days, later, by_class))
    return found


def found_faults(step: float, each: int, seed: int) -> list[Found]:
    """Return how soon faults on the ninth day are found, over flat, diurnal and low-count series."""
    rng = np.random.default_rng(seed)
    times = START + step * np.arange(int((ONSET_DAY + 1) * DAY / step))
    onset = int(ONSET_DAY * DAY / step)
    kinds = ("flat", "diurnal", "low count")
    results = []
    for fault in FAULTS:
        values = np.stack([faulty(fault, healthy(kinds[i % 3], rng, times), onset) for i in range(each)])
        seen = scan(times, values, Pace.of(step))
        results.append(_delays(fault, seen.alerts[:, onset:]))
    return results


def faulty(fault: str, values: F64, onset: int) -> F64:
    """Return the series with a fault from a row on, sized by its own last day."""
    rows = len(values) - onset
    day = values[onset - rows : onset]
    sd, level = max(float(np.nanstd(day)), 1.0), float(np.nanmean(day))
    t = np.arange(rows) / rows
    after = values[onset:]
    change = {
        "spike": after + np.where(np.arange(rows) < max(1, rows // 144), 6 * sd, 0.0),
        "shift": after + 4 * sd,
        "variance": level + 5 * (after - level),
        "leak": after + 12 * sd * t,
        "saturation": after + 8 * sd * np.minimum(1.0, 8 * t) ** 2,
    }[fault]
    return np.concatenate([values[:onset], change])


def _delays(fault: str, alerts: NDArray[np.bool_]) -> Found:
    hit = alerts.any(axis=1)
    delays: Sequence[int] = alerts.argmax(axis=1)[hit].tolist()
    return Found(fault, float(hit.mean()), float(np.median(delays)) if delays else float("nan"))
