"""A replay as JSON: SI units, ISO times, null for what is not known."""

import math
from collections.abc import Mapping

from ...domain import Message, Prediction, Unusual, Verdict
from ...hindsight import Cost, Done, Estimate, Line, Real, Report, WasUnusual
from ...wording import render, state_name
from ..moment import iso

Json = dict[str, object]


def view_report(report: Report, lang: str, seconds: float) -> Json:
    """Return the whole report; `seconds` is how long it took."""
    return {
        "since": iso(report.since),
        "until": iso(report.until),
        "every_seconds": report.every_seconds,
        "looks": report.looks,
        "minutes_only_ratio": report.by_minutes,
        "recorded_ratio": report.recorded,
        "duration_seconds": round(seconds, 2),
        "totals": totals(report),
        "suggestions": [view_line(line, lang) for line in report.lines],
        "quiet": [
            {"plugin_id": q.plugin_id, "reason": view_reason(q.reason, lang), "looks": q.looks, "of_looks": q.of_looks}
            for q in report.quiet
        ],
        "unusual": [_unusual(one, lang) for one in report.unusual],
        "other_executions": [_real(real, lang) for real in report.others],
        "faults": [{"part": fault.part, "error": fault.error} for fault in report.faults],
    }


def _unusual(one: WasUnusual, lang: str) -> Json:
    found = one.unusual
    return {
        "plugin_id": found.plugin_id,
        "metric": found.metric,
        "kind": found.kind,
        "since": iso(found.since),
        "told_at": iso(one.told_at),
        "until": iso(one.until),
        "score": found.score,
        "value": found.value,
        "expected": found.expected,
        "low": found.low,
        "high": found.high,
        "text": render(told_of(found), lang),
    }


def told_of(found: Unusual) -> Message:
    """Return the sentence that a finding of it says."""
    limit = found.high if found.rising else found.low
    return Message(f"finding_{found.kind}", {"metric": found.metric.value, "value": found.value, "limit": limit})


def totals(report: Report) -> dict[str, float | None]:
    """Return the sums over all suggestions, and over the changes that would have been made."""
    done = [line for line in report.lines if line.done is not None]
    memory = [
        line.cost.memory_bytes[0] for line in done if line.cost and line.cost.memory_bytes and _stands(line, report)
    ]
    return {
        "suggestions": len(report.lines),
        "executed": len(done),
        "kept": sum(line.done is not None and line.done.kept is True for line in done),
        "undone": sum(line.done is not None and line.done.kept is False for line in done),
        "estimated": sum(line.estimate is not None for line in done),
        "slow_minutes_avoided": report.avoided_minutes,
        "worker_hours_added": report.worker_hours,
        "memory_added_bytes_at_end": sum(memory),
    }


def _stands(line: Line, report: Report) -> bool:
    return line.done is not None and line.done.stood_until >= report.until


def view_line(line: Line, lang: str) -> Json:
    proposal, change = line.proposal, line.proposal.change
    return {
        "plugin_id": proposal.plugin_id,
        "suggestion_type": proposal.type,
        "description": render(proposal.title, lang),
        "change": {"knob": change.knob, "before": change.before, "after": change.after} if change else None,
        "risk": proposal.risk,
        "confidence": proposal.confidence,
        "prediction": _prediction(proposal.prediction),
        "mode": line.mode,
        "opened_at": iso(line.opened_at),
        "closed_at": iso(line.closed_at),
        "refreshed": line.refreshed,
        "samples": "minutes" if line.by_minutes else "turns",
        "would_be_done": _done(line.done, line.repeated),
        "held": [{"code": code, "looks": looks} for code, looks in sorted(line.held.items())],
        "held_last": view_reason(line.held_last, lang),
        "estimate": _estimate(line.estimate),
        "not_estimated": view_reason(line.unknown, lang),
        "cost": _cost(line.cost),
        "really": [_real(real, lang) for real in line.real],
    }


def _done(done: Done | None, repeated: int) -> Json | None:
    if done is None:
        return None
    return {
        "at": iso(done.at),
        "kept": done.kept,
        "assumed": done.assumed,
        "judged_at": iso(done.judged_at),
        "stood_until": iso(done.stood_until),
        "repeated": repeated,
    }


def _estimate(found: Estimate | None) -> Json | None:
    if found is None:
        return None
    return {
        "requests": found.requests,
        "stretches": found.stretches,
        "stretches_replayed": found.replayed,
        "p95_seconds": _compared(found.p95_seconds, found.p95_range),
        "mean_seconds": _compared(found.mean_seconds, found.mean_range),
        "slow_minutes": _compared(found.slow_minutes, found.slow_range),
        "slow_minutes_avoided": found.avoided_minutes,
    }


def _compared(figures: tuple[float, float], ends: tuple[float, float]) -> Json:
    return {"recorded": figures[0], "replayed": figures[1], "low": min(ends), "high": max(ends)}


def _cost(cost: Cost | None) -> Json | None:
    if cost is None:
        return None
    expected, low, high = cost.memory_bytes or (None, None, None)
    return {
        "hours": cost.hours,
        "worker_hours": cost.worker_hours,
        "memory_bytes": expected,
        "memory_bytes_low": low,
        "memory_bytes_high": high,
    }


def _real(real: Real, lang: str) -> Json:
    return {
        "execution_id": real.execution_id,
        "plugin_id": real.plugin_id,
        "change": {"knob": real.knob, "before": real.before, "after": real.after},
        "at": iso(real.at),
        "approved_by": real.approved_by,
        "state": real.state,
        "state_text": state_name(real.state, lang),
        "verdict": _verdict(real.verdict),
    }


def _verdict(verdict: Verdict | None) -> Json | None:
    if verdict is None:
        return None
    figures = {name: _finite(getattr(verdict, name)) for name in ("effect", "low", "high", "before", "after")}
    return {"outcome": verdict.outcome, "metric": verdict.metric, "method": verdict.method, **figures}


def _prediction(prediction: Prediction | None) -> Json | None:
    if prediction is None:
        return None
    figures = {name: _finite(getattr(prediction, name)) for name in ("before", "expected", "low", "high")}
    return {"metric": prediction.metric, "model": prediction.model, **figures}


def view_reason(message: Message | None, lang: str) -> Json | None:
    if message is None:
        return None
    params: Mapping[str, object] = {
        name: _finite(value) if isinstance(value, float) else value for name, value in message.params.items()
    }
    return {"code": message.code, "params": params, "text": render(message, lang)}


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
