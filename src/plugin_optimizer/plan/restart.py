"""A fresh start for a unit or container whose memory leaks up to its limit: before the kernel ends it in the middle of its work."""

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
from ..models.life import LEAST_LIFE_SECONDS, FreshStart, age_seconds, fresh_start
from ..models.series import until
from ..models.standing import reason_to_wait

DATE = "memory_limit_reached"
LEAST_EFFECT = 0.1


@dataclass(frozen=True, slots=True)
class RestartPlanner:
    """Suggests one restart of what leaks and reaches its limit within `soon_seconds`, or holds more than the policy allows.

    Never in a loop: none for a life that is shorter than `least_life_seconds`, and none where the limit would be reached again within
    that.
    The leak stays: it is told by its own advice. A restart interrupts and cannot be taken back, so a person decides.
    """

    name: str = "restart"
    soon_seconds: float = 3600.0
    least_life_seconds: float = LEAST_LIFE_SECONDS

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            own = tuple(f for f in findings if f.plugin_id == plugin_id and _is_of_memory(f))
            outcome = reason_to_wait(view, window, fleet) or self._of(view, window, own, fleet)
            yield Silence(plugin_id, self.name, outcome) if isinstance(outcome, Message) else outcome

    def _of(self, view: PluginView, window: Window, findings: tuple[Finding, ...], fleet: Fleet) -> Proposal | Message:
        life = view.knob(LIFE)
        if life is None:
            return Message("no_knob", {"kind": LIFE})
        if not any(finding.kind is FindingKind.LEAK for finding in findings):
            return Message("no_growth")
        if not self._soon(findings):
            return Message("limit_is_far")
        if (age := age_seconds(life, fleet.now)) < self.least_life_seconds:
            return Message("restart_no_cure", {"lasting_seconds": age, "least_seconds": self.least_life_seconds})
        case = fresh_start(view, life, window, fleet)
        if case is None:
            return Message("too_little_data", {"needed_seconds": 60.0})
        if case.again_seconds < self.least_life_seconds:
            again = {"lasting_seconds": case.again_seconds, "least_seconds": self.least_life_seconds}
            return Message("restart_no_cure", again)
        return _restart(view, life, case, findings)

    def _soon(self, findings: tuple[Finding, ...]) -> bool:
        dates = [float(m.params["time_seconds"] or 0.0) for f in findings for m in f.evidence if m.code == DATE]
        full = any(f.kind is FindingKind.THRESHOLD for f in findings)
        return full or any(date <= self.soon_seconds for date in dates)


def _is_of_memory(finding: Finding) -> bool:
    """Tell whether it speaks of the leak, of the time at which memory reaches its limit, or of how full that is."""
    of_memory = finding.metric in (Metric.MEMORY_BYTES, Metric.MEMORY_RATIO)
    return of_memory and finding.kind in (FindingKind.LEAK, FindingKind.BREACH, FindingKind.THRESHOLD)


def _restart(view: PluginView, life: Knob, case: FreshStart, findings: tuple[Finding, ...]) -> Proposal:
    plugin_id = view.plugin.plugin_id
    goal = Goal(Metric.MEMORY_RATIO, Direction.DOWN, Purpose.RENEW, LEAST_EFFECT)
    expected, low, high = (case.ratio(size) for size in (case.expected_bytes, case.low_bytes, case.high_bytes))
    told = tuple(message for finding in findings for message in finding.evidence)
    return Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.RECYCLE_WORKERS,
        title=Message("restart_leaking", {"memory_bytes": case.used_bytes, "after_bytes": case.expected_bytes}),
        change=Change(plugin_id, life.name, life.value, following(str(life.value)), goal),
        prediction=Prediction(Metric.MEMORY_RATIO, case.used_ratio, expected, low, high, model="growth"),
        risk=Risk.MEDIUM,
        confidence=min(0.8, max(finding.score for finding in findings)),
        findings=findings,
        evidence=(
            *told,
            Message("fresh_start_lasts", {"time_seconds": case.again_seconds}),
            Message("restart_is_final"),
        ),
        judged_by=Message("judged_by_fresh_level"),
        details={"again_seconds": case.again_seconds, "fresh_bytes": case.expected_bytes},
    )
