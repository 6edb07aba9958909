"""A plugin is gone, comes and goes, or lacks processes: somebody has to look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..domain import (
    LIFE,
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
    following,
)
from ..models.life import age_seconds as life_seconds
from ..models.series import until
from ..models.standing import age_seconds, stale_after_seconds

KINDS = (FindingKind.INACTIVE, FindingKind.RESTARTING)
HEALTH_GOAL = Goal(Metric.HEALTHY, Direction.UP, Purpose.RENEW)
STATE, RUNNING = "state", "running"  # the kind of knob that says whether it runs, and the value that says it does


@dataclass(frozen=True, slots=True)
class StatusPlanner:
    """Suggests to start again what has stopped, and to restart what runs and fails its own health check, where a touchpoint can; else
    advises to look after plugins that were not found or that keep restarting or lack processes. Stale ones are no finding.

    What falls ill within `least_life_seconds` of its start is not cured by a restart: it would be restarted in a loop.
    """

    name: str = "status"
    least_life_seconds: float = 600.0

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            own = tuple(f for f in findings if f.plugin_id == plugin_id and f.kind in KINDS)
            if own and not view.in_flight:
                yield _started(view, own, fleet.now) or self._restarted(view, own, fleet.now) or _advice(own)
                continue
            age = age_seconds(plugin_id, window, fleet.now)
            stale = age > stale_after_seconds(view.policy, window)
            reason = (
                Message("stale", {"age_seconds": age if age < float("inf") else None}) if stale else Message("is_up")
            )
            yield Silence(plugin_id, self.name, Message("in_flight") if view.in_flight else reason)

    def _restarted(self, view: PluginView, findings: tuple[Finding, ...], now: float) -> Proposal | None:
        """Return the restart of what runs and does not work; None where nothing can restart it, or it rests or lives too shortly."""
        life, plugin_id = view.knob(LIFE), view.plugin.plugin_id
        ill = tuple(finding for finding in findings if finding.metric is Metric.HEALTHY)
        if life is None or not ill or view.rest_until > now or life_seconds(life, now) < self.least_life_seconds:
            return None
        return Proposal(
            plugin_id=plugin_id,
            type=SuggestionType.CHECK_PLUGIN_STATUS,
            title=Message("restart_ill", {"since_at_seconds": ill[0].since}),
            change=Change(plugin_id, life.name, life.value, following(str(life.value)), HEALTH_GOAL),
            prediction=Prediction(Metric.HEALTHY, 0.0, 1.0, 0.5, 1.0, model="start"),
            risk=Risk.MEDIUM,
            confidence=0.6,  # what made it ill is not known
            findings=findings,
            evidence=(*(message for finding in findings for message in finding.evidence), Message("restart_is_final")),
            judged_by=Message("judged_by_health"),
        )


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
    ill = any(f.metric is Metric.HEALTHY for f in findings)
    since = {"since_at_seconds": findings[0].since}
    code = (
        "plugin_is_gone"
        if gone
        else "plugin_lacks_processes"
        if failing
        else "plugin_is_ill"
        if ill
        else "plugin_restarts"
    )
    return Proposal(
        plugin_id=findings[0].plugin_id,
        type=SuggestionType.CHECK_PLUGIN_STATUS,
        title=Message(code, since),
        change=None,
        prediction=None,
        risk=Risk.LOW,
        confidence=min(1.0, max(f.score for f in findings)),
        findings=findings,
        evidence=tuple(message for finding in findings for message in finding.evidence),
    )
