"""Reads a page in Prometheus' text format, of which only the names that mean something to us are kept.

Source: Prometheus documentation, Exposition formats, text-based format 0.0.4; what OpenMetrics adds (exemplars, `# EOF`,
`_created`) is passed over.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from ...domain import InvalidValue
from .limits import MetricsIn
from .meaning import Mapped, Meaning, scale_of
from .points import (
    SUMMARY_QUANTILES,
    Kind,
    Point,
    failed_of,
    instance_of,
    quantile_name,
    refuse_figures,
    refuse_labels,
    series_of,
)

LINES_AT_MOST = 1_000_000
_LINE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(\{|\s)\s*")
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*(,\s*|\})?')
_SUFFIXES = ("_bucket", "_count", "_sum")
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
_ESCAPED = re.compile(r'\\[\\"n]')

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One sample as it stands there. `at` is in seconds, None where the page does not say."""

    name: str
    labels: Labels
    value: float
    at: float | None = None


@dataclass(slots=True)
class Gathered:
    """The lines of one histogram or summary: their labels without `le` and `quantile`."""

    labels: Labels
    at: float
    buckets: list[tuple[float, float]] = field(default_factory=list)
    quantiles: list[tuple[float, float]] = field(default_factory=list)
    count: float | None = None
    total: float | None = None


@dataclass(slots=True)
class Page:
    """Turns lines into points. What cannot be used is counted by reason in `refused`, with an example in `said`."""

    mapped: Mapping[str, Mapped]
    only: Labels
    limits: MetricsIn
    now: float
    refused: Counter[str] = field(default_factory=Counter)
    said: str = ""

    def points(self, lines: Iterable[Line]) -> list[Point]:
        """Return the points. Raises InvalidValue where there are more lines for us than a page may have points."""
        plain: list[Point] = []
        gathered: dict[tuple[str, str, float], Gathered] = {}
        kept = 0
        for line in lines:
            base = self._base_of(line.name)
            if base is None or any(line.labels.get(name) != value for name, value in self.only.items()):
                continue
            kept += 1
            if kept > self.limits.points:
                raise InvalidValue(
                    f"the page has more than {self.limits.points} lines for this plugin; select by labels"
                )
            if self._fits(line):
                plain += self._plain(line) if base == line.name and not self._is_duration(base) else []
                if self._is_duration(base):
                    self._gather(gathered, base, line)
        for (base, series, at), one in gathered.items():
            plain += self._durations(base, series, at, one)
        return [point for point in plain if self._is_sound(point)]

    def _base_of(self, name: str) -> str | None:
        """Return which of the names we know a line belongs to; a histogram's lines have suffixes."""
        if name in self.mapped:
            return name
        base, _, suffix = name.rpartition("_")
        return base if f"_{suffix}" in _SUFFIXES and base in self.mapped and self._is_duration(base) else None

    def _is_duration(self, base: str) -> bool:
        return self.mapped[base].meaning == Meaning.REQUEST_DURATION

    def _fits(self, line: Line) -> bool:
        try:
            refuse_labels(line.labels, self.limits)
        except InvalidValue as error:
            return self._refuse("labels", error)
        return True

    def _plain(self, line: Line) -> Iterator[Point]:
        mapped = self.mapped[line.name]
        counts = mapped.meaning in set(Meaning)
        yield Point(
            meaning=mapped.meaning,
            name=line.name,
            series=series_of(line.labels),
            instance=instance_of(line.labels),
            kind=Kind.CUMULATIVE if counts else Kind.GAUGE,
            at=self.now if line.at is None else line.at,
            value=line.value * scale_of(mapped, line.name),
            failed=failed_of(line.labels),
        )

    def _gather(self, gathered: dict[tuple[str, str, float], Gathered], base: str, line: Line) -> None:
        own = {name: value for name, value in line.labels.items() if name not in {"le", "quantile"}}
        at = self.now if line.at is None else line.at
        one = gathered.setdefault((base, series_of(own), at), Gathered(own, at))
        suffix = line.name[len(base) :]
        if suffix == "_count":
            one.count = line.value
        elif suffix == "_sum":
            one.total = line.value
        elif suffix == "_bucket" and (edge := _number(line.labels.get("le", ""))) is not None:
            one.buckets.append((edge, line.value))
        elif not suffix and (share := _number(line.labels.get("quantile", ""))) is not None:
            one.quantiles.append((share, line.value))

    def _durations(self, base: str, series: str, at: float, one: Gathered) -> Iterator[Point]:
        """Yield a histogram's point, or a summary's points."""
        scale, instance = scale_of(self.mapped[base], base), instance_of(one.labels)
        edges = sorted(one.buckets)
        bounds = tuple(edge * scale for edge, _ in edges if edge != float("inf"))
        reached = [count for _, count in edges]
        whole = one.count if one.count is not None else reached[-1] if reached else None
        if whole is None or one.total is None:
            self._refuse("figures", InvalidValue(f"{base}: expected {base}_count and {base}_sum beside the buckets"))
            return
        upto = [0.0, *reached[: len(bounds)], whole]
        counts = tuple(after - before for before, after in pairwise(upto))
        value, failed = one.total * scale, failed_of(one.labels)
        kind = Kind.CUMULATIVE
        yield Point("request_duration", base, series, instance, kind, at, value, 0.0, failed, bounds, counts)
        for share, quantile in one.quantiles:
            if share in SUMMARY_QUANTILES and quantile == quantile:  # NaN: nobody asked lately
                metric = SUMMARY_QUANTILES[share].value
                yield Point(metric, quantile_name(base, share), series, instance, Kind.GAUGE, at, quantile * scale)

    def _is_sound(self, point: Point) -> bool:
        try:
            refuse_figures(point, self.now)
        except InvalidValue as error:
            return self._refuse("figures", error)
        return True

    def _refuse(self, reason: str, error: InvalidValue) -> bool:
        self.refused[reason] += 1
        self.said = self.said or str(error)
        return False


def lines_of(text: str, wanted: Mapping[str, Mapped]) -> Iterator[Line]:
    """Yield the samples of a page whose names are wanted, suffixes of histograms aside.

    Raises InvalidValue, naming the line, where one with such a name is no sample, and where there are too many lines.
    """
    for number, raw in enumerate(text.split("\n"), start=1):
        if number > LINES_AT_MOST:
            raise InvalidValue(f"the page has more than {LINES_AT_MOST} lines")
        line = raw.strip()
        if not line or line[0] == "#":
            continue
        found = _LINE.match(line)
        if found is None:
            raise InvalidValue(f'line {number} is no sample: {line[:80]!r}; expected NAME{{LABEL="VALUE"}} NUMBER')
        name = found[1]
        if name not in wanted and name.rpartition("_")[0] not in wanted:
            continue
        try:
            yield _line(line, found)
        except ValueError as error:
            raise InvalidValue(f"line {number} is no sample ({error}): {line[:80]!r}") from error


def _line(line: str, found: re.Match[str]) -> Line:
    labels: dict[str, str] = {}
    place = found.end()
    if found[2] == "{":
        place = _labels(line, place, labels)
    parts = line[place:].partition(" # ")[0].split()
    if not 1 <= len(parts) <= 2:
        raise ValueError("expected a number and perhaps a time behind the labels")
    at = int(parts[1]) / 1000.0 if len(parts) == 2 and "." not in parts[1] else None
    return Line(found[1], labels, float(parts[0]), at if len(parts) == 1 or at is not None else float(parts[1]))


def _labels(line: str, place: int, labels: dict[str, str]) -> int:
    """Read the labels from `place` on into `labels`; return where they end."""
    while not line.startswith("}", place):
        label = _LABEL.match(line, place)
        if label is None:
            raise ValueError('expected LABEL="VALUE"')
        if label[1] in labels:
            raise ValueError(f"the label {label[1][:40]} stands there twice")
        labels[label[1]] = _ESCAPED.sub(lambda sign: _ESCAPES[sign[0]], label[2])
        place = label.end()
        if label[3] == "}":
            return place
        if label[3] is None:
            raise ValueError("expected , or } behind a label")
    return place + 1


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
