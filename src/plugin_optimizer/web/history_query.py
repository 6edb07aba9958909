"""What of the history is asked for: filters that the store answers, and words that are looked for in what people read."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal

import msgspec

from ..contracts import HistoryFilter, StateStore
from ..domain import FINAL, Execution, ExecutionState, Proposal, SuggestionType
from ..wording import render
from .moment import unix
from .paging import Identifier
from .route import Strict

Moment = Annotated[str, msgspec.Meta(max_length=40)]
Words = Annotated[str, msgspec.Meta(max_length=200)]
Result = Literal["in_progress", "success", "rolled_back", "failed"]
PAGE = 500
KEPT, UNDONE = frozenset({ExecutionState.SUCCEEDED}), frozenset({ExecutionState.ROLLED_BACK})
STATES: Mapping[Result, frozenset[ExecutionState]] = {
    "in_progress": frozenset(ExecutionState) - FINAL,
    "success": KEPT,
    "rolled_back": UNDONE,
    "failed": FINAL - KEPT - UNDONE,
}


class HistorySearch(Strict, frozen=True, kw_only=True, rename={"begin": "from", "end": "to"}):
    """`from` ≤ when it was ordered < `to`. Every word of `q` has to stand in what is shown of it, or in its ids."""

    plugin_id: Identifier | None = None
    suggestion_type: SuggestionType | None = None
    result: Result | None = None
    approved_by: Identifier | None = None
    begin: Moment | None = None
    end: Moment | None = None
    q: Words | None = None


def filter_of(query: HistorySearch) -> HistoryFilter:
    """Return what the store is asked. Raises Problem 400 for a time that is none."""
    return HistoryFilter(
        plugin_id=query.plugin_id,
        suggestion_type=query.suggestion_type,
        states=STATES[query.result] if query.result else None,
        approved_by=query.approved_by,
        since=unix(query.begin, "from") if query.begin else None,
        until=unix(query.end, "to") if query.end else None,
    )


def holds_words(query: HistorySearch, lang: str) -> Callable[[Execution], bool]:
    """Return what tells whether an execution holds every word that is looked for, whatever their case."""
    words = (query.q or "").casefold().split()

    def holds(execution: Execution) -> bool:
        text = " ".join(_texts(execution, lang)).casefold()
        return all(word in text for word in words)

    return holds if words else lambda _: True


def found_executions(state: StateStore, query: HistorySearch, lang: str) -> Iterator[Sequence[Execution]]:
    """Yield all that fits, newest first, in portions; the store is read as they are taken."""
    asked, holds, after = filter_of(query), holds_words(query, lang), None
    while rows := state.history(asked, PAGE, after):
        yield [row for row in rows if holds(row)]
        if len(rows) < PAGE:
            return
        after = rows[-1].id


def proposals_of(state: StateStore, executions: Iterable[Execution]) -> Mapping[str, Proposal]:
    """Return the proposals of executions by the id of their suggestion."""
    return state.proposals({execution.suggestion_id for execution in executions})


def _texts(execution: Execution, lang: str) -> Iterator[str]:
    change = execution.change
    yield from (execution.id, execution.suggestion_id, change.plugin_id, change.knob, execution.approved_by)
    yield from (str(change.before), str(change.after), render(execution.description, lang))
    if execution.reason is not None:
        yield render(execution.reason, lang)
    if execution.closing is not None:
        yield execution.closing.note
