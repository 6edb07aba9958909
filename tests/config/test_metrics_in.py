"""The settings of figures that others measure: what is wrong with them is said at the start."""

from typing import Any

import pytest

from plugin_optimizer.bootstrap import check_config
from plugin_optimizer.config import parse_config
from plugin_optimizer.domain import ConfigError
from plugin_optimizer.monitor.reported.meaning import mapped_from, scale_of


def parsed(metrics: dict[str, Any], **other: dict[str, Any]) -> Any:
    plugins = {"orders": {"touchpoint": "reported", "metrics": metrics}}
    plugins |= {name: {"touchpoint": "reported", "metrics": table} for name, table in other.items()}
    return parse_config({"plugins": plugins})


def test_a_plugin_that_is_only_reported_on_needs_no_address() -> None:
    """Its table says where its figures come from; nothing of it becomes an address."""
    config = parsed(
        {
            "token": "agent",
            "scrape": "http://127.0.0.1:9100/metrics",
            "names": {"x_ms": "request_duration_milliseconds"},
        }
    )
    check_config(config)
    assert config.plugins[0].touchpoint == "reported"
    assert config.plugins[0].address == {}
    assert config.metrics["orders"].scrape_seconds == 5.0


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ({"tokn": "x"}, "plugins.orders.metrics.tokn is not a setting; known are token"),
        ({"scrape": "ftp://a/b"}, "expected http://host:port/path"),
        ({"scrape": "http://user:secret@a/b"}, "without a user"),
        ({"scrape": "http://a b/"}, "expected http://host:port/path"),
        ({"scrape": "http://a:99999/"}, "expected http://host:port/path"),
        ({"scrape_seconds": 0.1}, "expected 1 to 300"),
        ({"select": "{}"}, "name it in plugins.orders.metrics.prometheus"),
        ({"prometheus": "http://p:9090"}, "name what to ask"),
        (
            {"prometheus": "http://p:9090", "queries": {"cpu": "x"}},
            "queries.cpu is no metric of ours; known are cpu_cores",
        ),
        ({"names": {"x": "latency"}}, "plugins.orders.metrics.names.x is 'latency'; expected one of request_duration"),
        ({"cpu_limit_cores": 0}, "expected more than 0"),
        ({"labels": {"a": 5}}, "plugins.orders.metrics"),
        ([], "expected a table"),
    ],
)
def test_what_does_not_fit_names_the_key(metrics: Any, said: str) -> None:
    """And says what would have been right."""
    with pytest.raises(ConfigError) as raised:
        parsed(metrics)
    assert said in str(raised.value)


def test_two_plugins_have_to_be_told_apart() -> None:
    """Neither one StatsD prefix nor one service of one token may stand for two."""
    with pytest.raises(ConfigError, match="statsd"):
        parsed({"statsd": "shop"}, menu={"statsd": "shop"})
    with pytest.raises(ConfigError, match="service"):
        parsed({"token": "a", "service": "menu"}, menu={"token": "a"})
    parsed({"token": "a"}, menu={"token": "a"})
    parsed({"token": "a", "service": "x"}, menu={"token": "b", "service": "x"})


def test_there_is_no_unlimited() -> None:
    """A limit of 0 is an error, not the absence of one."""
    with pytest.raises(ConfigError, match=r"metrics_in\.points is 0; expected more than 0"):
        parse_config({"metrics_in": {"points": 0}})
    with pytest.raises(ConfigError, match="known are enabled, body_bytes"):
        parse_config({"metrics_in": {"size": 5}})


@pytest.mark.parametrize(
    ("name", "unit", "scale"),
    [
        ("http.server.request.duration", "s", 1.0),
        ("http.server.duration", "ms", 1e-3),
        ("http.server.duration", "", 1e-3),
        ("http_server_duration_milliseconds", "", 1e-3),
        ("http_request_duration_seconds", "", 1.0),
        ("process_cpu_seconds_total", "", 1.0),
        ("process.memory.usage", "By", 1.0),
        ("up", "", 1.0),
        ("own_ms", "s", 1e-3),
        ("own_bare", "", 1.0),
        ("own_bare", "us", 1e-6),
    ],
)
def test_units_come_to_si(name: str, unit: str, scale: float) -> None:
    """By what the configuration says, else what is sent, else the end of the name."""
    mapped = mapped_from({"own_ms": "request_duration_milliseconds", "own_bare": "request_duration"}, "names")
    assert scale_of(mapped[name], name, unit) == pytest.approx(scale)
