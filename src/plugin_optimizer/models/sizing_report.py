"""The figures behind a number of workers, for whoever wants to check it."""

from .details import Details
from .pool_case import PoolCase
from .queueing import allen_cunneen_wait, doubtful
from .replay import Forecast, Replay
from .scalability import observed_scalability
from .sizing import Point, Sizing


def sizing_details(case: PoolCase, replay: Replay, sizing: Sizing, forecast: Forecast) -> Details:
    """Return the curve (at the present load), the neighbours that were rejected, the shares and the checks."""
    slots = sizing.workers * case.pool.threads
    wait = allen_cunneen_wait(replay.trace.arrival, replay.trace.wall, slots)
    seconds = float(replay.trace.wall.mean())
    replayed = max(0.0, forecast.mean_seconds - seconds)
    return {
        "curve": [_figures(point) for point in sizing.curve],
        "rejected": _rejected(sizing, case.view.policy.response_time_seconds),
        "shares": {
            "queue_ratio": case.shares.queue,
            "cpu_ratio": case.shares.cpu,
            "cpu_wait_ratio": case.shares.cpu_wait,
            "off_cpu_ratio": case.shares.off_cpu,
        },
        "self_check_error_ratio": replay.error,
        "method": str(replay.method),
        "requests": len(replay.trace),
        "span_seconds": case.span_seconds,
        "load_workers": case.shares.load,
        "utilisation_ratio": case.shares.utilisation,
        "overhead_seconds": replay.overhead_seconds,
        "queue_grows": replay.growing,
        "keeps_slo": sizing.keeps_promise,
        "mean_seconds": forecast.mean_seconds,
        "p99_seconds": forecast.p99_seconds,
        "cross_check_wait_seconds": wait if wait < float("inf") else None,
        "replayed_wait_seconds": replayed,
        "cross_check_doubtful": doubtful(replayed, wait, case.shares.load / slots, seconds),
        "scalability": _scalability(replay),
    }


def _scalability(replay: Replay) -> dict[str, object] | None:
    """Return how the pool scaled with the requests inside it, None where too few levels were seen."""
    law = observed_scalability(replay.trace)
    if law is None:
        return None
    peak = law.peak if law.peak < float("inf") else None
    return {"contention_ratio": law.contention, "coherency_ratio": law.coherency, "peak_requests": peak}


def _figures(point: Point) -> dict[str, object]:
    return {
        "workers": point.workers,
        "p95_seconds": point.p95_seconds,
        "mean_seconds": point.mean_seconds,
        "stressed_p95_seconds": point.stressed_p95_seconds,
    }


def _rejected(sizing: Sizing, slo_seconds: float) -> list[object]:
    """Return the neighbours of the chosen count, and why not those: too slow, or no better for more memory."""
    rejected: list[object] = []
    for workers in (sizing.workers - 1, sizing.workers + 1):
        point = sizing.point(workers)
        if point is None:
            continue
        slow = "above_slo" if point.stressed_p95_seconds > slo_seconds else "slower"
        reason = slow if workers < sizing.workers else "not_needed"
        rejected.append({**_figures(point), "reason": reason})
    return rejected
