"""Pulling from a server with Prometheus' HTTP API: raw series by well-known names, and queries as they stand."""

import json
import time
from collections.abc import Iterator

import pytest
from monitor.reported.pages import Pages, serving
from monitor.reported.told import looked, translation, values

from plugin_optimizer.domain import Metric, Unobservable
from plugin_optimizer.monitor.reported.limits import MetricsIn
from plugin_optimizer.monitor.reported.meaning import KNOWN, mapped_from
from plugin_optimizer.monitor.reported.promql import Puller, selector
from plugin_optimizer.monitor.reported.settings import PluginMetrics

pytestmark = pytest.mark.live


@pytest.fixture
def pages() -> Iterator[Pages]:
    with serving() as made:
        yield made


def matrix(*series: tuple[dict[str, str], list[tuple[float, str]]]) -> bytes:
    """An answer in the shape that the HTTP API documents for range vectors."""
    result = [{"metric": labels, "values": [[at, value] for at, value in points]} for labels, points in series]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()


def puller(pages: Pages, **settings: object) -> Puller:
    plugin = PluginMetrics(prometheus=pages.url, pull_seconds=15.0, **settings)  # type: ignore[arg-type]
    return Puller(plugin, mapped_from(plugin.names, "names"), MetricsIn())


def counted(
    now: float, upto: int, instance: str, status: str, step: float = 15.0
) -> tuple[dict[str, str], list[tuple[float, str]]]:
    labels = {"__name__": "http_requests_total", "job": "orders", "instance": instance, "code": status}
    return labels, [(now - step * (upto - n), str(10 * n)) for n in range(upto + 1)]


def test_raw_series_are_read_with_the_times_of_their_scrapes(pages: Pages) -> None:
    """Counters of two processes become traffic and errors; a second pull brings only what is new."""
    now = time.time()
    series = [counted(now, 4, "a:80", "200"), counted(now - 3, 4, "b:80", "503")]
    up = ({"__name__": "up", "job": "orders", "instance": "a:80"}, [(now - 15, "1"), (now, "1")])
    pages.respond = lambda handler: handler.say(matrix(*series, up))
    of, pulling = translation(), puller(pages, select='{job="orders"}')
    points, refused = pulling.pull(now)
    assert not refused
    samples, refusals = looked(of, *points, now=now)
    assert refusals == []
    assert sum(s.value for s in samples if s.metric is Metric.REQUESTS) == 80
    assert values(samples)[Metric.ERROR_RATIO] == pytest.approx(0.5)
    assert values(samples)[Metric.THROUGHPUT_PER_SECOND] == pytest.approx(2 * 10 / 15)
    path, _, form = pages.asked[0]
    assert path == "/api/v1/query"
    assert form["query"][0].startswith('{job="orders",__name__=~"')
    assert form["query"][0].endswith('"}[90s]')
    assert pulling.pull(now + 1)[0] == []


def test_queries_of_ones_own_are_asked_as_they_stand(pages: Pages) -> None:
    """Each gives our metric at the times of its steps; NaN, which Prometheus says of nothing, is missing."""
    now = time.time()
    pages.respond = lambda handler: handler.say(matrix(({}, [(now - 15, "NaN"), (now, "0.25")])))
    pulling = puller(
        pages, queries={"response_time_p95_seconds": "histogram_quantile(0.95, sum by (le) (rate(x_bucket[1m])))"}
    )
    (point,), _ = pulling.pull(now)
    assert (point.meaning, point.value, point.at) == ("response_time_p95_seconds", 0.25, pytest.approx(now))
    path, _, form = pages.asked[0]
    assert path == "/api/v1/query_range"
    assert form["query"] == ["histogram_quantile(0.95, sum by (le) (rate(x_bucket[1m])))"]
    assert float(form["step"][0]) == 15.0
    pulling.pull(now + 15)
    assert float(pages.asked[1][2]["start"][0]) == pytest.approx(now + 15, abs=0.01)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b'{"status":"error","errorType":"bad_data","error":"parse error at char 3"}', 200, "parse error at char 3"),
        (b'{"status":"error","errorType":"bad_data","error":"parse error at char 3"}', 400, "parse error at char 3"),
        (
            b'{"status":"success","data":{"resultType":"vector","result":[]}}',
            200,
            "a vector where a matrix was expected",
        ),
        (b"<html>", 200, "does not answer as Prometheus"),
        (
            b'{"status":"success","data":{"resultType":"matrix","result":[{"values":[["x",5]]}]}}',
            200,
            "does not answer as",
        ),
        (b"[" * 100_000, 200, "does not answer as"),
    ],
    ids=["error", "error with status", "vector", "page", "wrong type", "deep"],
)
def test_what_is_no_answer_is_trouble_in_words(pages: Pages, body: bytes, status: int, said: str) -> None:
    """An error of the server is handed on; nothing is concluded from any of them."""
    pages.respond = lambda handler: handler.say(body, status)
    with pytest.raises(Unobservable, match=said):
        puller(pages, select='{job="orders"}').pull(time.time())


def test_a_query_that_gives_many_series_says_what_to_do(pages: Pages) -> None:
    """Which of them would be the plugin's figure? The error names the query and the remedy."""
    now = time.time()
    pages.respond = lambda handler: handler.say(matrix(({"a": "1"}, [(now, "1")]), ({"a": "2"}, [(now, "2")])))
    with pytest.raises(Unobservable, match=r"queries.cpu_cores gives 2 series; expected one: aggregate it"):
        puller(pages, queries={"cpu_cores": "rate(x[1m])"}).pull(now)


def test_empty_is_missing_and_never_zero(pages: Pages) -> None:
    """An empty answer brings nothing at all (KEDA once read it as 0 and scaled everything in)."""
    pages.respond = lambda handler: handler.say(matrix())
    assert puller(pages, select='{job="x"}', queries={"cpu_cores": "sum(nothing)"}).pull(time.time()) == ([], {})


def test_more_lines_than_a_page_may_have_are_refused(pages: Pages) -> None:
    """A selector that is too wide is told so."""
    now = time.time()
    flood = [({"__name__": "http_requests_total", "user": str(n)}, [(now, "1")]) for n in range(20_001)]
    pages.respond = lambda handler: handler.say(matrix(*flood))
    with pytest.raises(Unobservable, match="select by labels"):
        puller(pages, select='{job="orders"}').pull(now)


@pytest.mark.parametrize("select", ["{}", '{job="orders"}', '{job="orders",}', ' { job="a" } '.strip()])
def test_a_selector_asks_for_the_names_we_know(select: str) -> None:
    """Buckets, counts and sums of durations, counters, gauges; no name with a dot, which is none of Prometheus'."""
    made = selector(select, KNOWN)
    assert made.count("__name__") == 1
    assert "{," not in made
    assert ",," not in made
    assert "http_request_duration_seconds(_bucket|_count|_sum)?" in made
    assert "http.server" not in made
    assert selector('http_requests_total{a="b"}', KNOWN) == 'http_requests_total{a="b"}'
