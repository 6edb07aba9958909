"""How many workers: replay the recorded requests with other counts, take the smallest that keeps the SLO."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt

from ..domain import (
    Change,
    Direction,
    Finding,
    FindingKind,
    Fleet,
    Goal,
    Message,
    Metric,
    PluginView,
    Prediction,
    Proposal,
    Purpose,
    Risk,
    Severity,
    Silence,
    SuggestionType,
    Window,
)
from ..models.acute_case import acute_case
from ..models.inside_host import busiest_part
from ..models.pace import first_step
from ..models.pool_case import PoolCase, pool_case
from ..models.refusals import cannot_help, cpu_limited
from ..models.replay import Forecast, Replay
from ..models.second_source import for_a_person, unconfirmed
from ..models.series import until
from ..models.sizing import Sizing, grow, on_the_way, shrink
from ..models.sizing_report import sizing_details
from ..models.standing import reason_to_wait
from ..models.switchback_eligibility import agreed_turns
from ..models.task_queue import is_task_queue
from ..models.thread_report import threads_proposal
from ..models.thread_sizing import LEAST_RECORDED_SECONDS, gain, more_threads
from ..models.what_helps import full_of_work
from ..models.worker_bounds import MEMORY_SHARE

SHORT_SECONDS = 30.0
RIVALRY_SECONDS = 120.0  # requests that seem to hold each other up are looked at for that long before workers are added
NORMAL_90 = 1.2816  # the normal distribution's 90 % quantile: an 80 % interval's upper end
TOLD_HEADROOM = 1.05  # a forecast that asks for less than 5 % more is not worth a word


@dataclass(frozen=True, slots=True)
class WorkersPlanner:
    """Suggests more workers where requests wait and the SLO is broken, fewer where they idle.

    `stress_up` and `stress_down` multiply the recorded load, or that of the next hour where more is expected, before
    the SLO is checked; `slower_ratio` is what
    fewer workers may cost at the present load (the judge of a saving allows 25 % inside the SLO), `roomy_share`
    the part of the SLO that fewer workers may use up; `memory_share` of the limit is never planned beyond.
    """

    name: str = "workers"
    least_seconds: float = 60.0
    least_requests: int = 300
    stress_up: float = 1.1
    stress_down: float = 1.2
    slower_ratio: float = 0.20
    roomy_share: float = 0.8
    saving_effect_ratio: float = 0.10
    shrink_below_ratio: float = 0.85
    memory_share: float = MEMORY_SHARE
    least_gain_ratio: float = 0.05
    seed: int = 7

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            own = tuple(f for f in findings if f.plugin_id == plugin_id)
            outcome = reason_to_wait(view, window, fleet) or self._of(view, window, own, fleet)
            yield Silence(plugin_id, self.name, outcome) if isinstance(outcome, Message) else outcome

    def _of(self, view: PluginView, window: Window, findings: tuple[Finding, ...], fleet: Fleet) -> Proposal | Message:
        if is_task_queue(view, window):
            return Message("planned_as_queue")
        slow = tuple(f for f in findings if _asks_for_more(f))
        idle = tuple(f for f in findings if f.kind is FindingKind.WASTE)
        if not slow and not idle:
            return Message("within_slo") if view.knob("workers") else Message("no_knob", {"kind": "workers"})
        acute = acute_case(view, window, fleet) if slow else None
        case = acute or pool_case(view, window, fleet, self.least_seconds, self.least_requests)
        if isinstance(case, Message):
            return case
        if slow and acute is None and not _broken(case, slow):
            return Message("within_slo")
        hopeless = cannot_help(case.shares) if slow else None
        if hopeless is not None:
            return hopeless
        held_up = case.shares.held_up
        if slow and held_up.suspected and not held_up.spoils and case.recorded_seconds < RIVALRY_SECONDS:
            needs = {"needed_requests": self.least_requests, "needed_seconds": RIVALRY_SECONDS}
            return Message(
                "too_little_data", {"requests": len(case.trace), "span_seconds": case.recorded_seconds, **needs}
            )
        replay = case.fitted(self.seed)
        if not replay.queue_known:
            return Message("queue_unknown")
        if not replay.plannable:
            return Message("model_not_valid", {"error_ratio": replay.error})
        alone = unconfirmed(view, window, fleet)
        if alone is None:
            return self._grown(case, replay, slow) if slow else self._fewer(case, replay, idle)
        more = self._grown(case, replay, slow) if slow else alone  # nothing is taken away on the word of one source
        return for_a_person(more, alone) if isinstance(more, Proposal) else more

    def _grown(self, case: PoolCase, replay: Replay, findings: tuple[Finding, ...]) -> Proposal | Message:
        """Return more workers or, in one process with threads, more of those where that is the better change."""
        workers, stress = self._more(case, replay, findings), self.stress_up * case.headroom
        threads = more_threads(case, replay, stress, self.least_gain_ratio)
        promised = workers.prediction if isinstance(workers, Proposal) else None
        if threads is None or not threads.beats(promised.expected if promised is not None else None):
            return workers
        if case.recorded_seconds < LEAST_RECORDED_SECONDS:
            seconds = {"span_seconds": case.recorded_seconds, "needed_seconds": LEAST_RECORDED_SECONDS}
            return Message("too_little_data", {"requests": len(case.trace), **seconds})
        evidence, confidence = _evidence(case, replay), _confidence(replay, threads.sizing)
        return threads_proposal(case, replay, threads, findings, evidence, confidence, self.least_gain_ratio)

    def _more(self, case: PoolCase, replay: Replay, findings: tuple[Finding, ...]) -> Proposal | Message:
        bound, slo = case.bound(self.memory_share), case.view.policy.response_time_seconds
        if bound.workers <= case.workers:
            return bound.reason
        stress = self.stress_up * case.headroom
        sizing = grow(replay, range(case.workers, bound.workers + 1), slo, stress + _unsure(case))
        if sizing.workers == case.workers and sizing.keeps_promise:
            return Message("within_slo")
        if gain(sizing) < self.least_gain_ratio:
            figures = {"gain_ratio": max(0.0, gain(sizing)), "queue_share_ratio": case.shares.queue}
            return Message("workers_do_not_help", figures)
        if not sizing.keeps_promise and full_of_work(case.shares, case.pool):
            return cpu_limited(case.shares)
        step = _first_step(case, replay, sizing, stress)
        step = step if gain(step) >= self.least_gain_ratio else sizing
        forecast = replay.forecast(step.workers)
        evidence = [*_evidence(case, replay)]
        if not sizing.keeps_promise:
            then = sizing.point(sizing.workers)
            p95 = then.stressed_p95_seconds if then else forecast.p95_seconds
            evidence.append(Message("slo_out_of_reach", {"slo_seconds": slo, "p95_seconds": p95}))
            evidence.extend([bound.reason] if sizing.workers == bound.workers else [])
        risk = Risk.LOW if sizing.keeps_promise else Risk.MEDIUM
        kind = SuggestionType.INCREASE_WORKERS
        proposal = _proposal(kind, case, replay, step, forecast, findings, evidence, risk, self.least_gain_ratio)
        return _on_the_way(proposal, case, replay, sizing)

    def _fewer(self, case: PoolCase, replay: Replay, findings: tuple[Finding, ...]) -> Proposal | Message:
        slo = case.view.policy.response_time_seconds
        stress = self.stress_down * case.headroom
        least = max(case.least_workers(), ceil(case.shares.load * stress / case.pool.threads) + 1)
        most = min(case.workers - 1, int(case.workers * self.shrink_below_ratio))
        if least > most:
            return Message("shrink_floor", {"workers": case.workers, "least_workers": least})
        counts = range(least, most + 1)
        sizing = shrink(replay, counts, case.workers, self.roomy_share * slo, stress, self.slower_ratio)
        if not sizing.keeps_promise:
            return Message("workers_needed", {"workers": case.workers})
        step = _first_step(case, replay, sizing, stress)
        forecast = replay.forecast(step.workers)
        evidence = [
            *(message for finding in findings for message in finding.evidence),
            Message("replayed", {"requests": len(replay.trace), "error_ratio": replay.error}),
            *_ahead(case),
        ]
        risk = Risk.LOW if forecast.high_seconds <= slo else Risk.MEDIUM
        kind = SuggestionType.DECREASE_WORKERS
        proposal = _proposal(kind, case, replay, step, forecast, findings, evidence, risk, self.saving_effect_ratio)
        return _on_the_way(proposal, case, replay, sizing)


def _unsure(case: PoolCase) -> float:
    """Return by how much the load may lie above what a record of less than half a minute says: z · sqrt(2 / n) for Poisson arrivals."""
    short = case.span_seconds < SHORT_SECONDS
    return NORMAL_90 * sqrt(2.0 / max(1, len(case.trace))) if short else 0.0


def _ahead(case: PoolCase) -> tuple[Message, ...]:
    """Say what the next hour is expected to bring, where that is known and was planned for."""
    ahead = case.ahead
    if ahead is None or ahead.headroom < TOLD_HEADROOM:
        return ()
    ratios = {"load_ratio": ahead.expected, "high_ratio": ahead.headroom}
    return (
        Message("load_rises_daily", {**ratios, "days": ahead.days}) if ahead.days else Message("load_rises", ratios),
    )


def _evidence(case: PoolCase, replay: Replay) -> tuple[Message, ...]:
    """Say why more slots are needed, and what that was computed from."""
    waits = {"share_ratio": case.shares.queue, "wait_seconds": case.shares.mean_queue_seconds}
    replayed = {"requests": len(replay.trace), "error_ratio": replay.error}
    taking = busiest_part(case.view, replay.trace)
    by_whom = (
        () if taking is None else (Message("workers_taken_by", {"part": taking.part, "share_ratio": taking.share}),)
    )
    return (Message("requests_wait", waits), *by_whom, Message("replayed", replayed), *_ahead(case))


def _broken(case: PoolCase, findings: tuple[Finding, ...]) -> bool:
    """Tell whether the promise is broken over the whole record, or was for certain: one burst that passes is no reason."""
    certain = any(f.kind is FindingKind.THRESHOLD for f in findings)
    return certain or case.shares.p95_seconds > case.view.policy.response_time_seconds


def _first_step(case: PoolCase, replay: Replay, sizing: Sizing, stress: float) -> Sizing:
    """Return the sizing of what is to be done now: in automatic mode no further than one step may go."""
    workers = first_step(case.view.policy, case.knob, case.workers, sizing.workers)
    if workers == sizing.workers:
        return sizing
    return on_the_way(replay, sizing, workers, case.view.policy.response_time_seconds, stress)


def _on_the_way(proposal: Proposal, case: PoolCase, replay: Replay, sizing: Sizing) -> Proposal:
    """Say of a first step that it is one, and where the way leads; how sure that is does not depend on its length."""
    assert proposal.change is not None, "a count of workers is a change"
    if proposal.change.after == sizing.workers:
        return proposal
    way = {"before": case.workers, "after": proposal.change.after, "wanted": sizing.workers}
    return replace(
        proposal,
        confidence=_confidence(replay, sizing),
        evidence=(Message("first_step", way), *proposal.evidence),
        details={**proposal.details, "wanted_workers": sizing.workers, "rejected": []},
    )


def _asks_for_more(finding: Finding) -> bool:
    saturated = finding.kind is FindingKind.SATURATION and finding.severity is not Severity.INFO
    return saturated or (finding.kind is FindingKind.THRESHOLD and finding.metric is Metric.RESPONSE_TIME_P95_SECONDS)


def _proposal(
    kind: SuggestionType,
    case: PoolCase,
    replay: Replay,
    sizing: Sizing,
    forecast: Forecast,
    findings: tuple[Finding, ...],
    evidence: list[Message],
    risk: Risk,
    least_effect: float,
) -> Proposal:
    policy, plugin_id = case.view.policy, case.view.plugin.plugin_id
    up = kind is SuggestionType.INCREASE_WORKERS
    goal = Goal(
        metric=Metric.RESPONSE_TIME_SECONDS,  # the mean: what decides soonest; the SLO on p95 stands beside it
        direction=Direction.DOWN,
        purpose=Purpose.IMPROVE if up else Purpose.SAVE,
        least_effect=least_effect,
        slo=policy.response_time_seconds,
    )
    observed = case.shares.p95_seconds
    counts = {"from_workers": case.workers, "to_workers": sizing.workers}
    p95 = Metric.RESPONSE_TIME_P95_SECONDS
    figures = (forecast.p95_seconds, forecast.low_seconds, forecast.high_seconds)
    return Proposal(
        plugin_id=plugin_id,
        type=kind,
        title=Message("increase_workers", counts) if up else Message("decrease_workers", counts),
        change=Change(plugin_id, case.knob.name, case.workers, sizing.workers, goal),
        prediction=Prediction(p95, observed, *figures, model="replay"),
        risk=risk,
        confidence=_confidence(replay, sizing),
        findings=findings,
        evidence=tuple(evidence),
        side_effects=_memory(case, sizing.workers),
        judged_by=Message(
            "judged_by_response_time",
            {"slo_seconds": policy.response_time_seconds, **(agreed_turns(policy) if up else {})},
        ),
        details=sizing_details(case, replay, sizing, forecast),
    )


def _confidence(replay: Replay, sizing: Sizing) -> float:
    """Fall with the error of the self-check, with few requests and with a promise that cannot be kept."""
    few = max(0.0, 1.0 - len(replay.trace) / 1000) * 0.15
    return max(0.3, 0.95 - 2 * replay.error - few - (0.0 if sizing.keeps_promise else 0.2))


def _memory(case: PoolCase, workers: int) -> tuple[Prediction, ...]:
    """Return what the change costs or gives back: PSS per worker; pages shared now may be so no longer, or not all come back."""
    if not case.memory_bytes > 0 or not case.worker_memory_bytes > 0:
        return ()
    now, more = case.memory_bytes, (workers - case.workers) * case.worker_memory_bytes
    ends = sorted((now + 0.7 * more, now + 1.3 * more))
    return (Prediction(Metric.MEMORY_BYTES, now, now + more, max(0.0, ends[0]), ends[1], model="pss"),)
