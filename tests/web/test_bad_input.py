"""Bad input is answered by a problem that says what would have been right, never by a traceback, and changes nothing."""

import json

import pytest
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, offer

HUGE = "9" * 400
DEEP = '{"revision":' + "[" * 5000 + "]" * 5000 + "}"
BODIES = [
    b"{", b"[]", b"[1]", b'"x"', b"nul", b"1", b"\xff\xfe", b'{"revision": NaN}', b'{"revision": Infinity}',
    b'{"revision": 1e999}', b'{"revision": "3"}', b'{"revision": 1.5}', b'{"revision": true}', b'{"revision": -1}',
    f'{{"revision": {HUGE}}}'.encode(), b'{"unknown": 1}', b'{"revision": 1, "state": "open"}', DEEP.encode(),
    b'{"revision": {}}', b'{"revision": 18446744073709551616}',
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:30].decode("latin-1"))
def test_a_body_that_does_not_fit(system: SmallSystem, operator: Api, body: bytes) -> None:
    """400 problem+json; nothing is executed."""
    suggestion = offer(system)
    answer = operator.post(f"/execute/{suggestion.id}", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert "Traceback" not in answer.get_data(as_text=True)
    assert system.state.executions() == []


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=501", "limit=-1", "limit=abc", "limit=1e3", f"limit={HUGE}", "limit=1&limit=2", "state=new",
        "executed=maybe", "unknown=1", "after=", "after=sg_none", "lang=fr", "plugin_id=", "plugin_id=" + "x" * 200,
        "limit=%00", "a%00=1", "limit=nan",
    ],
)  # fmt: skip
def test_a_query_that_does_not_fit(system: SmallSystem, viewer: Api, query: str) -> None:
    """400 problem+json that names the parameter or the value."""
    offer(system)
    answer = viewer.get(f"/suggestions?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize(
    "query",
    ["metric=nope", "points=1", "points=1000000", "from=yesterday", "from=nan", "to=1e999", "from=2026-01-01T00:00:00",
     "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from=-5", "from=99999999999999999999", f"to={'9' * 39}"],
)  # fmt: skip
def test_a_range_that_does_not_fit(system: SmallSystem, viewer: Api, query: str) -> None:
    """Metrics, points and times are checked."""
    add_plugin(system)
    assert viewer.get(f"/plugins/orders/metrics?{query}").status_code == 400


def test_a_range_is_asked_for_by_from_and_to(system: SmallSystem, viewer: Api) -> None:
    """By the names that the documentation gives, which are no names in Python."""
    add_plugin(system)
    course = viewer.get("/plugins/orders/metrics?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z").json
    assert (course["from"], course["to"]) == ("2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z")


def test_bodies_have_a_size_and_a_type(operator: Api, system: SmallSystem) -> None:
    """413 beyond 256 KiB, 415 for another media type."""
    suggestion = offer(system)
    big = json.dumps({"reason": "x" * 300_000})
    path = f"/suggestions/{suggestion.id}/dismiss"
    assert operator.post(path, data=big, content_type="application/json").status_code == 413
    assert operator.post(path, data="reason=x", content_type="application/x-www-form-urlencoded").status_code == 415
    assert operator.post(path, json={"reason": "x" * 501}).status_code == 400
    assert operator.post(path, json={"reason": "a\x00b"}).status_code == 400
    assert system.state.suggestion(suggestion.id).state == "open"


@pytest.mark.parametrize(
    "path",
    ["/suggestions/sg_none", "/executions/ex_none", "/plugins/none", "/policies/none", "/plugins/none/metrics",
     "/nothing", "/", "/suggestions/", "/suggestions/a/b/c", "/%2e%2e/etc", "/plugins/%00"],
)  # fmt: skip
def test_what_is_not_there(viewer: Api, path: str) -> None:
    """404 problem+json for unknown things and unknown endpoints (400 for what can be no name)."""
    answer = viewer.get(path)
    assert answer.status_code in {400, 404}
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/suggestions"), ("PUT", "/execute/x"), ("GET", "/execute/x"), ("TRACE", "/history")],
)
def test_a_method_that_does_not_fit(operator: Api, method: str, path: str) -> None:
    """405 with Allow."""
    answer = operator(method, path)
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert answer.headers["Allow"]


def test_the_hosts_own_404_stays_its_own(app, nobody: Api) -> None:  # type: ignore[no-untyped-def]
    """Outside our base the host answers as it always did."""
    answer = app.test_client().get("/elsewhere")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert nobody.client.get("/api/plugin-optimizationX").mimetype == "text/html"


@pytest.mark.parametrize("header", ['"x"', "abc", '"1', 'W/"1"', '"99999999999999999999"', "", '"-1"'])
def test_an_if_match_that_is_no_revision(system: SmallSystem, operator: Api, header: str) -> None:
    """400, not an execution of whatever stands there."""
    suggestion = offer(system)
    answer = operator.post(f"/execute/{suggestion.id}", headers={"If-Match": header})
    assert answer.status_code in {400, 412}
    assert system.state.executions() == []


@pytest.mark.parametrize(
    "body",
    [{"cpu_ratio": 2}, {"cpu_ratio": -0.1}, {"cpu_ratio": "high"}, {"mode": "yolo"}, {"max_workers": 0}, {"nope": 1},
     {"max_workers": 1.5}, {"memory_limit_bytes": 5}, {"response_time_seconds": 1e14}, {"min_workers": 50}, []],
)  # fmt: skip
def test_a_policy_that_does_not_fit(system: SmallSystem, admin: Api, body: object) -> None:
    """400 that names the field; the stored policy stays what it was."""
    answer = admin.change("/policies/default", json=body)
    assert answer.status_code == 400
    assert system.state.policies() == {}


def test_every_answer_carries_security_headers(viewer: Api, nobody: Api) -> None:
    """Problems and answers alike."""
    for answer in (viewer.get("/suggestions"), nobody.get("/suggestions"), viewer.get("/nothing")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
