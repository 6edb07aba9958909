"""Pulls from a server that speaks Prometheus' HTTP API: Prometheus, VictoriaMetrics, Mimir, Thanos.

Series with well-known names are read raw, `selector[time]`, with the times at which they were scraped: what comes of
counters is then computed here, by the same rules as for all others. What is named as a query is asked as it stands.
Source: Prometheus documentation, HTTP API (`/query`, `/query_range`).
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec

from ...domain import InvalidValue, Unobservable
from ..gate import FUTURE_SECONDS
from .exposition import Line, Page
from .fetch import fetch
from .limits import MetricsIn
from .meaning import Mapped, Meaning
from .points import Kind, Point, instance_of, refuse_figures
from .settings import PluginMetrics

LEAST_WINDOW_SECONDS, MOST_WINDOW_SECONDS = 90.0, 600.0
OVERLAP_SECONDS = 60.0  # a server may know of a scrape a while after it

Value = tuple[float, str]


class Series(msgspec.Struct, frozen=True):
    metric: dict[str, str] = {}
    values: list[Value] = []


class Data(msgspec.Struct, frozen=True, rename="camel"):
    result_type: str = ""
    result: list[Series] = []


class Reply(msgspec.Struct, frozen=True, rename="camel"):
    status: str
    data: Data = Data()
    error: str = ""


@dataclass(slots=True)
class Puller:
    """Pulls for one plugin; remembers up to when it has what."""

    settings: PluginMetrics
    mapped: Mapping[str, Mapped]
    limits: MetricsIn
    pulled_at: float | None = None
    newest: dict[str, float] = field(default_factory=dict)  # by process: the time of its latest scrape that we have

    def pull(self, now: float) -> tuple[list[Point], Counter[str]]:
        """Return what is new, and what of it was refused, by reason. Raises Gone, Unobservable."""
        since = now if self.pulled_at is None else max(now - MOST_WINDOW_SECONDS, self.pulled_at)
        points, refused = self._raw(since, now) if self.settings.select else ([], Counter[str]())
        for metric, query in self.settings.queries.items():
            points += self._asked(metric, query, since, now)
        self.pulled_at = now
        return points, refused

    def _raw(self, since: float, now: float) -> tuple[list[Point], Counter[str]]:
        window = min(MOST_WINDOW_SECONDS, max(LEAST_WINDOW_SECONDS, now - since + OVERLAP_SECONDS))
        query = f"{selector(self.settings.select, self.mapped)}[{window:.0f}s]"
        reply = self._ask("query", {"query": query, "time": f"{now:.3f}"})
        page = Page(self.mapped, self.settings.labels, self.limits, now)
        lines = list(self._news(reply))
        try:
            points = page.points(lines)
        except InvalidValue as error:
            raise Unobservable(str(error)) from error
        for line in lines:
            process = instance_of(line.labels)
            self.newest[process] = max(line.at or 0.0, self.newest.get(process, 0.0))
        return points, page.refused

    def _news(self, reply: Reply) -> Iterator[Line]:
        for series in reply.data.result:
            labels = {name: value for name, value in series.metric.items() if name != "__name__"}
            known = self.newest.get(instance_of(labels), 0.0)
            for at, text in series.values:
                if at > known:
                    yield Line(series.metric.get("__name__", ""), labels, _number(text), at)

    def _asked(self, metric: str, query: str, since: float, now: float) -> Iterator[Point]:
        """Yield the values of one query since the pull before; NaN is what Prometheus says where there is nothing."""
        step = self.settings.pull_seconds
        asked = {"query": query, "start": f"{min(now, since + step):.3f}", "end": f"{now:.3f}", "step": f"{step:g}"}
        result = self._ask("query_range", asked).data.result
        if len(result) > 1:
            raise Unobservable(f"queries.{metric} gives {len(result)} series; expected one: aggregate it, as by sum(…)")
        for at, text in result[0].values if result else ():
            point = Point(metric, metric, "", "", Kind.GAUGE, at, _number(text))
            if math.isfinite(point.value) and at <= now + FUTURE_SECONDS:
                try:
                    refuse_figures(point, now)
                except InvalidValue as error:
                    raise Unobservable(f"queries.{metric}: {error}") from error
                yield point

    def _ask(self, what: str, form: Mapping[str, str]) -> Reply:
        url = f"{self.settings.prometheus.rstrip('/')}/api/v1/{what}"
        raw = fetch(url, self.limits.inflated_bytes, self.settings.bearer_file, urlencode(form).encode())
        try:
            reply = msgspec.json.decode(raw, type=Reply)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unobservable(f"{url} does not answer as Prometheus' HTTP API does: {error}") from error
        if reply.status != "success" or reply.data.result_type != "matrix":
            kind = reply.error or f"a {reply.data.result_type or 'nothing'} where a matrix was expected"
            raise Unobservable(f"{url}: {kind[:200]}")
        return reply


def selector(select: str, mapped: Mapping[str, Mapped]) -> str:
    """Return a selector of the series with names we know; one that names a metric itself stays as it is."""
    if not select.startswith("{"):
        return select
    names = []
    for name, known in mapped.items():
        if "." not in name:
            names.append(f"{name}(_bucket|_count|_sum)?" if known.meaning == Meaning.REQUEST_DURATION else name)
    inner = select.strip()[1:-1].strip().rstrip(",")
    return f'{{{inner}{"," if inner else ""}__name__=~"{"|".join(names)}"}}'


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
