"""A plugin in JSON: the seed's four figures in human units, everything else in SI."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ...domain import (
    Finding,
    Metric,
    Plugin,
    PluginStatus,
    Sample,
    Severity,
    Silence,
)
from ...wording import render
from ..moment import iso
from .finding import FindingView, view_finding

PERCENT = 100.0
MILLISECONDS = 1000.0


class SilenceView(msgspec.Struct, frozen=True, kw_only=True):
    planner: str
    code: str
    params: Mapping[str, str | int | float | bool | None]
    text: str


class PluginView(msgspec.Struct, frozen=True, kw_only=True):
    """A figure is null where it was not measured lately. `health` of a stale plugin is `unknown`, never `ok`."""

    plugin_id: str
    status: str
    since: str | None
    stale: bool
    touchpoint: str
    labels: Mapping[str, str]
    cpu_usage: float | None
    memory_usage: float | None
    error_rate: float | None
    response_time: float | None
    metrics: Mapping[str, float | None]
    measured_at: str | None
    health: str
    findings: tuple[FindingView, ...]
    open_suggestions: int
    silences: tuple[SilenceView, ...]
    execution_id: str | None
    sparkline: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class PluginFacts:
    """What is known of one plugin at `now`. `latest` may be older than `stale_seconds`."""

    plugin: Plugin
    status: PluginStatus
    since: float
    now: float
    stale_seconds: float
    latest: Mapping[Metric, Sample]
    findings: Sequence[Finding]
    silences: Sequence[Silence]
    open_suggestions: int
    execution_id: str | None
    sparkline: Sequence[float]

    @property
    def measured_at(self) -> float | None:
        return max((sample.at for sample in self.latest.values()), default=None)

    @property
    def stale(self) -> bool:
        return self.measured_at is None or self.now - self.measured_at > self.stale_seconds

    def value(self, metric: Metric) -> float | None:
        """Return the last value, None where it is older than `stale_seconds`."""
        sample = self.latest.get(metric)
        return None if sample is None or self.now - sample.at > self.stale_seconds else sample.value

    @property
    def health(self) -> str:
        if self.status is PluginStatus.INACTIVE:
            return "inactive"
        if self.status is PluginStatus.UNKNOWN or self.stale:
            return "unknown"
        severities = {finding.severity for finding in self.findings}
        worst = (s for s in (Severity.CRITICAL, Severity.WARNING) if s in severities)
        return next(worst, "ok")


def fields_of(facts: PluginFacts, lang: str) -> dict[str, Any]:
    """Return the fields of a PluginView, which a detail view extends."""
    plugin = facts.plugin
    return {
        "plugin_id": plugin.plugin_id,
        "status": facts.status,
        "since": iso(facts.since),
        "stale": facts.stale,
        "touchpoint": plugin.touchpoint,
        "labels": plugin.labels,
        "cpu_usage": _scaled(facts.value(Metric.CPU_RATIO), PERCENT),
        "memory_usage": _scaled(facts.value(Metric.MEMORY_RATIO), PERCENT),
        "error_rate": _scaled(facts.value(Metric.ERROR_RATIO), PERCENT),
        "response_time": _scaled(facts.value(Metric.RESPONSE_TIME_SECONDS), MILLISECONDS),
        "metrics": {metric.value: facts.value(metric) for metric in Metric},
        "measured_at": iso(facts.measured_at),
        "health": facts.health,
        "findings": tuple(view_finding(f, lang) for f in facts.findings),
        "open_suggestions": facts.open_suggestions,
        "silences": tuple(view_silence(s, lang) for s in facts.silences),
        "execution_id": facts.execution_id,
        "sparkline": tuple(facts.sparkline),
    }


def view_silence(silence: Silence, lang: str) -> SilenceView:
    reason = silence.reason
    return SilenceView(planner=silence.planner, code=reason.code, params=reason.params, text=render(reason, lang))


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
