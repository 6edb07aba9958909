"""What was executed and how it went: the seed's history, the single execution, rolling back, cancelling."""

from ...domain import Conflict, Execution, ExecutionState, NotFound, Prediction, Proposal
from ..paging import Identifier, Limit, page
from ..route import Answer, Call, Role, Route, Strict
from ..views.execution import ExecutionDetail, ExecutionView, view_execution, view_execution_detail


class HistoryQuery(Strict, frozen=True, kw_only=True):
    plugin_id: Identifier | None = None
    limit: Limit = 100
    after: Identifier | None = None


class ExecutionsQuery(HistoryQuery, frozen=True, kw_only=True):
    open: bool = False


def list_history(call: Call, query: HistoryQuery) -> Answer:
    return _listed(call, query, ExecutionsQuery().open)


def list_executions(call: Call, query: ExecutionsQuery) -> Answer:
    return _listed(call, query, query.open)


def read_execution(call: Call, execution_id: str) -> Answer:
    state = call.system.state
    execution = state.execution(execution_id)
    view = view_execution_detail(
        execution,
        proposal_of(call, execution),
        state.steps(execution_id),
        state.windows(execution_id),
        call.lang,
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


def proposal_of(call: Call, execution: Execution) -> Proposal | None:
    try:
        return call.system.state.suggestion(execution.suggestion_id).proposal
    except NotFound:
        return None


def prediction_of(call: Call, execution: Execution) -> Prediction | None:
    proposal = proposal_of(call, execution)
    return proposal.prediction if proposal else None


def _listed(call: Call, query: HistoryQuery, open_only: bool) -> Answer:
    state = call.system.state
    rows, headers = page(
        lambda limit, after: state.executions(query.plugin_id, open_only, limit, after),
        lambda _: True,
        lambda execution: execution.id,
        query.limit,
        query.after,
    )
    views = [view_execution(row, prediction_of(call, row), call.lang) for row in rows]
    return Answer(views, headers=headers)


ROUTES = (
    Route("GET", "/history", Role.VIEWER, list_history, "List executions", list[ExecutionView], HistoryQuery),
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
)  # fmt: skip
