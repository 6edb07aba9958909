"""A page in Prometheus' text format: what is read of it, and what hostile pages come to."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import InvalidValue
from plugin_optimizer.monitor.reported.exposition import Page, lines_of
from plugin_optimizer.monitor.reported.limits import MetricsIn
from plugin_optimizer.monitor.reported.meaning import KNOWN, mapped_from
from plugin_optimizer.monitor.reported.points import Kind, Point

NOW = 1_800_000_000.0

PAGE = """\
# HELP flask_http_request_duration_seconds Flask HTTP request duration in seconds
# TYPE flask_http_request_duration_seconds histogram
flask_http_request_duration_seconds_bucket{le="0.1",method="GET",path="/a \\"b\\" \\\\ }",status="200"} 8
flask_http_request_duration_seconds_bucket{le="0.5",method="GET",path="/a \\"b\\" \\\\ }",status="200"} 10
flask_http_request_duration_seconds_bucket{le="+Inf",method="GET",path="/a \\"b\\" \\\\ }",status="200"} 12
flask_http_request_duration_seconds_count{method="GET",path="/a \\"b\\" \\\\ }",status="200"} 12
flask_http_request_duration_seconds_sum{method="GET",path="/a \\"b\\" \\\\ }",status="200"} 3.5
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.25 1799999990000
process_resident_memory_bytes 1.2e+08
somebody_elses_metric{a="b",} 7
rpc_server_duration_milliseconds_sum{code="5xx"} 400
rpc_server_duration_milliseconds_count{code="5xx"} 4
rpc_server_duration_milliseconds{code="5xx",quantile="0.95"} 90
rpc_server_duration_milliseconds{code="5xx",quantile="0.5"} NaN
"""


def read(text: str, limits: MetricsIn | None = None, **only: str) -> tuple[dict[str, Point], Page]:
    page = Page(KNOWN, only, limits or MetricsIn(), NOW)
    return {point.name: point for point in page.points(lines_of(text, KNOWN))}, page


def test_an_example_by_hand() -> None:
    """Histogram, counter with its own time, gauge, and a summary in milliseconds; what means nothing to us is passed over."""
    found, page = read(PAGE)
    flask = found["flask_http_request_duration_seconds"]
    assert (flask.bounds, flask.counts, flask.value, flask.failed) == ((0.1, 0.5), (8.0, 2.0, 2.0), 3.5, False)
    cpu = found["process_cpu_seconds_total"]
    assert (cpu.kind, cpu.value, cpu.at) == (Kind.CUMULATIVE, 12.25, 1_799_999_990.0)
    assert (found["process_resident_memory_bytes"].kind, found["process_resident_memory_bytes"].value) == (
        Kind.GAUGE,
        1.2e8,
    )
    rpc = found["rpc_server_duration_milliseconds"]
    assert (rpc.counts, rpc.value, rpc.failed) == ((4.0,), pytest.approx(0.4), True)
    assert found["rpc_server_duration_milliseconds:0.95"].value == pytest.approx(0.09)
    assert "rpc_server_duration_milliseconds:0.5" not in found
    assert len(found) == 5
    assert not page.refused


def test_only_series_with_the_plugins_labels_count() -> None:
    """Where one page speaks of several plugins, labels tell whose a series is."""
    text = 'http_requests_total{app="orders"} 5\nhttp_requests_total{app="menu"} 7\n'
    assert [point.value for point in read(text, app="menu")[0].values()] == [7.0]
    assert read(text, app="other")[0] == {}


def test_the_order_of_labels_is_of_no_matter() -> None:
    """The same series is the same, however it is written."""
    one, _ = read('http_requests_total{a="1",b="2"} 5')
    two, _ = read('http_requests_total{ b = "2" , a="1" , } 5')
    assert one["http_requests_total"].series == two["http_requests_total"].series


@pytest.mark.parametrize(
    "line",
    [
        'http_requests_total{a="b" 5', 'http_requests_total{a=b} 5', "http_requests_total", "http_requests_total x",
        "http_requests_total 5 6 7", 'http_requests_total{a="1",a="2"} 5', "{} 5", "<html>", 'http_requests_total{a="b}',
    ],
)  # fmt: skip
def test_a_page_that_is_none_says_where(line: str) -> None:
    """An HTML page or a broken line is an error that names the line; nothing is taken from half a page."""
    with pytest.raises(InvalidValue, match="line 2"):
        read(f"process_cpu_seconds_total 1\n{line}\n")


@pytest.mark.parametrize(
    "text",
    [
        "process_resident_memory_bytes NaN", "process_resident_memory_bytes +Inf", "process_cpu_seconds_total -1",
        "process_resident_memory_bytes 1e300", "process_cpu_seconds_total 5 9999999999999999",
        "process_cpu_seconds_total 5 1000",
        'http_request_duration_seconds_bucket{le="1"} 5\nhttp_request_duration_seconds_count 3\nhttp_request_duration_seconds_sum 1',
        'http_request_duration_seconds_bucket{le="nan"} 5\nhttp_request_duration_seconds_count 9\nhttp_request_duration_seconds_sum 1',
        'http_request_duration_seconds_bucket{le="1"} 5\nhttp_request_duration_seconds_count 6\nhttp_request_duration_seconds_sum NaN',
        'http_request_duration_seconds_bucket{le="1"} 5',
        f'http_requests_total{{{",".join(f"{chr(97 + n)}x=%s" % chr(34) + "1" + chr(34) for n in range(17))}}} 5',
        f'http_requests_total{{a="{"x" * 257}"}} 5', f'http_requests_total{{{"a" * 65}="x"}} 5',
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_alone(text: str) -> None:
    """NaN, negative counters, impossible times, broken histograms and too many labels: counted with a reason, the rest is kept."""
    found, page = read(f'{text}\nprocess_resident_memory_bytes{{pid="7"}} 5\n')
    assert [point.value for point in found.values()] == [5.0]
    assert page.refused.total() == 1
    assert page.said


def test_a_million_labels_are_not_kept() -> None:
    """More lines than a page may have end it; names that mean nothing cost next to nothing, however many they are."""
    flood = "\n".join(f'http_requests_total{{user="{n}"}} 1' for n in range(20_001))
    with pytest.raises(InvalidValue, match="20000"):
        read(flood)
    strangers = "\n".join(f'thing_{n % 7}{{user="{n}"}} 1' for n in range(100_000))
    begun = time.thread_time()
    assert read(strangers)[0] == {}
    assert time.thread_time() - begun < 2.0


def test_a_label_of_a_million_signs_is_read_in_linear_time() -> None:
    """No pattern of ours looks back."""
    begun = time.thread_time()
    for sign in ("\\", "\\\\", '\\"', "a", "{", ","):
        text = f'http_requests_total{{a="{sign * 500_000}'
        with pytest.raises(InvalidValue):
            read(text)
    assert time.thread_time() - begun < 2.0


LABELS = st.dictionaries(
    st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True).filter(
        lambda n: n not in {"le", "quantile", "status", "code"}
    ),
    st.text(st.characters(codec="utf-8"), max_size=20),
    max_size=5,
)


def written(name: str, labels: dict[str, str], value: float) -> str:
    signs = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}
    inside = ",".join(f'{n}="{"".join(signs.get(s, s) for s in v)}"' for n, v in labels.items())
    return f"{name}{{{inside}}} {value!r}"


@given(LABELS, st.floats(0, 1e15))
def test_what_is_written_is_what_is_read(labels: dict[str, str], value: float) -> None:
    """Any labels, escaped as the format asks, and any number come back."""
    (line,) = lines_of(written("http_requests_total", labels, value), KNOWN)
    assert (line.labels, line.value) == (labels, value)


@given(st.text(max_size=300))
def test_any_text_is_a_page_or_an_error(text: str) -> None:
    """Nothing but InvalidValue ever comes out."""
    mapped = mapped_from({"a": "request_duration", "b": "memory_bytes"}, "names")
    page = Page(mapped, {}, MetricsIn(), NOW)
    try:
        points = page.points(lines_of(text, mapped))
    except InvalidValue:
        return
    assert all(math.isfinite(point.value) for point in points)
