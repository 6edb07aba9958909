"""A Blueprint is a plugin of its own: its requests, its errors, its use of the CPU, and nobody else's."""

import time
from pathlib import Path

import numpy as np
import pytest
from flask import Blueprint, Flask

from plugin_optimizer.domain import Metric
from plugin_optimizer.monitor.inside import InsideSource
from plugin_optimizer.monitor.probe_source import ProbeSource
from plugin_optimizer.monitor.request_samples import samples_of_trace
from plugin_optimizer.probe import channel, instrument, registry


@pytest.fixture
def host(request: pytest.FixtureRequest) -> str:
    return channel.plugin_name(request.node.name[-40:])


def shop() -> Flask:
    app = Flask("shop")
    billing, search = Blueprint("Billing", "billing"), Blueprint("search", "search", url_prefix="/search")
    nested = Blueprint("suggest", "suggest", url_prefix="/suggest")

    @billing.get("/bill")
    def bill() -> str:
        began = time.thread_time()
        while time.thread_time() - began < 0.02:
            pass
        return "bill"

    @billing.get("/broken")
    def broken() -> str:
        raise LookupError("no such bill")

    @search.get("/")
    def find() -> str:
        time.sleep(0.02)
        return "found"

    @nested.get("/")
    def suggest() -> str:
        return "perhaps"

    @app.get("/")
    def home() -> str:
        return "home"

    search.register_blueprint(nested)
    app.register_blueprint(billing)
    app.register_blueprint(search)
    return app


@pytest.fixture
def source(tmp_path: Path, host: str) -> InsideSource:
    app = instrument(shop(), plugin=host, home=tmp_path)
    client = app.test_client()
    for path in ("/", "/bill", "/bill", "/broken", "/search/", "/search/", "/search/", "/search/suggest/", "/nowhere"):
        with client.get(path):
            pass
    registry.named(host).turn()
    return InsideSource(ProbeSource(tmp_path))


def test_each_request_is_its_hosts_and_its_blueprints(source: InsideSource, host: str) -> None:
    """All of them the host's, in whatever order one asks; a Blueprint inside another one is a plugin, too."""
    billing = source.read(f"{host}.billing")
    assert len(source.read(host)) == 9
    assert (len(billing), len(source.read(f"{host}.search")), len(source.read(f"{host}.search.suggest"))) == (3, 3, 1)
    assert [len(source.read(name)) for name in (host, f"{host}.billing", f"{host}.search")] == [0, 0, 0]
    assert source.plugins() == sorted([host, f"{host}.billing", f"{host}.search", f"{host}.search.suggest"])


def test_errors_are_those_of_the_blueprint_that_raised_them(source: InsideSource, host: str) -> None:
    """The host has them all."""
    assert [group.exception for group in source.errors(host)] == ["LookupError"]
    assert [group.exception for group in source.errors(f"{host}.billing")] == ["LookupError"]
    assert source.errors(f"{host}.search") == []


def test_kinds_of_requests_are_those_of_the_blueprint(source: InsideSource, host: str) -> None:
    """The route stands beside it."""
    found = {dict(each.values)["route"] for each in source.attributes(f"{host}.billing").values()}
    assert found == {"/bill", "/broken"}
    assert source.attributes("nobody.billing") == {}


def test_what_it_computed_is_its_use_of_the_cpu(source: InsideSource, host: str) -> None:
    """Two bills of 20 ms each in ten seconds on two cores; waiting costs nothing."""
    now = time.time() + 1.0
    used = {}
    for name in ("billing", "search"):
        trace = source.read(f"{host}.{name}")
        samples = samples_of_trace(name, trace, now - 10.0, now, None, cores=2.0)
        used[name] = {sample.metric: sample.value for sample in samples}
    assert used["billing"][Metric.CPU_CORES] == pytest.approx(0.0041, abs=0.0015)
    assert used["billing"][Metric.CPU_RATIO] == pytest.approx(used["billing"][Metric.CPU_CORES] / 2)
    assert used["search"][Metric.CPU_CORES] < 0.0015


def test_where_threads_are_shared_no_cpu_is_told(source: InsideSource, host: str) -> None:
    """Under gevent the time of a thread is everybody's: the figure is dropped, the others stay."""
    trace = source.read(f"{host}.billing")
    unknown = type(trace)(*(np.full(3, np.nan) if n == "cpu" else getattr(trace, n) for n in trace.__slots__))
    now = time.time() + 1.0
    metrics = {sample.metric for sample in samples_of_trace("b", unknown, now - 10.0, now, None, cores=2.0)}
    assert Metric.CPU_CORES not in metrics
    assert Metric.ERROR_RATIO in metrics
