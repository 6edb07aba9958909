"""Replace each worker after so many requests, where memory grows with every one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor

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
from ..models.details import Details
from ..models.recycling import Recycling, recycling_case
from ..models.series import until
from ..models.standing import reason_to_wait

DATE = "memory_limit_reached"
SEEN_SECONDS = 30.0  # after the last of the first lives has ended: what the judge looks at


@dataclass(frozen=True, slots=True)
class LeakPlanner:
    """Suggests a life time in requests that keeps the peak of all workers below a share of the limit.

    Within that, a worker may grow by `growth_ratio` over a fresh one, but lives at least `least_life_seconds`:
    a restart costs more than a little memory. And it lives no longer than `proven_share` of the time in which a change
    has to prove itself: what nobody has seen to end is undone.

    Growth that would reach the limit in weeks is watched for `record_share` of that time before anything is changed: within
    minutes a leak cannot be told from a process that fills its caches or its heap.
    """

    name: str = "leak"
    limit_share: float = 0.7
    growth_ratio: float = 0.25
    least_life_seconds: float = 60.0
    proven_share: float = 0.7
    record_share: float = 0.001
    jitter_ratio: float = 0.1  # life times are spread by that much, so that workers do not all leave at once

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            own = tuple(f for f in findings if f.plugin_id == plugin_id and _is_of_memory(f))
            outcome = reason_to_wait(view, window, fleet) or self._of(view, window, own, fleet)
            yield Silence(plugin_id, self.name, outcome) if isinstance(outcome, Message) else outcome

    def _of(self, view: PluginView, window: Window, findings: tuple[Finding, ...], fleet: Fleet) -> Proposal | Message:
        if not any(f.kind is FindingKind.LEAK for f in findings):
            return Message("no_growth")
        case = recycling_case(view, window, fleet)
        knob = view.knob("max_requests")
        if case is None or knob is None or isinstance(knob.value, str | bool):
            return _advice(view, case, findings)
        early = self._too_early(case, findings)
        if early is not None:
            return early
        requests = self._requests(case, knob, view.policy.verify_seconds)
        if requests is None:
            return _advice(view, case, findings)
        if 0 < knob.value <= requests:
            return Message("already_recycled", {"requests": int(knob.value)})
        life = requests / case.requests_per_second
        effect = life * (1 + self.jitter_ratio) + SEEN_SECONDS
        return _change(view, case, knob, requests, effect, findings)

    def _too_early(self, case: Recycling, findings: tuple[Finding, ...]) -> Message | None:
        if case.limit_seconds is None:
            return None
        wanted = self.record_share * case.limit_seconds
        lasting = max((_lasting_seconds(finding) for finding in findings), default=0.0)
        if lasting >= wanted:
            return None
        return Message("growth_watched", {"time_seconds": case.limit_seconds, "wanted_seconds": wanted})

    def _requests(self, case: Recycling, knob: Knob, verify_seconds: float) -> int | None:
        """Return after how many requests a worker is to be replaced; None where no such number does any good."""
        spread = 1 + self.jitter_ratio
        allowed = case.requests_to(self.limit_share * case.limit_bytes) / spread
        wished = self.growth_ratio * case.fresh_bytes / case.bytes_per_request
        least = self.least_life_seconds * case.requests_per_second
        proven = self.proven_share * verify_seconds * case.requests_per_second
        requests = min(allowed, proven, max(wished, least))
        if requests < least or requests < 1:
            return None
        rounded = _two_digits(requests)
        high = rounded if knob.maximum is None else min(rounded, floor(knob.maximum))
        return high if knob.minimum is None or high >= knob.minimum else None


def _is_of_memory(finding: Finding) -> bool:
    """Tell whether it speaks of the leak, or of the time at which memory will reach its limit."""
    return finding.kind is FindingKind.LEAK or (
        finding.kind is FindingKind.BREACH and finding.metric is Metric.MEMORY_BYTES
    )


def _lasting_seconds(finding: Finding) -> float:
    lasting = (message.params.get("lasting_seconds") for message in finding.evidence if message.code == "memory_grows")
    return max((float(seconds) for seconds in lasting if isinstance(seconds, int | float)), default=0.0)


def _two_digits(requests: float) -> int:
    """Round down to two significant digits: a number people can remember."""
    scale = 10 ** max(0, len(str(int(requests))) - 2)
    rounded: int = int(requests) // scale * scale
    return max(1, rounded)


def _change(
    view: PluginView,
    case: Recycling,
    knob: Knob,
    requests: int,
    effect_seconds: float,
    findings: tuple[Finding, ...],
) -> Proposal:
    plugin_id = view.plugin.plugin_id
    goal = Goal(
        metric=Metric.MEMORY_BYTES,
        direction=Direction.DOWN,
        purpose=Purpose.REPAIR,
        guards=(Metric.ERROR_RATIO, Metric.RESPONSE_TIME_SECONDS),
        effect_seconds=effect_seconds,
    )
    low, middle, high = (case.total_after(share * requests) for share in (0.1, 0.5, 0.9))
    peak = case.total_after(requests)
    return Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.RECYCLE_WORKERS,
        title=Message("recycle_workers", {"requests": requests, "from_requests": int(knob.value)}),
        change=Change(plugin_id, knob.name, int(knob.value), requests, goal),
        prediction=Prediction(Metric.MEMORY_BYTES, case.total_bytes, middle, low, high, model="growth"),
        risk=Risk.LOW,
        confidence=min(0.9, max(f.score for f in findings)),
        findings=findings,
        evidence=(*_evidence(findings), Message("memory_peak", {"memory_bytes": peak, "workers": case.workers})),
        judged_by=Message("judged_by_memory"),
        details={
            **_details(case, findings),
            "peak_bytes": peak,
            "life_seconds": requests / max(case.requests_per_second, 1e-9),
        },
    )


def _advice(view: PluginView, case: Recycling | None, findings: tuple[Finding, ...]) -> Proposal:
    """Tell of the leak where no life can be computed: nothing to set it with, too short a life, or nobody asks (no case)."""
    grows = next((m.params for f in findings for m in f.evidence if m.code == "memory_grows"), {})
    growth = case.growth_bytes_per_second if case else grows.get("growth_bytes_per_second")
    return Proposal(
        plugin_id=view.plugin.plugin_id,
        type=SuggestionType.RECYCLE_WORKERS,
        title=Message(
            "find_memory_leak", {"growth_bytes_per_second": growth, "time_seconds": _limit_seconds(findings)}
        ),
        change=None,
        prediction=None,
        risk=Risk.LOW,
        confidence=min(0.9, max(f.score for f in findings)),
        findings=findings,
        evidence=_evidence(findings),
        details=_details(case, findings) if case else {"limit_seconds": _limit_seconds(findings)},
    )


def _evidence(findings: tuple[Finding, ...]) -> tuple[Message, ...]:
    """Return what the findings rest on, the date of the limit once: the more careful one, where there are two."""
    told = [message for finding in findings for message in finding.evidence if message.code != DATE]
    date = _date(findings)
    return (*told, date) if date is not None else tuple(told)


def _date(findings: tuple[Finding, ...]) -> Message | None:
    """Return when memory will reach its limit: by the hours (which know how it wanders), else by the minutes; None unknown."""
    dates = [(f.kind is FindingKind.BREACH, m) for f in findings for m in f.evidence if m.code == DATE]
    return max(dates, key=lambda each: each[0])[1] if dates else None


def _limit_seconds(findings: tuple[Finding, ...]) -> float | None:
    date = _date(findings)
    return None if date is None else float(date.params["time_seconds"] or 0.0)


def _details(case: Recycling, findings: tuple[Finding, ...]) -> Details:
    dated = _limit_seconds(findings)
    return {
        "growth_bytes_per_second": case.growth_bytes_per_second,
        "growth_bytes_per_request": case.bytes_per_request,
        "fresh_worker_bytes": case.fresh_bytes,
        "limit_bytes": case.limit_bytes if case.limit_bytes < float("inf") else None,
        "limit_seconds": case.limit_seconds if dated is None else dated,
    }
