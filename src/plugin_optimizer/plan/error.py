"""Which error, since when, for which requests, after which change; and the undo of that change where there is one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..domain import (
    Change,
    Direction,
    Finding,
    FindingKind,
    Fleet,
    Goal,
    InvalidValue,
    Knob,
    Message,
    Metric,
    PluginView,
    Prediction,
    Proposal,
    Purpose,
    Risk,
    SettingChange,
    Silence,
    SuggestionType,
    Window,
)
from ..models.details import Details
from ..models.errorcause import LEAST_EXPLAINED, ErrorCause, error_cause
from ..models.errorevidence import about_change, error_evidence
from ..models.proportions import wilson
from ..models.series import recorded, until
from ..models.standing import reason_to_wait


@dataclass(frozen=True, slots=True)
class ErrorPlanner:
    """Explains a rise of errors, and suggests the undo of the setting change that preceded it.

    Only where one exception makes up most of the errors and the setting still has the value it was changed to;
    everything else is advice.
    """

    name: str = "error"

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            own = tuple(f for f in findings if f.plugin_id == plugin_id and _is_about_errors(f))
            outcome = reason_to_wait(view, window, fleet) or self._of(view, own, fleet)
            yield Silence(plugin_id, self.name, outcome) if isinstance(outcome, Message) else outcome

    def _of(self, view: PluginView, findings: tuple[Finding, ...], fleet: Fleet) -> Proposal | Message:
        if not findings:
            return Message("no_errors")
        trace = recorded(view.trace, -float("inf"), fleet.now)
        known = [change for change in view.setting_changes if change.at <= fleet.now]
        since = min(f.since for f in findings)
        cause = error_cause(view, trace, since - 10.0, known) if len(trace) else None
        if cause is None:
            return _advice(view, findings, None, since)
        undo = _undo(view, cause)
        return _repair(view, findings, cause, *undo) if undo is not None else _advice(view, findings, cause, since)


def _is_about_errors(finding: Finding) -> bool:
    threshold = finding.kind is FindingKind.THRESHOLD and finding.metric is Metric.ERROR_RATIO
    return finding.kind is FindingKind.ERROR or threshold


def _undo(view: PluginView, cause: ErrorCause) -> tuple[SettingChange, Knob] | None:
    """Return the change to undo and its knob: one that still has its new value and can take the old one."""
    if cause.share < LEAST_EXPLAINED:
        return None
    for change in cause.candidates:
        knob = next((k for k in view.knobs if k.name == change.knob), None)
        if knob is not None and knob.value == change.after and _takes(knob, change):
            return change, knob
    return None


def _takes(knob: Knob, change: SettingChange) -> bool:
    try:
        knob.checked(change.before)
    except InvalidValue:
        return False
    return True


def _repair(
    view: PluginView, findings: tuple[Finding, ...], cause: ErrorCause, change: SettingChange, knob: Knob
) -> Proposal:
    plugin_id = view.plugin.plugin_id
    goal = Goal(
        metric=Metric.ERROR_RATIO,
        direction=Direction.DOWN,
        purpose=Purpose.REPAIR,
        guards=(Metric.RESPONSE_TIME_SECONDS,),
        slo=view.policy.error_ratio,
    )
    left = cause.others / max(1, cause.requests)
    high = max(cause.before_high, wilson(cause.others, cause.requests)[1])
    return Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.INVESTIGATE_ERROR,
        title=Message("undo_setting", {"knob": knob.name, "from": change.after, "to": change.before}),
        change=Change(plugin_id, knob.name, change.after, change.before, goal),
        prediction=Prediction(
            Metric.ERROR_RATIO, cause.ratio, max(left, cause.before_ratio), 0.0, high, model="errors_before_change"
        ),
        risk=Risk.MEDIUM,  # somebody wanted that setting
        confidence=_confidence(cause),
        findings=findings,
        evidence=(*error_evidence(cause), about_change(change, cause)),
        judged_by=Message("judged_by_errors", {"slo_ratio": view.policy.error_ratio}),
        details=_details(cause),
    )


def _advice(view: PluginView, findings: tuple[Finding, ...], cause: ErrorCause | None, since: float) -> Proposal:
    evidence = error_evidence(cause) if cause else tuple(m for f in findings for m in f.evidence)
    if cause is not None:
        about = about_change(cause.change, cause) if cause.change else Message("no_change_found")
        evidence = (*evidence, about)
    return Proposal(
        plugin_id=view.plugin.plugin_id,
        type=SuggestionType.INVESTIGATE_ERROR,
        title=Message(
            "investigate_error",
            {
                "error_ratio": cause.ratio if cause else findings[0].value,
                "since_at_seconds": cause.onset if cause else since,
            },
        ),
        change=None,
        prediction=None,
        risk=Risk.LOW,
        confidence=_confidence(cause) if cause else 0.5,
        findings=findings,
        evidence=evidence,
        details=_details(cause) if cause else {},
    )


def _confidence(cause: ErrorCause) -> float:
    """Grow with what is explained: by one exception, by one slice, and with errors that were not there before."""
    explained = 0.3 * cause.share + (0.2 if cause.slice else 0.0)
    return min(0.95, 0.4 + explained + (0.1 if cause.before_ratio < cause.ratio / 10 else 0.0))


def _details(cause: ErrorCause) -> Details:
    return {
        "fingerprint": f"{cause.fingerprint % 2**64:016x}",
        "onset_at_seconds": cause.onset,
        "errors": cause.errors,
        "requests": cause.requests,
        "before_ratio": cause.before_ratio,
        "frames": list(cause.group.frames) if cause.group else [],
        "slice": dict(cause.slice.values) if cause.slice else {},
        "changes": [
            {"knob": c.knob, "at_seconds": c.at, "before": c.before, "after": c.after} for c in cause.candidates
        ],
    }
