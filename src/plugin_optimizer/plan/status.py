"""A plugin is gone, comes and goes, or lacks processes: somebody has to look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..domain import (
    Change,
    Direction,
    Finding,
    FindingKind,
    Fleet,
    Goal,
    Knob,
    Message,
    Metric,
    PluginView,
    Prediction,
    Proposal,
    Purpose,
    Risk,
    Silence,
    SuggestionType,
    Window,
)
from ..models.series import until
from ..models.standing import age_seconds, stale_after_seconds

KINDS = (FindingKind.INACTIVE, FindingKind.RESTARTING)
STATE, RUNNING = "state", "running"  # the kind of knob that says whether it runs, and the value that says it does


@dataclass(frozen=True, slots=True)
class StatusPlanner:
    """Suggests to start again what has stopped, where a touchpoint can; else advises to look after plugins that were not found or
    that keep restarting or lack processes. Stale ones are no finding.
    """

    name: str = "status"

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            own = tuple(f for f in findings if f.plugin_id == plugin_id and f.kind in KINDS)
            if own and not view.in_flight:
                yield _started(view, own, fleet.now) or _advice(own)
                continue
            age = age_seconds(plugin_id, window, fleet.now)
            stale = age > stale_after_seconds(view.policy, window)
            reason = (
                Message("stale", {"age_seconds": age if age < float("inf") else None}) if stale else Message("is_up")
            )
            yield Silence(plugin_id, self.name, Message("in_flight") if view.in_flight else reason)


def _started(view: PluginView, findings: tuple[Finding, ...], now: float) -> Proposal | None:
    """Return the start of what has stopped; None where nothing can start it, or it rests after a change."""
    knob, plugin_id = view.knob(STATE), view.plugin.plugin_id
    gone = tuple(finding for finding in findings if finding.metric is Metric.UP)
    if knob is None or not gone or not _can_start(knob) or view.rest_until > now:
        return None
    return Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.CHECK_PLUGIN_STATUS,
        title=Message("start_unit", {"since_at_seconds": gone[0].since}),
        change=Change(plugin_id, knob.name, knob.value, RUNNING, Goal(Metric.UP, Direction.UP, Purpose.REPAIR)),
        prediction=Prediction(Metric.UP, 0.0, 1.0, 0.5, 1.0, model="start"),
        risk=Risk.MEDIUM,
        confidence=0.6,  # what made it stop is not known
        findings=findings,
        evidence=tuple(message for finding in findings for message in finding.evidence),
        judged_by=Message("judged_by_presence"),
    )


def _can_start(knob: Knob) -> bool:
    return knob.value != RUNNING and RUNNING in knob.choices


def _advice(findings: tuple[Finding, ...]) -> Proposal:
    gone = any(f.metric is Metric.UP for f in findings)
    failing = any(f.metric is Metric.FAILED_WORKERS for f in findings)
    since = {"since_at_seconds": findings[0].since}
    return Proposal(
        plugin_id=findings[0].plugin_id,
        type=SuggestionType.CHECK_PLUGIN_STATUS,
        title=Message("plugin_is_gone" if gone else "plugin_lacks_processes" if failing else "plugin_restarts", since),
        change=None,
        prediction=None,
        risk=Risk.LOW,
        confidence=min(1.0, max(f.score for f in findings)),
        findings=findings,
        evidence=tuple(message for finding in findings for message in finding.evidence),
    )
