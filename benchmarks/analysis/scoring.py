"""Two ways to score alerts against labels: NAB's, and the F1 of events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .corpora import Labelled

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

# Weights of a false alarm and of a missed window, by profile; a hit counts 1.
STANDARD, LOW_FP, LOW_FN = (0.11, 1.0), (0.22, 1.0), (0.11, 2.0)
FAR = 3.0  # window widths beyond which a false alarm counts in full


@dataclass(frozen=True, slots=True)
class NabScore:
    standard: float
    low_fp: float
    low_fn: float
    hits: int
    windows: int
    false_alarms: int


def sigma(y: F64) -> F64:
    """Return NAB's sigmoid, 2/(1 + e^(5y)) − 1: near 1 well before a window's end, 0 at it, towards −1 after it."""
    return 2 / (1 + np.exp(5 * y)) - 1


def nab_score(series: Iterable[Labelled], alerts: Iterable[I64]) -> NabScore:
    """Return the normalised scores of alert rows, one array per series.

    Inside a window only the best row counts, sigma(−(end − i + 1)/width), scaled so that its first row gives 1; a row
    outside counts sigma of its distance to the window before, in widths less one row, −1 where there is none or beyond
    three widths. 100 · (sum − all missed)/(windows − all missed). Source: Lavin, Ahmad, Evaluating real-time anomaly
    detection algorithms (2015), and the benchmark's own scorer.
    """
    hits = windows = false_alarms = 0
    won = lost = 0.0
    for one, rows in zip(series, alerts, strict=True):
        counted = rows[rows >= one.unscored]
        inside = np.zeros(len(counted), np.bool_)
        for begin, end in one.spans:
            own = (counted >= begin) & (counted <= end)
            inside |= own
            windows += 1
            if own.any():
                hits += 1
                won += _worth(int(counted[own][0]), begin, end)
        outside = counted[~inside]
        false_alarms += len(outside)
        lost += sum(_cost(int(row), one.spans) for row in outside)
    return NabScore(
        *(_normalised(won, lost, hits, windows, *weights) for weights in (STANDARD, LOW_FP, LOW_FN)),
        hits,
        windows,
        false_alarms,
    )


def _worth(row: int, begin: int, end: int) -> float:
    width = end - begin + 1
    return float(sigma(np.float64(-(end - row + 1) / width)) / sigma(np.float64(-1.0)))


def _cost(row: int, spans: Sequence[tuple[int, int]]) -> float:
    before = [span for span in spans if span[1] < row]
    if not before:
        return -1.0
    begin, end = max(before, key=lambda span: span[1])
    distance = (row - end) / max(1, end - begin)
    return -1.0 if distance > FAR else float(sigma(np.float64(distance)))


def _normalised(won: float, lost: float, hits: int, windows: int, false_weight: float, miss_weight: float) -> float:
    got = won + false_weight * lost - miss_weight * (windows - hits)
    return 100 * (got + miss_weight * windows) / max(1e-9, windows + miss_weight * windows)


@dataclass(frozen=True, slots=True)
class EventScore:
    f1: float
    precision: float
    recall: float
    found: int
    events: int
    false_alerts: int


def event_score(series: Iterable[Labelled], alerts: Iterable[I64]) -> EventScore:
    """Return F1 over events of all series.

    An event is found if an alert lies in [start, end + tol], tol = min(30, max(3, 1 % of the rows)). Alerts more than
    max(5, rows/60) after the last alert's start begin a new alert; one that starts outside all events is false.
    """
    found = events = false = true = 0
    for one, rows in zip(series, alerts, strict=True):
        count = len(one.values)
        late, gap = min(30.0, max(3.0, 0.01 * count)), max(5.0, count / 60)
        counted = rows[rows >= one.unscored]
        events += len(one.spans)
        found += sum(bool(((counted >= begin) & (counted <= end + late)).any()) for begin, end in one.spans)
        last = -np.inf
        for row in counted.tolist():
            if row - last > gap:
                last = row
                hit = any(begin <= row <= end + late for begin, end in one.spans)
                true, false = true + hit, false + (not hit)
    f1 = 2 * found / max(1, 2 * found + false + events - found)
    return EventScore(f1, true / max(1, true + false), found / max(1, events), found, events, false)
