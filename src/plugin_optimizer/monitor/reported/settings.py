"""Where the figures of one plugin come from, where we do not measure it ourselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ...domain import ConfigError, Metric
from .meaning import mapped_from

LEAST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PluginMetrics:
    """The table `[plugins.NAME.metrics]`: who may push for the plugin, what is scraped or pulled, and what names mean."""

    token: str = ""  # name of the API token that may push for this plugin; nobody else may
    service: str = ""  # its OTLP `service.name`, where a token pushes for several plugins; empty = its name
    statsd: str = ""  # prefix of its own StatsD lines (`PREFIX.requests`, `PREFIX.request.duration`…)
    scrape: str = ""  # URL of a page in Prometheus' text format
    scrape_seconds: float = 5.0  # between two scrapes
    prometheus: str = ""  # URL of a server with Prometheus' HTTP API, without `/api/v1`
    pull_seconds: float = 15.0  # between two pulls
    select: str = ""  # PromQL selector of its series there (`{job="orders"}`): those with well-known names are read raw
    bearer_file: str = ""  # file with the token that the scraped or pulled server asks for
    labels: Mapping[str, str] = field(default_factory=dict)  # only series with these labels count
    names: Mapping[str, str] = field(default_factory=dict)  # what names of its own mean
    queries: Mapping[str, str] = field(default_factory=dict)  # PromQL, by our metric; each has to give one series
    cpu_limit_cores: float | None = None  # what it may use of CPU, to know its CPU usage in per cent


def parse_metrics(table: Mapping[str, Any], where: str) -> PluginMetrics:
    """Return the settings of a plugin. Raises ConfigError, naming the key."""
    known = tuple(f.name for f in fields(PluginMetrics))
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where}: expected a table")
    for key in table:
        if key not in known:
            raise ConfigError(f"{where}.{key} is not a setting; known are {', '.join(known)}")
    try:
        settings = msgspec.convert(table, PluginMetrics)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}") from error
    _check(settings, where)
    return settings


def _check(settings: PluginMetrics, where: str) -> None:
    for key in ("scrape", "prometheus"):
        _check_url(getattr(settings, key), f"{where}.{key}")
    for key in ("scrape_seconds", "pull_seconds"):
        if not LEAST_SECONDS <= getattr(settings, key) <= 300:
            raise ConfigError(f"{where}.{key} is {getattr(settings, key):g}; expected {LEAST_SECONDS:g} to 300")
    if (settings.select or settings.queries) and not settings.prometheus:
        raise ConfigError(f"{where}: select and queries are asked of a server; name it in {where}.prometheus")
    if settings.prometheus and not (settings.select or settings.queries):
        raise ConfigError(f"{where}.prometheus: name what to ask, in {where}.select or {where}.queries")
    for metric in settings.queries:
        if metric not in set(Metric):
            raise ConfigError(f"{where}.queries.{metric} is no metric of ours; known are {', '.join(Metric)}")
    if settings.cpu_limit_cores is not None and not settings.cpu_limit_cores > 0:
        raise ConfigError(f"{where}.cpu_limit_cores is {settings.cpu_limit_cores:g}; expected more than 0")
    mapped_from(settings.names, f"{where}.names")


def _check_url(url: str, where: str) -> None:
    if not url:
        return
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        sound = False
    if not sound or parts.username is not None or any(ord(sign) <= 32 for sign in url):
        raise ConfigError(f"{where} is {url!r}; expected http://host:port/path, without a user")


def check_together(every: Mapping[str, PluginMetrics]) -> None:
    """Raise ConfigError where two plugins could not be told apart: by StatsD prefix, or by service within one token."""
    together: Mapping[str, list[tuple[str, ...]]] = {
        "statsd": [(s.statsd,) for s in every.values() if s.statsd],
        "service": [(s.token, s.service or name) for name, s in every.items() if s.token],
    }
    for what, keys in together.items():
        doubled = {key for key in keys if keys.count(key) > 1}
        if doubled:
            raise ConfigError(f"two plugins have the same {what} in their metrics: {', '.join(min(doubled))}")
