"""Moving executions on, one compared and durable write at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import bindparam, insert, select, update

from ...domain import TRANSITIONS, Conflict, Execution, ExecutionState, Message, Stale
from ..values import decode, encode
from .execution_rows import OF_PLUGIN, execution_from, execution_of, store
from .records import Conditions, Records, found, page
from .schema import IN_FLIGHT, execution_windows, executions, steps

# Asked for by their ids, which SQLite finds by the index of what is in flight: else it reads all there ever were.
ALL_IN_FLIGHT = executions.c.id.in_(select(executions.c.id).where(IN_FLIGHT).correlate(None))
LINES = select(steps).where(steps.c.execution_id == bindparam("execution_id")).order_by(steps.c.id)
SEEN = select(execution_windows.c.body).where(execution_windows.c.execution_id == bindparam("execution_id"))
SEEN_FIRST = insert(execution_windows)
SEEN_SINCE = update(execution_windows).where(execution_windows.c.execution_id == bindparam("present_id"))


class Executions(Records):
    def execution(self, execution_id: str) -> Execution:
        """Return one execution; raises NotFound."""
        with self._database.reading() as connection:
            return execution_of(connection, execution_id)

    def executions(
        self, plugin_id: str | None = None, open_only: bool = False, limit: int = 500, after: str | None = None
    ) -> Sequence[Execution]:
        """Return newest first; `open_only` leaves out those in a final state."""
        wanted: Conditions = () if plugin_id is None else (OF_PLUGIN,)
        if open_only:
            wanted += (ALL_IN_FLIGHT if plugin_id is None else IN_FLIGHT,)
        values = {"plugin_id": plugin_id}
        with self._database.reading() as connection:
            return [execution_from(row) for row in page(connection, executions, wanted, values, limit, after)]

    def claim(self, execution_id: str, actor: str, at: float, deadman_at: float) -> Execution:
        """QUEUED → CLAIMED with fence + 1. Raises Stale if somebody else did."""
        with self._database.writing() as write:
            queued = execution_of(write.connection, execution_id)
            if queued.state is not ExecutionState.QUEUED:
                raise Stale(f"execution {execution_id} is {queued.state} and no longer queued")
            claimed = replace(
                queued, state=ExecutionState.CLAIMED, fence=queued.fence + 1, updated_at=at, deadman_at=deadman_at
            )
            return store(write, claimed, queued, actor)

    def advance(self, execution: Execution, previous: ExecutionState, actor: str, at: float) -> Execution:
        """Write the execution if the stored one is in `previous` with the same fence; return it as stored.

        The fence grows with every write, so that of two who read the same record only one can write, and act.

        `updated_at` becomes `at`; `finished_at` is set at a final state where the caller left it open.
        Raises Conflict (code `transition`) for a step that TRANSITIONS does not know, Stale if the row moved on.
        """
        if execution.state not in TRANSITIONS[previous]:
            allowed = ", ".join(sorted(TRANSITIONS[previous])) or "nothing"
            raise Conflict(f"{previous} is followed by {allowed}, not by {execution.state}", "transition")
        with self._database.writing() as write:
            stored = execution_of(write.connection, execution.id)
            if (stored.state, stored.fence) != (previous, execution.fence):
                raise Stale(
                    f"execution {execution.id} is {stored.state} with fence {stored.fence}, "
                    f"not {previous} with fence {execution.fence}"
                )
            return store(write, replace(execution, updated_at=at, fence=stored.fence + 1), stored, actor)

    def steps(self, execution_id: str) -> Sequence[tuple[str, float, str, Message | None]]:
        """Return (state, at, actor, reason) of every change of state and every turn of the knob, oldest first."""
        with self._database.reading() as connection:
            found(connection, executions, execution_id)
            rows = connection.execute(LINES, {"execution_id": execution_id}).all()
        return [
            (row.state, row.at, row.actor, None if row.reason is None else decode(row.reason, Message)) for row in rows
        ]

    def record_windows(self, execution_id: str, windows: Sequence[Mapping[str, float | None]]) -> None:
        """Replace the windows that the judge has seen so far (for people to watch). Not a change of state: no audit."""
        with self._database.writing() as write:
            body = encode(list(windows))
            if write.execute(SEEN_SINCE, {"present_id": execution_id, "body": body}).rowcount == 0:
                found(write.connection, executions, execution_id)
                write.execute(SEEN_FIRST, {"execution_id": execution_id, "body": body})

    def windows(self, execution_id: str) -> Sequence[Mapping[str, float | None]]:
        """Return what was recorded last; empty before the first. What was NaN is None."""
        with self._database.reading() as connection:
            found(connection, executions, execution_id)
            body = connection.execute(SEEN, {"execution_id": execution_id}).scalar()
        return [] if body is None else decode(body, list[dict[str, float | None]])
