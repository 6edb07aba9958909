"""More threads as a suggestion: what it changes, what is predicted, how it is judged, and why not another process."""

from ..domain import (
    Change,
    Direction,
    Finding,
    Goal,
    Message,
    Metric,
    Prediction,
    Proposal,
    Purpose,
    Risk,
    SuggestionType,
)
from .pool_case import PoolCase
from .replay import Replay
from .thread_sizing import MoreThreads


def threads_proposal(
    case: PoolCase,
    replay: Replay,
    found: MoreThreads,
    findings: tuple[Finding, ...],
    evidence: tuple[Message, ...],
    confidence: float,
    least_effect: float,
) -> Proposal:
    """Return the suggestion. Judged like more workers: by the same requests, replayed under the old number of slots."""
    policy, plugin_id, threads = case.view.policy, case.view.plugin.plugin_id, found.step.workers
    forecast = found.model.forecast(threads)
    goal = Goal(
        metric=Metric.RESPONSE_TIME_SECONDS,
        direction=Direction.DOWN,
        purpose=Purpose.IMPROVE,
        least_effect=least_effect,
        slo=policy.response_time_seconds,
    )
    return Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.INCREASE_WORKERS,
        title=Message("increase_threads", {"from_threads": case.pool.threads, "to_threads": threads}),
        change=Change(plugin_id, found.knob.name, case.pool.threads, threads, goal),
        prediction=Prediction(
            Metric.RESPONSE_TIME_P95_SECONDS,
            case.shares.p95_seconds,
            forecast.p95_seconds,
            forecast.low_seconds,
            forecast.high_seconds,
            model="replay",
        ),
        risk=Risk.LOW if found.sizing.keeps_promise else Risk.MEDIUM,
        confidence=confidence,
        findings=findings,
        evidence=(*_way(case, found), *evidence, *_cheaper(case)),
        judged_by=Message("judged_by_response_time", {"slo_seconds": policy.response_time_seconds}),
        details={
            "curve": [
                {
                    "threads": point.workers,
                    "p95_seconds": point.p95_seconds,
                    "mean_seconds": point.mean_seconds,
                    "stressed_p95_seconds": point.stressed_p95_seconds,
                }
                for point in found.sizing.curve
            ],
            "wanted_threads": found.sizing.workers,
            "keeps_slo": found.sizing.keeps_promise,
            "self_check_error_ratio": replay.error,
            "method": str(replay.method),
            "requests": len(replay.trace),
            "mean_seconds": forecast.mean_seconds,
            "p99_seconds": forecast.p99_seconds,
        },
    )


def _way(case: PoolCase, found: MoreThreads) -> tuple[Message, ...]:
    if found.step.workers == found.sizing.workers:
        return ()
    way = {"before": case.pool.threads, "after": found.step.workers, "wanted": found.sizing.workers}
    return (Message("first_step", way),)


def _cheaper(case: PoolCase) -> tuple[Message, ...]:
    each = case.worker_memory_bytes
    return (Message("threads_are_cheaper", {"worker_bytes": each}),) if each > 0 else ()
