"""Two replays of the same past, under the present and under the proposed policies, laid side by side."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ...domain import Message
from ...hindsight import Line, Report
from ..moment import iso
from ..views.policy import DEFAULT
from .asked import Asked
from .report_view import Json, totals, view_line, view_reason

MOST_LINES = 200
MOSTLY = 0.99  # of the looks: what was missing at fewer is no news
SHORT = 0.9  # of the days asked for: less is told
DAY_SECONDS = 86_400.0
Pair = tuple[Line | None, Line | None]


def view_difference(present: Report, proposed: Report, asked: Asked, seconds: float, lang: str) -> Json:
    """Return the answer in one language; what differs comes first. `seconds` is how long it took to compute."""
    pairs = list(matched(present.lines, proposed.lines))
    ordered = sorted(pairs, key=lambda pair: (difference(pair) == "same", _begin(pair)))
    return {
        "since": iso(proposed.since),
        "until": iso(proposed.until),
        "history_days": (proposed.until - proposed.since) / DAY_SECONDS,
        "every_seconds": proposed.every_seconds,
        "looks": proposed.looks,
        "recorded_ratio": proposed.recorded,
        "minutes_only_ratio": proposed.by_minutes,
        "duration_seconds": round(seconds, 2),
        "present": totals(present),
        "proposed": totals(proposed),
        "different": sum(difference(pair) != "same" for pair in pairs),
        "suggestions": [_row(pair, lang) for pair in ordered[:MOST_LINES]],
        "left_out": max(0, len(pairs) - MOST_LINES),
        "notes": [view_reason(note, lang) for note in _notes(present, proposed, asked)],
    }


def matched(present: Sequence[Line], proposed: Sequence[Line]) -> Iterator[Pair]:
    """Yield pairs of the same suggestion under both policies; None where only one of them had it.

    The same are those of one plugin, kind, knob and direction whose times overlap; how far the knob would be turned may
    differ, as one that was executed says what it said then, the other what it said first.
    """
    waiting: dict[str, list[Line]] = defaultdict(list)
    for line in proposed:
        waiting[line.proposal.fingerprint].append(line)
    for line in present:
        others = waiting[line.proposal.fingerprint]
        found = next((other for other in others if _overlap(line, other)), None)
        if found is not None:
            others.remove(found)
        yield line, found
    yield from ((None, line) for lines in waiting.values() for line in lines)


def difference(pair: Pair) -> str:
    """Return how the second side differs: added, removed, executed, not_executed, ended_otherwise or same."""
    before, after = pair
    if before is None or after is None:
        return "added" if before is None else "removed"
    if (before.done is None) != (after.done is None):
        return "executed" if before.done is None else "not_executed"
    if before.done is not None and after.done is not None and before.done.kept != after.done.kept:
        return "ended_otherwise"
    return "same"


def _row(pair: Pair, lang: str) -> Json:
    before, after = pair
    return {
        "difference": difference(pair),
        "present": view_line(before, lang) if before else None,
        "proposed": view_line(after, lang) if after else None,
    }


def _overlap(one: Line, other: Line) -> bool:
    return one.opened_at <= _closed(other) and other.opened_at <= _closed(one)


def _closed(line: Line) -> float:
    return float("inf") if line.closed_at is None else line.closed_at


def _begin(pair: Pair) -> float:
    return min(line.opened_at for line in pair if line is not None)


def _notes(present: Report, proposed: Report, asked: Asked) -> Iterator[Message]:
    """Yield how far the answer can be trusted: how much history there was, and what it does not hold."""
    days = (proposed.until - proposed.since) / DAY_SECONDS
    if days < SHORT * asked.days:
        params = {"asked_seconds": asked.days * DAY_SECONDS, "history_seconds": days * DAY_SECONDS}
        yield Message("preview_short_history", {**params, "since_at_seconds": proposed.since})
    yield Message("preview_looks", {"looks": proposed.looks, "every_seconds": proposed.every_seconds})
    if proposed.by_minutes > 1 - MOSTLY:
        yield Message("replay_by_minutes", {"seen_share": proposed.by_minutes})
    if proposed.recorded < MOSTLY:
        yield Message("replay_unrecorded", {"seen_share": proposed.recorded})
    if asked.plugin_id != DEFAULT:
        yield Message("preview_one_plugin", {"plugin_id": asked.plugin_id})
    for fault in dict.fromkeys((*present.faults, *proposed.faults)):
        yield Message("replay_fault", {"part": fault.part, "error": fault.error[:200]})
