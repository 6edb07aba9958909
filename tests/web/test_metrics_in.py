"""Figures sent to us over real HTTP: what is taken, from whom, and what is said of the rest."""

import gzip
import json
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToJson
from monitor.reported import otlp_messages as otlp
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from web.sending import GZIP, JSON, PROTOBUF, Receiver, receiver

from plugin_optimizer.domain import Metric
from plugin_optimizer.monitor.reported.limits import MetricsIn

pytestmark = pytest.mark.live


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Receiver]:
    with receiver(tmp_path) as made:
        yield made


def test_json_is_taken_and_becomes_samples(server: Receiver) -> None:
    """Our own names in SI units, and the seed's in per cent and milliseconds."""
    answer = server.push(
        "orders",
        {"metric": "response_time_p95_seconds", "value": 0.8, "at": time.time()},
        {"metric": "cpu_usage", "value": 45},
        {"metric": "response_time", "value": 120},
    )
    assert (answer.status_code, answer.json()) == (200, {"accepted": 3, "rejected": 0, "refused": []})
    found = {sample.metric: sample.value for sample in server.look()}
    assert found == {
        Metric.RESPONSE_TIME_P95_SECONDS: 0.8,
        Metric.CPU_RATIO: 0.45,
        Metric.RESPONSE_TIME_SECONDS: 0.12,
        Metric.UP: 1.0,
    }
    assert {s.plugin_id for s in server.look()} == {"orders"}


def test_samples_that_do_not_fit_are_refused_one_by_one(server: Receiver) -> None:
    """Each says what would have been right; the others are taken."""
    answer = server.push(
        "orders",
        {"metric": "cpu_cores", "value": 1.5},
        {"metric": "cpu", "value": 1.5},
        {"metric": "memory_bytes", "value": -1},
        {"metric": "memory_bytes", "value": 1, "at": time.time() + 3_600},
        {"metric": "memory_bytes", "value": 1, "at": "yesterday"},
        {"metric": "up", "value": 1},
    ).json()
    assert (answer["accepted"], answer["rejected"]) == (1, 5)
    details = [each["detail"] for each in answer["refused"]]
    for number, said in enumerate(("known are cpu_usage", "0 or more", "in the future", "ISO 8601", "is no metric")):
        assert said in details[number]
    assert server.hits() == {"figures": 5}


def test_protobuf_and_json_are_taken_alike_compressed_or_not(server: Receiver) -> None:
    """The four ways an SDK or Collector may send lead to the same samples, answered in the encoding they came in."""
    begin = otlp.now() - 20

    def sent(at: float, requests: int, form: str) -> None:
        message = otlp.report(at, requests, 0)
        raw = (
            message.SerializeToString()
            if "protobuf" in form
            else MessageToJson(message, use_integers_for_enums=True).encode()
        )
        headers = PROTOBUF if "protobuf" in form else JSON
        if "gzip" in form:
            raw, headers = gzip.compress(raw), {**headers, **GZIP}
        answer = server.post("/v1/metrics", raw, headers)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, headers["Content-Type"])
        if "protobuf" in form:
            assert ExportMetricsServiceResponse.FromString(answer.content) == ExportMetricsServiceResponse()
        else:
            assert answer.json() == {}

    for number, form in enumerate(("protobuf", "json", "gzip protobuf", "gzip json", "protobuf")):
        sent(begin + 5 * number, 100 * number, form)
    samples = server.look()
    assert sum(s.value for s in samples if s.metric is Metric.REQUESTS) == 400
    assert {round(s.value, 3) for s in samples if s.metric is Metric.RESPONSE_TIME_SECONDS} == {0.05}
    assert {round(s.value, 3) for s in samples if s.metric is Metric.CPU_CORES} == {0.2}


def test_a_partial_success_says_how_many_and_why(server: Receiver) -> None:
    """As the protocol defines: 200, the number of refused data points, and a message for people."""
    good, bad = (
        otlp.number(otlp.now(), "process.memory.usage", 1e8, monotonic=False),
        otlp.number(otlp.now(), "process.cpu.time", -1.0),
    )
    message = otlp.request(good, bad)
    answer = server.post("/v1/metrics", message.SerializeToString(), PROTOBUF)
    partial = ExportMetricsServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_data_points) == (200, 1)
    assert "below zero" in partial.error_message
    told = server.post("/v1/metrics", MessageToJson(message, use_integers_for_enums=True).encode(), JSON).json()
    assert told["partialSuccess"]["rejectedDataPoints"] == "1"


def test_whose_figures_they_are_is_not_the_senders_to_say(server: Receiver) -> None:
    """A token speaks for the plugins that name it; any other gets 404, a stranger's service is refused."""
    assert server.push("billing", {"metric": "cpu_cores", "value": 1}).status_code == 404
    assert "orders, menu" in server.push("billing", {"metric": "cpu_cores", "value": 1}).json()["detail"]
    assert server.push("orders", {"metric": "cpu_cores", "value": 1}, token="other").status_code == 404
    assert server.push("orders", {"metric": "cpu_cores", "value": 1}, token="admin").status_code == 404
    assert server.push("orders", {"metric": "cpu_cores", "value": 1}, token=None).status_code == 401
    assert server.post("/v1/metrics", b"", PROTOBUF, token=None).status_code == 401
    answer = server.post("/v1/metrics", b"", PROTOBUF, token="idle")
    assert answer.status_code == 404
    assert b"sends_for_no_plugin" in answer.content
    message = otlp.report(otlp.now(), 5, service="billing")
    partial = ExportMetricsServiceResponse.FromString(
        server.post("/v1/metrics", message.SerializeToString(), PROTOBUF).content
    )
    assert partial.partial_success.rejected_data_points == 4
    server.figures.receive(time.time())
    assert server.figures.pushed == {}


def test_a_sender_sees_nothing(server: Receiver) -> None:
    """The role of those who push reads neither plugins nor health's details."""
    import requests

    headers = {"Authorization": f"Bearer {server.secrets['agent']}"}
    for path in ("/plugins", "/suggestions", "/audit", "/doctor"):
        assert requests.get(f"{server.url}{path}", headers=headers, timeout=30).status_code == 403


BOMB = gzip.compress(b"\x00" * 60_000_000)
NESTED = gzip.compress(gzip.compress(b"{}"))


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (BOMB, {**JSON, **GZIP}, 413, "inflation_too_large"),
        (BOMB, {**PROTOBUF, **GZIP}, 413, "inflation_too_large"),
        (zlib.compress(b"{}"), {**JSON, **GZIP}, 400, "malformed_gzip"),
        (gzip.compress(b"{}" * 99)[:-4], {**JSON, **GZIP}, 400, "malformed_gzip"),
        (gzip.compress(b"{}") * 2, {**JSON, **GZIP}, 400, "malformed_gzip"),
        (b"not gzip", {**JSON, **GZIP}, 400, "malformed_gzip"),
        (b"{}", {**JSON, "Content-Encoding": "gzip, gzip"}, 415, "unsupported_encoding"),
        (b"{}", {**JSON, "Content-Encoding": "br"}, 415, "unsupported_encoding"),
        (b"x" * 5_000_000, PROTOBUF, 413, "content_too_large"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (b"\xff\xff\xff\xff", PROTOBUF, 400, "malformed_otlp"),
        (b"\x0a\x00" * 1_000_000, PROTOBUF, 400, "malformed_otlp"),
        (b"{", JSON, 400, "malformed_otlp"),
        (b"[" * 100_000, JSON, 400, "malformed_otlp"),
        (NESTED, {**JSON, **GZIP}, 400, "malformed_otlp"),
        (b'{"resourceMetrics": 5}', JSON, 400, "malformed_otlp"),
    ],
    ids=[
        "json bomb", "protobuf bomb", "zlib", "cut off", "two streams", "no gzip", "gzip twice", "brotli", "too large",
        "text", "no protobuf", "million messages", "half json", "deep json", "nested gzip", "wrong type",
    ],
)  # fmt: skip
def test_hostile_bodies_are_refused_with_what_would_have_been_right(
    server: Receiver, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    """Bombs, nesting, wrong encodings and wrong types: the right status, a code, and the server goes on."""
    answer = server.post("/v1/metrics", body, headers)
    assert answer.status_code == status
    assert code.encode() in answer.content
    assert server.hits() == {code: 1}
    assert server.push("orders", {"metric": "cpu_cores", "value": 1}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"samples": [{"metric": "cpu_cores", "value": "5"}]}, 400),
        ({"samples": [{"metric": "cpu_cores"}]}, 400),
        ({"samples": [{"metric": "cpu_cores", "value": 1, "plugin_id": "menu"}]}, 400),
        ({"samples": {}}, 400),
        ({"sample": []}, 400),
        (b'{"samples": [{"metric": "cpu_cores", "value": NaN}]}', 400),
        (b'{"samples": [{"metric": "cpu_cores", "value": 1e999}]}', 400),
        (b'{"samples": [' + b"[" * 50_000, 400),
        (b'{"samples": [' + b'{"metric":"cpu_cores","value":1},' * 20_001 + b"]}", 413),
        (b"", 400),
    ],
    ids=[
        "text for number", "no value", "another plugin", "no list", "unknown field", "NaN", "infinite", "deep", "too many",
        "empty",
    ],
)  # fmt: skip
def test_json_that_does_not_fit_is_refused(server: Receiver, body: object, status: int) -> None:
    """Wrong types, unknown fields, numbers that are none, too many samples."""
    answer = server.post("/plugins/orders/metrics/push", body)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    server.figures.receive(time.time())
    assert server.figures.pushed == {}


def test_a_bomb_takes_no_memory(server: Receiver) -> None:
    """60 MB behind 60 kB are never inflated: the process, which serves in here, grows by less than 64 MiB."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(5):
        assert server.post("/v1/metrics", BOMB, {**JSON, **GZIP}).status_code == 413
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_a_hasty_sender_is_told_to_wait(tmp_path: Path) -> None:
    """Requests and points each have their rate; 429 says after how long, and others are served meanwhile."""
    limits = MetricsIn(requests_per_second=0.5, requests_at_once=3, points_per_second=1.0)
    with receiver(tmp_path, limits) as server:
        sample = {"metric": "cpu_cores", "value": 1}
        answers = [server.push("orders", sample) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[3].headers["Retry-After"]) <= 2
        assert server.push("billing", *[sample] * 10, token="other").status_code == 200
        too_many = server.push("billing", *[sample] * 10, token="other")
        assert (too_many.status_code, too_many.json()["code"]) == (429, "too_many_points")
        assert server.hits() == {"too_many_requests": 1, "too_many_points": 1}


def test_where_nobody_looks_no_more_is_taken(tmp_path: Path) -> None:
    """When the loop stands still the inbox fills to its limit, then senders are put off; afterwards all goes on."""
    with receiver(tmp_path, MetricsIn(waiting_bytes=20_000)) as server:
        samples = [{"metric": "cpu_cores", "value": 1}] * 200
        answers = [server.push("orders", *samples) for _ in range(4)]
        assert answers[0].status_code == 200
        assert (answers[-1].status_code, answers[-1].json()["code"]) == (503, "inbox_full")
        assert answers[-1].headers["Retry-After"] == "30"
        server.look()
        assert server.push("orders", *samples).status_code == 200


def test_limits_that_were_hit_are_shown(server: Receiver) -> None:
    """Health and doctor name the sender, what happened, and what to do, in both languages."""
    import requests

    server.post("/v1/metrics", BOMB, {**JSON, **GZIP})
    server.push("orders", {"metric": "cpu", "value": 1})
    headers = {"Authorization": f"Bearer {server.secrets['admin']}"}
    for lang, word in (("en", "from agent"), ("ko", "agent")):
        health = requests.get(f"{server.url}/health?lang={lang}", headers=headers, timeout=30).json()
        found = {check["code"]: check for check in health["checks"]}
        for code in ("metrics_in_inflation_too_large", "metrics_in_figures"):
            assert not found[code]["ok"]
            assert word in found[code]["text"]
            assert found[code]["help"]
    doctor = requests.get(f"{server.url}/doctor", headers=headers, timeout=30).json()
    assert "metrics_in_figures" in json.dumps(doctor)


def test_switched_off_nothing_is_taken(tmp_path: Path) -> None:
    """`metrics_in.enabled = false` answers 404 and says why."""
    with receiver(tmp_path, MetricsIn(enabled=False)) as server:
        answer = server.push("orders", {"metric": "cpu_cores", "value": 1})
        assert (answer.status_code, answer.json()["code"]) == (404, "metrics_in_off")


def test_many_senders_at_once_lose_nothing(server: Receiver) -> None:
    """Thirty requests from ten threads, put off where too many come at a time: each one answered 200 is found."""
    taken: list[float] = []
    lock = threading.Lock()
    begin = time.time() - 100

    def send(number: int) -> None:
        for turn in range(3):
            at = begin + number * 3 + turn
            while server.push("orders", {"metric": "cpu_cores", "value": at, "at": at}).status_code != 200:
                time.sleep(0.2)
            with lock:
                taken.append(at)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.figures.receive(time.time())
    assert sorted(point.value for point in server.figures.pushed["orders"]) == sorted(taken)
    assert len(taken) == 30
