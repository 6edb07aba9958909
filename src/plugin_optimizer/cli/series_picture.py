"""A picture of series: values, the band that was expected, and where something began. Plain SVG, nothing to install."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

import numpy as np
from numpy.typing import NDArray

from ..models.anomaly import Scan
from ..models.anomaly.episodes import Episode
from ..wording.figure import number
from .series_file import SeriesFile

F64 = NDArray[np.float64]

WIDTH, PANEL, LEFT, RIGHT, TOP, BOTTOM = 1_000, 212, 76, 16, 34, 52
INK, LINE, BAND, MARK = "#1f2933", "#1769aa", "#1769aa", "#b3261e"


def picture(file: SeriesFile, found: Scan, told: Sequence[Episode], texts: Sequence[str]) -> str:
    """Return an SVG document; `texts[i]` says what `told[i]` is, for those who point at it or hear the picture read."""
    height = TOP + PANEL * len(file.names)
    panels = "".join(
        _panel(file, found, row, [(e, t) for e, t in zip(told, texts, strict=True) if e.series == row])
        for row in range(len(file.names))
    )
    title = escape(", ".join(file.names))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" font-family="sans-serif" font-size="12" fill="{INK}"><title>{title}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{panels}</svg>\n'
    )


def _panel(file: SeriesFile, found: Scan, row: int, told: Sequence[tuple[Episode, str]]) -> str:
    values = file.values[row]
    low, high = _range(values)
    top = TOP + PANEL * row
    x = _Scale(float(file.times.min()), float(file.times.max()), LEFT, WIDTH - RIGHT)
    y = _Scale(low, high, top + PANEL - BOTTOM, top + 8)
    name = f'<text x="{LEFT}" y="{top - 8}" font-weight="600">{escape(file.names[row])}</text>'
    edges = (
        f'<text x="{LEFT - 6}" y="{y(high) + 4:.0f}" text-anchor="end">{number(high)}</text>'
        f'<text x="{LEFT - 6}" y="{y(low) + 4:.0f}" text-anchor="end">{number(low)}</text>'
    )
    base = top + PANEL - BOTTOM
    axis = (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}" stroke="{INK}" stroke-opacity="0.3"/>'
        f'<text x="{LEFT}" y="{base + 15}">{_time(x.low)}</text>'
        f'<text x="{WIDTH - RIGHT}" y="{base + 15}" text-anchor="end">{_time(x.high)}</text>'
    )
    band = _band(file.times, found.expected[row], found.reach[row], x, y)
    marks = "".join(_mark(episode, text, x, y, top + 8, base) for episode, text in told)
    return name + edges + axis + band + _line(file.times, values, x, y) + marks


class _Scale:
    """Values to pixels; what lies beyond the range is drawn at its edge."""

    def __init__(self, low: float, high: float, begin: float, end: float) -> None:
        self.low, self.high, self.begin, self.end = low, high, begin, end

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return self.begin + min(1.0, max(0.0, share)) * (self.end - self.begin)


def _range(values: F64) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    return (low, high) if high > low else (low - 1, high + 1)


def _columns(times: F64, x: _Scale) -> NDArray[np.int64]:
    return np.array([round(x(at)) for at in times.tolist()], dtype=np.int64)


def _line(times: F64, values: F64, x: _Scale, y: _Scale) -> str:
    """Return the line, of each pixel column the least and the most: no spike is lost to the width of the picture."""
    columns, parts, last = _columns(times, x), [], -1
    for column in np.unique(columns).tolist():
        own = values[columns == column]
        own = own[~np.isnan(own)]
        if not len(own):
            last = -1
            continue
        ends = sorted({float(own.min()), float(own.max())})
        parts.append(("L" if last >= 0 else "M") + f"{column} {y(ends[0]):.1f}")
        parts.extend(f"L{column} {y(end):.1f}" for end in ends[1:])
        last = column
    return f'<path d="{" ".join(parts)}" fill="none" stroke="{LINE}" stroke-width="1.2"/>'


def _band(times: F64, expected: NDArray[np.float32], reach: NDArray[np.float32], x: _Scale, y: _Scale) -> str:
    known = np.flatnonzero(~np.isnan(expected))
    if len(known) < 2:
        return ""
    known = known[:: max(1, len(known) // WIDTH)]
    upper = [f"{x(times[i]):.1f},{y(float(expected[i] + reach[i])):.1f}" for i in known.tolist()]
    lower = [f"{x(times[i]):.1f},{y(float(expected[i] - reach[i])):.1f}" for i in reversed(known.tolist())]
    return f'<polygon points="{" ".join(upper + lower)}" fill="{BAND}" fill-opacity="0.14"/>'


def _mark(episode: Episode, text: str, x: _Scale, y: _Scale, top: float, base: float) -> str:
    at, height = x(episode.onset), y(episode.value)
    return (
        f'<g><title>{escape(text)}</title><line x1="{at:.1f}" x2="{at:.1f}" y1="{top}" y2="{base}" stroke="{MARK}" '
        f'stroke-dasharray="3 3"/><circle cx="{at:.1f}" cy="{height:.1f}" r="4" fill="{MARK}"/></g>'
    )


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
