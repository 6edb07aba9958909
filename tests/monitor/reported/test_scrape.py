"""Scraping a real HTTP server, beside the loop: what is sensed, and what its failures come to."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from monitor.reported.pages import Handler, Pages, serving

from plugin_optimizer.demo.ports import free_tcp_ports
from plugin_optimizer.domain import Metric, Sample
from plugin_optimizer.knowledge import SqliteInbox
from plugin_optimizer.monitor.reported.limits import MetricsIn
from plugin_optimizer.monitor.reported.settings import PluginMetrics
from plugin_optimizer.monitor.reported.source import Reported, ReportedFigures

pytestmark = pytest.mark.live

PAGE = """\
flask_http_request_duration_seconds_bucket{{le="0.1",status="200"}} {good}
flask_http_request_duration_seconds_bucket{{le="1.0",status="200"}} {good}
flask_http_request_duration_seconds_bucket{{le="+Inf",status="200"}} {good}
flask_http_request_duration_seconds_count{{status="200"}} {good}
flask_http_request_duration_seconds_sum{{status="200"}} {total}
flask_http_request_duration_seconds_bucket{{le="0.1",status="500"}} 0
flask_http_request_duration_seconds_bucket{{le="1.0",status="500"}} {bad}
flask_http_request_duration_seconds_bucket{{le="+Inf",status="500"}} {bad}
flask_http_request_duration_seconds_count{{status="500"}} {bad}
flask_http_request_duration_seconds_sum{{status="500"}} {bad}
process_cpu_seconds_total {cpu}
process_resident_memory_bytes 1.5e+08
"""


@pytest.fixture
def pages() -> Iterator[Pages]:
    with serving() as made:
        yield made


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[SqliteInbox]:
    made = SqliteInbox(tmp_path / "inbox.db", 1_000_000)
    yield made
    made.close()


def figures_of(inbox: SqliteInbox, url: str, **also: object) -> ReportedFigures:
    settings = PluginMetrics(scrape=url, scrape_seconds=1.0, cpu_limit_cores=4.0, **also)  # type: ignore[arg-type]
    return ReportedFigures({"orders": settings}, MetricsIn(), inbox, 1.0)


def until(figures: ReportedFigures, wanted: object, seconds: float = 60.0) -> list[Reported]:
    """Look again and again until `wanted(reported)` holds; return all looks."""
    looks: list[Reported] = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        looks.append(figures.of("orders", time.time(), 8))
        if wanted(looks[-1]):  # type: ignore[operator]
            return looks
        time.sleep(0.2)
    raise AssertionError(f"it did not come, only {looks[-3:]}")


def has(metric: Metric) -> object:
    return lambda reported: any(sample.metric is metric for sample in reported.samples)


def test_an_exporters_page_becomes_samples(pages: Pages, inbox: SqliteInbox) -> None:
    """Rates, response times, errors, CPU and memory of a growing page, by names that are known without configuration."""
    counted = {"looks": 0}

    def grow(handler: Handler) -> None:
        counted["looks"] += 1
        n = counted["looks"]
        handler.say(PAGE.format(good=90 * n, bad=10 * n, total=4.5 * n, cpu=0.5 * n).encode())

    pages.respond = grow
    figures = figures_of(inbox, f"{pages.url}/metrics")
    try:
        looks = until(figures, has(Metric.CPU_CORES))
        samples: dict[Metric, Sample] = {s.metric: s for look in looks for s in look.samples}
        assert samples[Metric.ERROR_RATIO].value == pytest.approx(0.1)
        assert samples[Metric.RESPONSE_TIME_SECONDS].value == pytest.approx(0.145)
        assert samples[Metric.RESPONSE_TIME_P95_SECONDS].value == pytest.approx(0.55)
        assert samples[Metric.REQUESTS].value >= 100
        assert samples[Metric.MEMORY_BYTES].value == 1.5e8
        assert samples[Metric.CPU_RATIO].value == pytest.approx(samples[Metric.CPU_CORES].value / 4)
        assert samples[Metric.UP].value == 1.0
        assert samples[Metric.THROUGHPUT_PER_SECOND].value == pytest.approx(100.0, rel=0.6)
    finally:
        figures.close()


def test_a_server_that_is_not_there_is_down(inbox: SqliteInbox) -> None:
    """Nobody listens: `up` is 0, and the trouble is told."""
    (port,) = free_tcp_ports(1)
    figures = figures_of(inbox, f"http://127.0.0.1:{port}/metrics")
    try:
        found = until(figures, has(Metric.UP))[-1]
        assert [sample.value for sample in found.samples if sample.metric is Metric.UP] == [0.0]
        assert "nobody listens" in found.trouble
    finally:
        figures.close()


def test_a_page_that_is_none_says_nothing_and_why(pages: Pages, inbox: SqliteInbox) -> None:
    """An error page is trouble: no sample, no zero, and no `up` either way."""
    pages.show("<html>Sign in</html>")
    figures = figures_of(inbox, pages.url)
    try:
        found = until(figures, lambda reported: reported.trouble)[-1]
        assert "no page in Prometheus' text format" in found.trouble
        assert found.samples == []
    finally:
        figures.close()


def test_a_server_that_hangs_holds_up_nobody(pages: Pages, inbox: SqliteInbox) -> None:
    """While one plugin's server does not answer, the loop looks on and the other plugins are scraped."""

    def answer(handler: Handler) -> None:
        if handler.path == "/hangs":
            time.sleep(5.0)
        handler.say(b"process_resident_memory_bytes 5\n")

    pages.respond = answer
    metrics = {
        "orders": PluginMetrics(scrape=f"{pages.url}/good", scrape_seconds=1.0),
        **{f"slow-{n}": PluginMetrics(scrape=f"{pages.url}/hangs", scrape_seconds=1.0) for n in range(2)},
    }
    figures = ReportedFigures(metrics, MetricsIn(), inbox, 1.0)
    try:
        until(figures, has(Metric.MEMORY_BYTES))
        begun = time.monotonic()
        for plugin_id in metrics:
            figures.of(plugin_id, time.time(), None)
        assert time.monotonic() - begun < 1.0
    finally:
        figures.close()
