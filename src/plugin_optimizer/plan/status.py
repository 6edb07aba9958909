"""A plugin is gone, or comes and goes: somebody has to look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..domain import Finding, FindingKind, Fleet, Message, Proposal, Risk, Silence, SuggestionType, Window
from ..models.series import until
from ..models.standing import age_seconds, stale_after_seconds

KINDS = (FindingKind.INACTIVE, FindingKind.RESTARTING)


@dataclass(frozen=True, slots=True)
class StatusPlanner:
    """Advises to look after plugins that were not found or that keep restarting. Stale ones are no finding."""

    name: str = "status"

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            own = tuple(f for f in findings if f.plugin_id == plugin_id and f.kind in KINDS)
            if own and not view.in_flight:
                yield _advice(own)
                continue
            age = age_seconds(plugin_id, window, fleet.now)
            stale = age > stale_after_seconds(view.policy, window)
            reason = (
                Message("stale", {"age_seconds": age if age < float("inf") else None}) if stale else Message("is_up")
            )
            yield Silence(plugin_id, self.name, Message("in_flight") if view.in_flight else reason)


def _advice(findings: tuple[Finding, ...]) -> Proposal:
    gone = any(f.kind is FindingKind.INACTIVE for f in findings)
    since = {"since_at_seconds": findings[0].since}
    return Proposal(
        plugin_id=findings[0].plugin_id,
        type=SuggestionType.CHECK_PLUGIN_STATUS,
        title=Message("plugin_is_gone", since) if gone else Message("plugin_restarts", since),
        change=None,
        prediction=None,
        risk=Risk.LOW,
        confidence=min(1.0, max(f.score for f in findings)),
        findings=findings,
        evidence=tuple(message for finding in findings for message in finding.evidence),
    )
