"""Where the time goes, when the SLO is broken and more workers cannot help."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..domain import (
    Finding,
    FindingKind,
    Fleet,
    Message,
    Metric,
    PluginView,
    Proposal,
    RequestTrace,
    Risk,
    Silence,
    SuggestionType,
    Window,
)
from ..models.breach import breach_of
from ..models.inside_host import BLUEPRINT, busiest_part, host_of
from ..models.pool_case import pool_case
from ..models.rivals import beside_rivals
from ..models.series import recorded, until
from ..models.shares import Bottleneck, Shares, shares_of
from ..models.standing import reason_to_wait
from ..models.topology import models_topology
from ..models.what_helps import full_of_work, what_helps
from ..models.worker_bounds import MEMORY_SHARE

SEED = 7  # of the replay, as where workers are planned
LIMITED_BY = {
    Bottleneck.WORKERS: Message("limited_by_workers"),
    Bottleneck.CPU: Message("limited_by_cpu"),
    Bottleneck.CONTENTION: Message("limited_by_contention"),
    Bottleneck.DEPENDENCY: Message("limited_by_dependency"),
    Bottleneck.COMPUTE: Message("limited_by_compute"),
    Bottleneck.NONE: Message("limited_by_none"),
}


@dataclass(frozen=True, slots=True)
class ResponseTimePlanner:
    """Advises what to look at: the CPU, the code, what it waits for, or the lock behind it. Never changes anything."""

    name: str = "response_time"
    span_seconds: float = 120.0
    least_requests: int = 100
    acute_requests: int = 30  # since a breach that is certain

    def plan(self, window: Window, findings: Sequence[Finding], fleet: Fleet) -> Iterator[Proposal | Silence]:
        window = until(window, fleet.now)
        for plugin_id, view in fleet.views.items():
            slow = tuple(f for f in findings if f.plugin_id == plugin_id and _is_slow(f))
            outcome = reason_to_wait(view, window, fleet) or self._of(view, slow, window, fleet)
            yield Silence(plugin_id, self.name, outcome) if isinstance(outcome, Message) else outcome

    def _of(self, view: PluginView, findings: tuple[Finding, ...], window: Window, fleet: Fleet) -> Proposal | Message:
        if not findings:
            return Message("within_slo")
        if not len(view.trace):
            return Message("no_probe")
        breach = breach_of(view, window, fleet.now)
        begin = max(fleet.now - self.span_seconds, breach.since if breach is not None else -float("inf"))
        trace = recorded(view.trace, begin, fleet.now)
        shares = shares_of(trace, view.pool.cores if view.pool else float(fleet.cores), view.pool)
        least = self.acute_requests if breach is not None else self.least_requests
        if shares is None or len(trace) < least:
            needs = {"requests": len(trace), "needed_requests": least}
            return Message("too_little_data", {**needs, "span_seconds": shares.seconds if shares else 0.0})
        shares = beside_rivals(shares, trace, view, fleet)
        bottleneck, stuck = shares.bottleneck, None
        if bottleneck in (Bottleneck.WORKERS, Bottleneck.NONE) and view.knob("workers") is not None:
            if full_of_work(shares, view.pool):
                return _advice(view, trace, shares, findings, Bottleneck.CPU, None)
            stuck = _out_of_reach(view, window, fleet)
            if stuck is None:
                return Message("workers_may_help", {"queue_share_ratio": shares.queue})
        hosted = _at_its_host(view, fleet, begin) if bottleneck is Bottleneck.WORKERS else ()
        return _advice(view, trace, shares, findings, bottleneck, stuck, hosted)


def _at_its_host(view: PluginView, fleet: Fleet, begin: float) -> tuple[Message, ...]:
    """Say of a part that waits for its host's workers who takes them, and where they are turned."""
    host = host_of(view, fleet)
    if host is None:
        return ()
    name = host.plugin.plugin_id
    taking = busiest_part(host, recorded(host.trace, begin, fleet.now))
    own = taking is not None and taking.part == view.plugin.address.get(BLUEPRINT)
    by_whom = (
        ()
        if taking is None or own
        else (Message("workers_taken_by", {"part": taking.part, "share_ratio": taking.share}),)
    )
    return (*by_whom, Message("try_host", {"host": name}))


def _out_of_reach(view: PluginView, window: Window, fleet: Fleet) -> Message | None:
    """Return why no count of workers can be suggested, however long one looks; None where one may."""
    case = pool_case(view, window, fleet, 0.0, 1)
    if isinstance(case, Message):
        return case if case.code == "topology_not_modelled" else None
    if not models_topology(case.pool) and not (replay := case.fitted(SEED)).plannable:  # several processes with threads
        return (
            Message("model_not_valid", {"error_ratio": replay.error})
            if replay.queue_known
            else Message("queue_unknown")
        )
    bound = case.bound(MEMORY_SHARE)
    return bound.reason if bound.workers <= case.workers else None


def _is_slow(finding: Finding) -> bool:
    return finding.kind is FindingKind.THRESHOLD and finding.metric is Metric.RESPONSE_TIME_P95_SECONDS


def _advice(
    view: PluginView,
    trace: RequestTrace,
    shares: Shares,
    findings: tuple[Finding, ...],
    bottleneck: Bottleneck,
    stuck: Message | None,
    hosted: Sequence[Message] = (),
) -> Proposal:
    time_goes = {
        "queue_share_ratio": shares.queue,
        "cpu_share_ratio": shares.cpu,
        "cpu_wait_share_ratio": shares.cpu_wait,
        "off_cpu_share_ratio": shares.off_cpu,
    }
    known = trace.cpu_known
    evidence = [Message("time_goes", time_goes), _limited_by(bottleneck, shares)] if known else [_unknown(shares)]
    heaviest = _heaviest(view, trace)
    if heaviest is not None:
        evidence.append(heaviest)
    helps = what_helps(view, bottleneck, stuck) if known or stuck is not None else ()
    evidence += [*([stuck] if stuck is not None else []), *hosted, *helps]
    return Proposal(
        plugin_id=view.plugin.plugin_id,
        type=SuggestionType.OPTIMIZE_RESPONSE_TIME,
        title=Message("optimize_response_time", {"p95_seconds": shares.p95_seconds, "slo_seconds": findings[0].limit}),
        change=None,
        prediction=None,
        risk=Risk.LOW,
        confidence=0.6,
        findings=findings,
        evidence=tuple(evidence),
        details={**time_goes, "requests": shares.requests, "utilisation_ratio": shares.utilisation},
    )


def _unknown(shares: Shares) -> Message:
    """Say of requests whose computing nobody could measure only what is known: how much is waiting for a worker."""
    return Message("time_inside_unknown", {"queue_share_ratio": shares.queue})


def _limited_by(bottleneck: Bottleneck, shares: Shares) -> Message:
    held_up = shares.held_up
    if bottleneck is Bottleneck.CONTENTION and held_up.spoils and held_up.rival:
        return Message("limited_by_rival", {"plugin": held_up.rival})
    return LIMITED_BY[bottleneck]


def _heaviest(view: PluginView, trace: RequestTrace) -> Message | None:
    """Say which combination of attributes takes the largest share of the time; None where none was recorded."""
    contexts, place = np.unique(trace.context, return_inverse=True)
    seconds = np.bincount(place, weights=trace.wall)
    first = int(np.argmax(seconds))
    known = view.attributes.get(int(contexts[first]))
    if known is None or not known.values:
        return None
    name = " ".join(value for key, value in known.values if key != BLUEPRINT)
    own = trace.wall[place == first]
    share = float(seconds[first] / max(float(seconds.sum()), 1e-9))
    return Message("heaviest_requests", {"name": name, "share_ratio": share, "mean_seconds": float(own.mean())})
