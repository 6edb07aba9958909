"""What is suggested: the seed's list and execute, and the single suggestion."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from ...domain import Execution, Knob, Message, NotFound, Suggestion, SuggestionState
from ...wording import render
from ..executability import Circumstances, circumstances_at, hindrance, refuse
from ..observed_knobs import OBSERVED
from ..paging import Identifier, Limit, page
from ..problem import Problem
from ..request_key import given_key
from ..revision import given_revision, require_revision
from ..route import Answer, Call, Role, Route, Strict
from ..views.link import link
from ..views.suggestion import SuggestionView, view_suggestion

LISTED = {SuggestionState.OPEN, SuggestionState.CLAIMED, SuggestionState.EXECUTED}
BEGUN = {SuggestionState.CLAIMED, SuggestionState.EXECUTED}


class SuggestionsQuery(Strict, frozen=True, kw_only=True):
    plugin_id: Identifier | None = None
    state: SuggestionState | None = None
    executed: bool | None = None
    limit: Limit = 100
    after: Identifier | None = None


class ExecuteBody(Strict, frozen=True, kw_only=True):
    """`revision` is the one the caller saw: 412 if the suggestion changed since."""

    revision: Annotated[int, msgspec.Meta(ge=0, le=2**31)] | None = None


class ExecuteLinks(msgspec.Struct, frozen=True, kw_only=True):
    execution: str
    history: str


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """`already`: the suggestion had been executed before; nothing was changed by this call."""

    success: bool
    message: str
    execution_id: str
    state: str
    links: ExecuteLinks
    already: bool = False


def list_suggestions(call: Call, query: SuggestionsQuery) -> Answer:
    """Return newest first; without `state` and `executed` the open, claimed and executed ones."""
    listed = LISTED if query.state is None and query.executed is None else set(SuggestionState)
    state = call.system.state
    rows, headers = page(
        lambda limit, after: state.suggestions(query.plugin_id, query.state, query.executed, limit, after),
        lambda suggestion: suggestion.state in listed,
        lambda suggestion: suggestion.id,
        query.limit,
        query.after,
    )
    return Answer(views_of(call, rows), headers=headers)


def read_suggestion(call: Call, suggestion_id: str) -> Answer:
    return single(call, call.system.state.suggestion(suggestion_id))


def execute_suggestion(call: Call, body: ExecuteBody, suggestion_id: str) -> Answer:
    """Claim the suggestion and queue its execution; asked again, return the first execution."""
    state = call.system.state
    suggestion = state.suggestion(suggestion_id)
    revision, key = given_revision(call, body.revision), given_key(call)
    try:
        _require_executable(call, suggestion, revision)
    except Problem:
        if state.suggestion(suggestion_id).state not in BEGUN:  # else somebody was faster: the first execution answers
            raise
    execution, fresh = state.approve(suggestion_id, revision, call.actor, key, call.now)
    return _accepted(call, execution, fresh)


def _require_executable(call: Call, suggestion: Suggestion, revision: int | None) -> None:
    """Raise Problem 409, 410 where it cannot be executed now, 428 where the revision is needed."""
    knob = _knob(call, suggestion)
    hindered_by = hindrance(suggestion, circumstances_of(call), knob)
    if hindered_by is not None:
        raise refuse(hindered_by, render(hindered_by, call.lang))
    require_revision(suggestion, knob, revision)


def circumstances_of(call: Call) -> Circumstances:
    return circumstances_at(call.system, call.now)


def views_of(call: Call, suggestions: Sequence[Suggestion]) -> list[SuggestionView]:
    if not suggestions:
        return []  # the rails' past is long, and asked about by none
    circumstances = circumstances_of(call)
    return [_view(call, suggestion, circumstances) for suggestion in suggestions]


def _view(call: Call, suggestion: Suggestion, circumstances: Circumstances) -> SuggestionView:
    knob, execution = _knob(call, suggestion), _execution_of(call, suggestion)
    return view_suggestion(suggestion, execution, hindrance(suggestion, circumstances, knob), knob, call.lang)


def _knob(call: Call, suggestion: Suggestion) -> Knob | None:
    """Return the knob of an open suggestion as it was observed lately; None where it cannot be read from here."""
    change = suggestion.proposal.change
    if change is None or suggestion.state is not SuggestionState.OPEN:
        return None
    return next((k for k in OBSERVED.of(call.system, change.plugin_id) if k.name == change.knob), None)


def _execution_of(call: Call, suggestion: Suggestion) -> Execution | None:
    if suggestion.execution_id is None:
        return None
    try:
        return call.system.state.execution(suggestion.execution_id)
    except NotFound:
        return None


def single(call: Call, suggestion: Suggestion) -> Answer:
    view = _view(call, suggestion, circumstances_of(call))
    return Answer(view, headers={"ETag": f'"{suggestion.revision}"'})


def _accepted(call: Call, execution: Execution, fresh: bool) -> Answer:
    sentence = Message("execution_accepted" if fresh else "execution_already", {"execution_id": execution.id})
    links = ExecuteLinks(execution=link("read_execution", execution_id=execution.id), history=link("list_history"))
    view = Accepted(
        success=True,
        message=render(sentence, call.lang),
        execution_id=execution.id,
        state=execution.state,
        links=links,
        already=not fresh,
    )
    return Answer(view, 202 if fresh else 200)


ROUTES = (
    Route("GET", "/suggestions", Role.VIEWER, list_suggestions, "List suggestions", list[SuggestionView], SuggestionsQuery),
    Route("GET", "/suggestions/<suggestion_id>", Role.VIEWER, read_suggestion, "Read a suggestion", SuggestionView),
    Route(
        "POST", "/execute/<suggestion_id>", Role.OPERATOR, execute_suggestion, "Execute a suggestion", Accepted,
        body=ExecuteBody, status=202, seed_errors=True,
    ),
)  # fmt: skip
