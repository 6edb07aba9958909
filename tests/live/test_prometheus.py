"""Pulled from a real Prometheus that scrapes a real page: what it says comes to the very traffic that there was."""

import contextlib
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from monitor.reported.pages import Handler, serving

from plugin_optimizer.demo.ports import free_tcp_ports
from plugin_optimizer.domain import Metric, Sample, Unobservable
from plugin_optimizer.knowledge import SqliteInbox
from plugin_optimizer.monitor.reported.limits import MetricsIn
from plugin_optimizer.monitor.reported.meaning import KNOWN
from plugin_optimizer.monitor.reported.promql import Puller
from plugin_optimizer.monitor.reported.settings import PluginMetrics
from plugin_optimizer.monitor.reported.source import ReportedFigures
from tests.gunicorn_service import wait_for

PROMETHEUS = shutil.which("prometheus")
pytestmark = [
    pytest.mark.live,
    pytest.mark.timeout(600),
    pytest.mark.skipif(PROMETHEUS is None, reason="no prometheus here; apt-get install prometheus"),
]
A_SECOND = 100  # requests; a tenth of them fails, each takes 0.2 s
PAGE = """\
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{{status="200",le="0.1"}} 0
http_request_duration_seconds_bucket{{status="200",le="0.3"}} {good}
http_request_duration_seconds_bucket{{status="200",le="+Inf"}} {good}
http_request_duration_seconds_sum{{status="200"}} {good_seconds}
http_request_duration_seconds_count{{status="200"}} {good}
http_request_duration_seconds_bucket{{status="503",le="0.1"}} 0
http_request_duration_seconds_bucket{{status="503",le="0.3"}} {bad}
http_request_duration_seconds_bucket{{status="503",le="+Inf"}} {bad}
http_request_duration_seconds_sum{{status="503"}} {bad_seconds}
http_request_duration_seconds_count{{status="503"}} {bad}
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total {cpu}
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 1.5e+08
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus that scrapes the page of `orders` each second."""
    room = tmp_path_factory.mktemp("prometheus")
    (port,) = free_tcp_ports(1)
    begun = time.time()

    def page(handler: Handler) -> None:
        whole = int(A_SECOND * (time.time() - begun))
        good, bad = whole - whole // 10, whole // 10
        text = PAGE.format(
            good=good, bad=bad, good_seconds=good * 0.2, bad_seconds=bad * 0.2, cpu=(time.time() - begun) / 4
        )
        handler.say(text.encode(), headers={"Content-Type": "text/plain; version=0.0.4"})

    with serving() as pages, contextlib.ExitStack() as stack:
        pages.respond = page
        target = pages.url.removeprefix("http://")
        (room / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s}\n"
            f"scrape_configs: [{{job_name: orders, static_configs: [{{targets: ['{target}']}}]}}]\n"
        )
        assert PROMETHEUS is not None
        log = stack.enter_context((room / "log").open("wb"))
        server = subprocess.Popen(
            [PROMETHEUS, f"--config.file={room}/prometheus.yml", f"--storage.tsdb.path={room}/data",
             f"--web.listen-address=127.0.0.1:{port}"],
            stdout=log, stderr=log,
        )  # fmt: skip
        stack.callback(server.wait)
        stack.callback(server.kill)
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: _answers(f"{address}/-/ready"), what=f"no Prometheus: {(room / 'log').read_text()[-2000:]}")
        yield address


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def collected(figures: ReportedFigures, wanted: set[Metric], seconds: float) -> list[Sample]:
    """Look again and again until each of the metrics came, for `seconds` at least."""
    samples: list[Sample] = []
    begun = time.monotonic()
    while time.monotonic() < begun + 120:
        samples += figures.of("orders", time.time(), None).samples
        if wanted <= {sample.metric for sample in samples} and time.monotonic() > begun + seconds:
            return samples
        time.sleep(0.25)
    raise AssertionError(f"missing: {wanted - {sample.metric for sample in samples}}, {figures.troubles}")


def test_series_with_known_names_come_to_the_traffic_there_was(url: str, tmp_path: Path) -> None:
    """Counted from the raw series of one selector: requests, errors, durations, CPU, memory, and that it is up."""
    settings = PluginMetrics(prometheus=url, select='{job="orders"}', pull_seconds=2.0)
    inbox = SqliteInbox(tmp_path / "inbox.db", 1_000_000)
    figures = ReportedFigures({"orders": settings}, MetricsIn(), inbox, 1.0)
    try:
        wanted = {
            Metric.CPU_CORES,
            Metric.MEMORY_BYTES,
            Metric.ERROR_RATIO,
            Metric.RESPONSE_TIME_P95_SECONDS,
            Metric.UP,
        }
        samples = collected(figures, wanted, 15.0)
    finally:
        figures.close()
        inbox.close()
    of = {metric: [(s.at, s.value) for s in samples if s.metric is metric] for metric in Metric}
    times = [at for at, _ in of[Metric.REQUESTS]]
    assert times == sorted(set(times))
    counted = sum(count for _, count in of[Metric.REQUESTS][1:])
    assert counted == pytest.approx(A_SECOND * (times[-1] - times[0]), rel=0.05)
    assert of[Metric.ERROR_RATIO][-1][1] == pytest.approx(0.1, abs=0.01)
    assert of[Metric.RESPONSE_TIME_SECONDS][-1][1] == pytest.approx(0.2)
    assert of[Metric.RESPONSE_TIME_P95_SECONDS][-1][1] == pytest.approx(0.29)
    assert of[Metric.CPU_CORES][-1][1] == pytest.approx(0.25, rel=0.1)
    assert of[Metric.MEMORY_BYTES][-1][1] == 1.5e8
    assert of[Metric.UP][-1][1] == 1.0


def test_queries_are_answered_and_refused_in_words(url: str) -> None:
    """A query of one series gives its values; one of many, a wrong one and an empty one say what is the matter, or nothing."""

    def pull(query: str, metric: str = "throughput_per_second") -> list[float]:
        puller = Puller(PluginMetrics(prometheus=url, queries={metric: query}), KNOWN, MetricsIn())
        return [point.value for point in puller.pull(time.time())[0]]

    rate = "sum(rate(http_request_duration_seconds_count[10s]))"
    wait_for(lambda: pull(rate)[-1:] == pytest.approx([A_SECOND], rel=0.1))  # it needs ten seconds of scrapes
    assert pull("histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[10s])))")[
        -1
    ] == pytest.approx(0.29)
    assert pull("sum(rate(nothing_at_all[10s]))") == []
    assert pull("0 * sum(up) / 0 * sum(up)") == []
    with pytest.raises(Unobservable, match="2 series; expected one"):
        pull("http_request_duration_seconds_count")
    with pytest.raises(Unobservable, match="parse error"):
        pull("sum(rate(")
