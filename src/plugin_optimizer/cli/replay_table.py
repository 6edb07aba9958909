"""A replay for people: a few sentences and one table."""

from collections.abc import Iterator
from datetime import UTC, datetime

import click

from ..domain import Message, Mode, Parameter, Risk
from ..hindsight import Done, Estimate, Line, Real, Report
from ..web.preview.report_view import told_of, totals
from ..wording import render, state_name
from ..wording.figure import byte_count, figure, number
from .output import print_table

COLUMNS = (
    Message("replay_column_plugin"),
    Message("replay_column_suggestion"),
    Message("replay_column_when"),
    Message("replay_column_done"),
    Message("replay_column_p95"),
    Message("replay_column_mean"),
    Message("replay_column_minutes"),
    Message("replay_column_hours"),
    Message("replay_column_memory"),
    Message("replay_column_real"),
)
RISKS = {
    Risk.LOW: Message("replay_risk_low"),
    Risk.MEDIUM: Message("replay_risk_medium"),
    Risk.HIGH: Message("replay_risk_high"),
}
MOSTLY = 0.99  # of the looks: what was missing at fewer is no news


def print_report(report: Report, lang: str, seconds: float) -> None:
    """Print what would have happened; `seconds` is how long the replay took."""
    for message in _head(report, seconds):
        click.echo(render(message, lang))
    click.echo()
    columns = [render(column, lang) for column in COLUMNS]
    print_table(columns, [_row(line, lang) for line in report.lines], render(Message("replay_no_suggestions"), lang))
    _print_unusual(report, lang)
    notes = list(dict.fromkeys(_notes(report, lang)))  # what is said of many suggestions is said once
    if notes:
        click.echo("\n" + "\n".join(notes))


def _print_unusual(report: Report, lang: str) -> None:
    if not report.unusual:
        return
    click.echo("\n" + render(Message("replay_unusual_heading"), lang))
    for one in report.unusual:
        found, times = one.unusual, f"{_clock(one.unusual.since)} – {_clock(one.until)}"
        click.echo(f"  {times} {found.plugin_id}: {render(told_of(found), lang)} (×{number(round(found.score, 1))})")


def _head(report: Report, seconds: float) -> Iterator[Message]:
    sums = totals(report)
    times: dict[str, Parameter] = {
        "since_at_seconds": report.since,
        "until_at_seconds": report.until,
        "every_seconds": report.every_seconds,
    }
    yield Message("replay_heading", {**times, "looks": report.looks, "duration_seconds": seconds})
    yield Message("replay_totals", sums)
    if not sums["executed"]:
        yield Message("replay_nothing_done")
    elif report.avoided_minutes is None:
        yield Message("replay_saved_unknown", {"worker_hours": f"{report.worker_hours:+.1f}"})
    else:
        hours = f"{report.worker_hours:+.1f}"
        yield Message("replay_saved", {"minutes": round(report.avoided_minutes), "worker_hours": hours})
    if report.by_minutes > 1 - MOSTLY:
        yield Message("replay_by_minutes", {"seen_share": report.by_minutes})
    if report.recorded < MOSTLY:
        yield Message("replay_unrecorded", {"seen_share": report.recorded})


def _row(line: Line, lang: str) -> tuple[object, ...]:
    found, cost = line.estimate, line.cost
    memory = cost.memory_bytes if cost is not None else None
    return (
        line.proposal.plugin_id,
        render(line.proposal.title, lang),
        f"{_clock(line.opened_at)} – {_clock(line.closed_at) if line.closed_at is not None else '…'}",
        _done(line.done, line.repeated, lang),
        _compared(found.p95_seconds, found.p95_range, lang) if found else None,
        _compared(found.mean_seconds, found.mean_range, lang) if found else None,
        _avoided(found) if found else None,
        f"{cost.worker_hours:+.1f}" if cost else None,
        ("+" if memory[0] > 0 else "") + byte_count(memory[0], lang) if memory else None,
        "; ".join(_real(real, lang) for real in line.real) or None,
    )


def _done(done: Done | None, repeated: int, lang: str) -> str | None:
    if done is None:
        return None
    at: dict[str, Parameter] = {"at_seconds": done.at}
    if done.kept is None:
        words = Message("replay_unjudged", at)
    elif done.assumed:
        words = Message("replay_assumed", at)
    else:
        words = Message("replay_kept" if done.kept else "replay_undone", at)
    return render(Message("replay_repeated", {"words": render(words, lang), "times": repeated or None}), lang)


def _compared(figures: tuple[float, float], ends: tuple[float, float], lang: str) -> str:
    was, then, low, high = (figure("seconds", value, lang) for value in (*figures, *ends))
    return f"{was} → {then} ({low} – {high})"


def _avoided(found: Estimate) -> str:
    ends = sorted(found.slow_minutes[0] - slow for slow in found.slow_range)
    return f"{number(round(found.avoided_minutes))} ({number(round(ends[0]))} – {number(round(ends[1]))})"


def _real(real: Real, lang: str) -> str:
    verdict = real.verdict
    effect: dict[str, Parameter] = {}
    if verdict is not None and verdict.effect == verdict.effect:
        effect = {name: f"{getattr(verdict, name):.2f}" for name in ("effect", "low", "high")}
    turned: dict[str, Parameter] = {"knob": real.knob, "from": real.before, "to": real.after}
    return render(Message("replay_real", {**turned, "state": state_name(real.state, lang), **effect}), lang)


def _notes(report: Report, lang: str) -> Iterator[str]:
    """Yield why something was not estimated, not executed or not suggested."""
    for line in report.lines:
        about: dict[str, Parameter] = {"plugin_id": line.proposal.plugin_id}
        if line.unknown is not None:
            yield render(Message("replay_not_estimated", {**about, "reason": render(line.unknown, lang)}), lang)
        if line.held_last is not None:
            looks = sum(line.held.values())
            yield render(
                Message("replay_held", {**about, "reason": render(line.held_last, lang), "looks": looks}), lang
            )
        if _left_to_person(line):
            figures: dict[str, Parameter] = {
                "risk": render(RISKS[line.proposal.risk], lang),
                "confidence_ratio": line.proposal.confidence,
            }
            yield render(Message("replay_left_to_person", {**about, **figures}), lang)
    if report.others:
        yield render(Message("replay_others_heading"), lang)
        yield from (f"  {_clock(real.at)} {real.plugin_id}: {_real(real, lang)}" for real in report.others)
    if report.quiet:
        yield render(Message("replay_quiet_heading"), lang)
        for quiet in report.quiet:
            counts: dict[str, Parameter] = {"looks": quiet.looks, "looked": quiet.of_looks}
            said = {"plugin_id": quiet.plugin_id, "reason": render(quiet.reason, lang), **counts}
            yield "  " + render(Message("replay_quiet", said), lang)
    for fault in report.faults:
        yield render(Message("replay_fault", {"part": fault.part, "error": fault.error}), lang)


def _left_to_person(line: Line) -> bool:
    """Tell whether automatic mode had the say, was in nobody's way, and still did not do it."""
    asked = line.mode is Mode.AUTOMATIC and line.proposal.change is not None
    return asked and line.done is None and not line.held


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%m-%d %H:%M")
