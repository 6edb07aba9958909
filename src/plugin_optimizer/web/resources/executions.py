"""What is executed now, the single execution, rolling back, cancelling, closing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated

import msgspec

from ...domain import Conflict, Execution, ExecutionState, Knob, Message, NotFound, Prediction, Proposal, Value
from ...wording import render
from ..observed_knobs import OBSERVED
from ..paging import TOTAL, Identifier, Limit, page
from ..problem import Problem
from ..request_key import given_key
from ..route import Answer, Call, Role, Route, Strict
from ..views.execution import ExecutionDetail, ExecutionView, view_execution, view_execution_detail

Fetch = Callable[[int, str | None], Sequence[Execution]]


class ExecutionsQuery(Strict, frozen=True, kw_only=True):
    """`needs_person`: what the engine gave up and nobody closed yet, however long ago."""

    plugin_id: Identifier | None = None
    limit: Limit = 100
    after: Identifier | None = None
    open: bool = False
    needs_person: bool = False


class CloseBody(Strict, frozen=True, kw_only=True):
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


def list_executions(call: Call, query: ExecutionsQuery) -> Answer:
    """List executions; of those that need a person also what runs now, and in a header how many they are in all."""
    if not query.needs_person:
        return _listed(call, query)
    if query.open:
        raise Problem(400, "invalid_field", "what needs a person is not open any more: give `open` or `needs_person`")
    state = call.system.state
    rows, headers = _paged(query, lambda limit, after: state.needing_person(query.plugin_id, limit, after))
    total = state.count_needing_person(query.plugin_id)
    return Answer([_seen_now(call, row) for row in rows], headers={**headers, TOTAL: str(total)})


def read_execution(call: Call, execution_id: str) -> Answer:
    state = call.system.state
    execution = state.execution(execution_id)
    view = view_execution_detail(
        execution,
        proposal_of(call, execution),
        state.steps(execution_id),
        state.windows(execution_id),
        call.lang,
        present_value(call, execution),
    )
    return Answer(view)


def roll_back_execution(call: Call, execution_id: str) -> Answer:
    execution = call.system.state.ask_rollback(execution_id, call.actor, call.now)
    return Answer(view_execution(execution, prediction_of(call, execution), call.lang), 202)


def cancel_execution(call: Call, execution_id: str) -> Answer:
    """Cancel what is still queued; raises Conflict once it began (roll it back instead)."""
    present = call.system.state.execution(execution_id)
    if present.state is not ExecutionState.QUEUED:
        raise Conflict(f"only a queued execution can be cancelled; this one is {present.state}: roll it back instead")
    return roll_back_execution(call, execution_id)


def close_execution(call: Call, body: CloseBody, execution_id: str) -> Answer:
    """Put on record that somebody has looked at it and leaves it as it is; asked again, the first answer stands."""
    state = call.system.state
    before = state.execution(execution_id)
    value = _value_of(before, OBSERVED.read(call.system, before.change.plugin_id))  # not what was seen seconds ago
    try:
        execution, _ = state.close_execution(
            execution_id, call.actor, body.note.strip(), value, given_key(call), call.now
        )
    except Conflict as refused:
        if refused.code != "not_closable":
            raise
        present = state.execution(execution_id).state
        detail = render(Message("not_closable", {"state": present.value}), call.lang)
        raise Problem(409, "not_closable", detail) from refused
    return Answer(_seen_now(call, execution))


def present_value(call: Call, execution: Execution) -> Value | None:
    """Return what runs now, None where it cannot be read."""
    return _value_of(execution, OBSERVED.of(call.system, execution.change.plugin_id))


def _value_of(execution: Execution, knobs: Iterable[Knob]) -> Value | None:
    return next((knob.value for knob in knobs if knob.name == execution.change.knob), None)


def _seen_now(call: Call, execution: Execution) -> ExecutionView:
    return view_execution(execution, prediction_of(call, execution), call.lang, present_value(call, execution))


def proposal_of(call: Call, execution: Execution) -> Proposal | None:
    try:
        return call.system.state.suggestion(execution.suggestion_id).proposal
    except NotFound:
        return None


def prediction_of(call: Call, execution: Execution) -> Prediction | None:
    proposal = proposal_of(call, execution)
    return proposal.prediction if proposal else None


def _listed(call: Call, query: ExecutionsQuery) -> Answer:
    state = call.system.state
    rows, headers = _paged(query, lambda limit, after: state.executions(query.plugin_id, query.open, limit, after))
    return Answer([view_execution(row, prediction_of(call, row), call.lang) for row in rows], headers=headers)


def _paged(query: ExecutionsQuery, fetch: Fetch) -> tuple[list[Execution], Mapping[str, str]]:
    return page(fetch, lambda _: True, lambda execution: execution.id, query.limit, query.after)


ROUTES = (
    Route("GET", "/executions", Role.VIEWER, list_executions, "List executions", list[ExecutionView], ExecutionsQuery),
    Route("GET", "/executions/<execution_id>", Role.VIEWER, read_execution, "Read an execution", ExecutionDetail),
    Route(
        "POST", "/executions/<execution_id>/rollback", Role.OPERATOR, roll_back_execution, "Undo an execution",
        ExecutionView, status=202,
    ),
    Route(
        "POST", "/executions/<execution_id>/cancel", Role.OPERATOR, cancel_execution, "Cancel a queued execution",
        ExecutionView, status=202,
    ),
    Route(
        "POST", "/executions/<execution_id>/close", Role.OPERATOR, close_execution,
        "Leave as it is what needs an operator", ExecutionView, body=CloseBody,
    ),
)  # fmt: skip
