"""A person's wish to undo an execution, or to cancel one that has not begun."""

from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection

from ...domain import FINAL, TRANSITIONS, Conflict, Execution, ExecutionState, Message
from .execution_rows import execution_of, in_flight_of, next_fence, store
from .records import Records
from .schema import executions

State = ExecutionState
ON_ITS_WAY = frozenset({State.RB_INTENT, State.RB_APPLYING})
NOT_BEGUN = frozenset({State.QUEUED, State.CLAIMED})
MAY_STILL_STAND = (State.SUCCEEDED.value, State.NEEDS_OPERATOR.value)


class Rollbacks(Records):
    def ask_rollback(self, execution_id: str, actor: str, at: float) -> Execution:
        """Move it to RB_INTENT, or to CANCELLED before anything was turned; one on its way back is returned as it is.

        The fence grows, so that whoever is at work on it loses the next write. Codes of Conflict: `not_reversible`
        (its state knows no way back, or it was a restart), `in_flight` (another execution of the plugin), `superseded` (a later execution
        changed the same knob).
        """
        with self._database.writing() as write:
            present = execution_of(write.connection, execution_id)
            if present.state in ON_ITS_WAY:
                return present
            state = State.CANCELLED if present.state in NOT_BEGUN else State.RB_INTENT
            _require_reversible(write.connection, present, state)
            code = "cancelled_by_person" if state is State.CANCELLED else "rollback_asked"
            undone = replace(
                present,
                state=state,
                fence=next_fence(write.connection, present.change.plugin_id, at) + 1,  # later ones have acted since
                updated_at=at,
                undoing=state is State.RB_INTENT,
                finished_at=None,
                reason=Message(code, {"actor": actor}),
            )
            return store(write, undone, present, actor)


def _require_reversible(connection: Connection, execution: Execution, state: ExecutionState) -> None:
    if state not in TRANSITIONS[execution.state]:
        raise Conflict(f"an execution that is {execution.state} can be neither cancelled nor undone", "not_reversible")
    if execution.state not in FINAL:
        return
    if execution.change.ends_life:
        raise Conflict(f"{execution.id} was a restart: a life that has ended does not come back", "not_reversible")
    other = in_flight_of(connection, execution.change.plugin_id)
    if other is not None:
        raise Conflict(f"{other} is changing {execution.change.plugin_id}; undo {execution.id} after it", "in_flight")
    later = _later_on_same_knob(connection, execution)
    if later is not None:
        raise Conflict(f"{later} has changed {execution.change.knob} since; undo that one first", "superseded")


LATER = select(executions.c.id).where(
    executions.c.plugin_id == bindparam("plugin_id"),
    executions.c.knob == bindparam("knob"),
    executions.c.fence > bindparam("fence"),  # fences of a plugin only grow, clocks may not
    executions.c.state.in_(MAY_STILL_STAND),
)


def _later_on_same_knob(connection: Connection, execution: Execution) -> str | None:
    change = execution.change
    than = {"plugin_id": change.plugin_id, "knob": change.knob, "fence": execution.fence}
    found: str | None = connection.execute(LATER, than).scalar()
    return found
