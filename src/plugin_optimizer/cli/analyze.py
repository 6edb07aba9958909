"""What is unusual in anybody's time series: the engine's own detectors on a CSV file, a report and a picture."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
import numpy as np

from ..domain import InvalidValue, Message, Parameter
from ..models.anomaly import Pace, Scan, Sensitivity, scan
from ..models.anomaly.episodes import Episode, episodes
from ..models.anomaly.pace import WARM_ROWS
from ..models.day_trend import day_trend
from ..models.horizon import foretell
from ..web.moment import iso
from ..wording import render
from .client import language_of
from .series_file import SeriesFile, read_series
from .series_picture import picture

AHEAD_ROWS = (1, 12, 60)
FORETOLD_FROM = 240  # rows that a forecast looks back over
TOGETHER_ROWS = 2
MOST_TOLD = 200


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--picture",
    "picture_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the picture goes; else beside the file, as .svg.",
)
@click.option("--no-picture", is_flag=True, help="Print the report only.")
@click.option(
    "--sensitivity", type=click.Choice([each.value for each in Sensitivity]), default="normal", show_default=True
)
@click.option(
    "--utc-offset",
    "offset_hours",
    default=0.0,
    show_default=True,
    help="Hours that local time is ahead of UTC: habits are those of local days.",
)
@click.option("--lang", type=click.Choice(["ko", "en"]), default=None, help="Language of the texts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def analyze(
    file: Path,
    picture_path: Path | None,
    no_picture: bool,
    sensitivity: str,
    offset_hours: float,
    lang: str | None,
    as_json: bool,
) -> None:
    """Say what is unusual in FILE, a CSV with a header, a column of times, and columns of numbers.

    Runs the detectors of the engine over every column, row by row: each row is judged by those before it. Nothing is
    sent anywhere.
    """
    language, factor = lang or language_of(os.environ), Sensitivity(sensitivity).factor
    series = read_series(file, offset_hours * 3600)
    pace = Pace.of(series.step_seconds)
    found = scan(series.times, series.values, pace, offset_seconds=offset_hours * 3600, factor=factor)
    told = episodes(found, series.times, series.values, factor)
    texts = [_said(episode, series, told, language) for episode in told]
    path = None if no_picture else picture_path or file.with_suffix(".svg")
    if path is not None:
        _write(path, picture(series, found, told, texts))
    if as_json:
        click.echo(json.dumps(_view(series, told, texts, path), ensure_ascii=False, indent=2))
        return
    for line in _report(series, found, pace, told, texts, language):
        click.echo(line)
    if path is not None:
        click.echo(render(Message("series_picture", {"path": str(path)}), language))


def _write(path: Path, document: str) -> None:
    try:
        path.write_text(document, encoding="utf-8")
    except OSError as error:
        raise InvalidValue(f"the picture cannot be written to {path}: {error.strerror}; see --picture") from error


def _said(episode: Episode, series: SeriesFile, told: Sequence[Episode], lang: str) -> str:
    name, edge = series.names[episode.series], episode.reach if episode.rising else -episode.reach
    figures: dict[str, Parameter] = {"metric": name, "value": episode.value, "limit": episode.expected + edge}
    band = {
        "expected": episode.expected,
        "low": episode.expected - episode.reach,
        "high": episode.expected + episode.reach,
    }
    parts = [Message(f"finding_{episode.kind}", figures), Message(f"unusual_{episode.kind}", {"metric": name, **band})]
    near = TOGETHER_ROWS * series.step_seconds
    others = [e for e in told if e.series != episode.series and abs(e.onset - episode.onset) <= near]
    if others:
        parts.append(Message("series_together", {"names": ", ".join(sorted({series.names[e.series] for e in others}))}))
        first = min((episode, *others), key=lambda e: e.onset)
        parts.append(Message("series_first", {"name": series.names[first.series]}))
    return ". ".join(render(part, lang) for part in parts) + "."


def _report(
    series: SeriesFile, found: Scan, pace: Pace, told: Sequence[Episode], texts: Sequence[str], lang: str
) -> list[str]:
    lines = []
    rows = len(series.times)
    taken = int(found.state.rows.max(initial=0))
    for row, name in enumerate(series.names):
        missing = int(np.isnan(series.values[row]).sum())
        figures: dict[str, Parameter] = {
            "name": name,
            "rows": rows,
            "step_seconds": series.step_seconds,
            "span_seconds": float(np.ptp(series.times)),
            "missing": missing or None,
            "skipped": (rows - missing - int(found.state.rows[row]) + series.skipped) or None,
        }
        lines.append(render(Message("series_read", figures), lang))
    warm = int(pace.warm_rows[0])
    if taken < warm:
        learning = {"deviation_rows": int(WARM_ROWS), "level_rows": warm}
        lines.append(render(Message("series_warming", learning), lang))
    if not told:
        lines.append(render(Message("series_quiet"), lang))
    for episode, text in list(zip(told, texts, strict=True))[-MOST_TOLD:]:
        lines.append(f"{iso(episode.onset)}  [{episode.kind} {episode.score:.1f}]  {text}")
    return [*lines, *_ahead(series, lang)]


def _ahead(series: SeriesFile, lang: str) -> list[str]:
    """Return where each series is expected to be, and whether its floor rose over the last day."""
    lines = []
    for row, name in enumerate(series.names):
        values = series.values[row][~np.isnan(series.values[row])]
        if len(values) < FORETOLD_FROM:
            continue
        for ahead in AHEAD_ROWS:
            found = foretell(values[None, -FORETOLD_FROM:], ahead)
            figures = {"expected": float(found.expected[0]), "low": float(found.low[0]), "high": float(found.high[0])}
            message = Message("series_ahead", {"ahead_seconds": ahead * series.step_seconds, **figures})
            lines.append(f"{name}: {render(message, lang)}")
        day = values[None, -round(86_400 / series.step_seconds) :]
        trend = day_trend(day)
        if trend.rises[0]:
            lines.append(f"{name}: {render(Message('series_rises', {'value': float(trend.rise[0])}), lang)}")
    return lines


def _view(series: SeriesFile, told: Sequence[Episode], texts: Sequence[str], path: Path | None) -> dict[str, object]:
    return {
        "series": list(series.names),
        "rows": len(series.times),
        "step_seconds": series.step_seconds,
        "episodes": [
            {**asdict(e), "series": series.names[e.series], "onset": iso(e.onset), "text": text}
            for e, text in zip(told, texts, strict=True)
        ],
        "picture": str(path) if path is not None else None,
    }
