"""How the changes that were made turned out, by kind, and the time that requests were spared while the judge looked."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from ...contracts import HistoryFilter
from ...domain import Execution, Message, SuggestionType
from ...models.outcomes import SparedTime, Tally, spared_time, tallies, tally
from ...wording import type_name
from ..history_query import Moment
from ..moment import iso, unix
from ..paging import Identifier
from ..route import Answer, Call, Role, Route, Strict
from ..views.message import MessageView, view_message

LATEST = 1_000  # executions looked at, as by the calibration
PAGE = 500


class TrackRecordQuery(Strict, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    plugin_id: Identifier | None = None
    begin: Moment | None = None
    end: Moment | None = None


class TallyView(msgspec.Struct, frozen=True, kw_only=True):
    """`failed` are those that need (or needed) a person; `verdicts` counts those of executions that ended, by outcome."""

    executions: int
    kept: int
    undone: int
    failed: int
    without_effect: int
    under_way: int
    verdicts: Mapping[str, int]


class KindTallyView(TallyView, frozen=True, kw_only=True):
    suggestion_type: str
    suggestion_type_text: str


class SparedView(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` that `requests` of `executions` were spared while the judge looked (negative: they took longer)."""

    seconds: float
    requests: int
    executions: int
    not_counted: int
    how: MessageView


class TrackRecordView(msgspec.Struct, frozen=True, kw_only=True):
    """`since` is when the oldest execution that was looked at was ordered; `all` whether there are none before."""

    kinds: tuple[KindTallyView, ...]
    total: TallyView
    time_spared: SparedView
    since: str | None
    all: bool


def read_track_record(call: Call, query: TrackRecordQuery) -> Answer:
    """Tally the latest 1,000 executions that fit."""
    state = call.system.state
    asked = HistoryFilter(
        plugin_id=query.plugin_id,
        since=unix(query.begin, "from") if query.begin else None,
        until=unix(query.end, "to") if query.end else None,
    )
    found = _latest(call, asked)
    windows = state.windows_of([execution.id for execution in found])
    view = TrackRecordView(
        kinds=tuple(_kind(kind, ended, call.lang) for kind, ended in sorted(tallies(found).items())),
        total=TallyView(**_fields(tally(found))),
        time_spared=_spared(spared_time(found, windows), call.lang),
        since=iso(found[-1].created_at) if found else None,
        all=len(found) < LATEST,
    )
    return Answer(view)


def _latest(call: Call, asked: HistoryFilter) -> Sequence[Execution]:
    found: list[Execution] = []
    after: str | None = None
    while rows := call.system.state.history(asked, PAGE, after):
        found += rows
        after = rows[-1].id
        if len(rows) < PAGE or len(found) >= LATEST:
            break
    return list(islice(found, LATEST))


def _kind(kind: SuggestionType, ended: Tally, lang: str) -> KindTallyView:
    return KindTallyView(suggestion_type=kind, suggestion_type_text=type_name(kind, lang), **_fields(ended))


def _fields(ended: Tally) -> dict[str, Any]:
    return {
        "executions": ended.executions,
        "kept": ended.kept,
        "undone": ended.undone,
        "failed": ended.failed,
        "without_effect": ended.without_effect,
        "under_way": ended.under_way,
        "verdicts": {outcome.value: number for outcome, number in ended.verdicts.items()},
    }


def _spared(found: SparedTime, lang: str) -> SparedView:
    return SparedView(
        seconds=found.seconds,
        requests=found.requests,
        executions=found.executions,
        not_counted=found.not_counted,
        how=view_message(Message("time_spared_how", {"executions": found.executions}), lang),
    )


ROUTES = (
    Route(
        "GET", "/track-record", Role.VIEWER, read_track_record, "Tally how changes turned out", TrackRecordView,
        TrackRecordQuery,
    ),
)  # fmt: skip
