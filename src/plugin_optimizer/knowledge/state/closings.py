"""What the engine gave up and a person has to look at: finding it, and the word that it was looked at."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import exists, func, select
from sqlalchemy.engine import Connection

from ...domain import Closing, Conflict, Execution, ExecutionState, Message, Value
from ..values import canonical
from .execution_rows import OF_PLUGIN, execution_from, execution_of, rewrite
from .records import Conditions, Records, page
from .request_keys import known, remember
from .rollbacks import MAY_STILL_STAND
from .schema import executions

NEEDS = ExecutionState.NEEDS_OPERATOR
WHY_NOT = {
    ExecutionState.SUCCEEDED: "it was kept: undo it, where it is not wanted",
    ExecutionState.ROLLED_BACK: "it is over, and the old value is back",
    ExecutionState.ABORTED: "it is over, and nothing was changed",
    ExecutionState.CANCELLED: "it is over, and nothing was changed",
}
UNDER_WAY = "the engine is still at work on it: wait for its end, or ask for the way back"

_later = executions.alias("later")
_REPLACED = exists().where(
    _later.c.plugin_id == executions.c.plugin_id,
    _later.c.knob == executions.c.knob,
    _later.c.fence > executions.c.fence,
    _later.c.state.in_(MAY_STILL_STAND),
)
WAITING: Conditions = (executions.c.state == NEEDS.value, executions.c.closed_at.is_(None), ~_REPLACED)
COUNT_OF_ALL = select(func.count()).select_from(executions).where(*WAITING)
COUNT_OF_PLUGIN = COUNT_OF_ALL.where(OF_PLUGIN)


class Closings(Records):
    def close_execution(
        self, execution_id: str, actor: str, note: str, value: Value | None, key: str | None, at: float
    ) -> tuple[Execution, bool]:
        """Put on record that a person leaves it as it is; return the execution, and whether this call did it.

        Whoever comes later gets the first answer, unchanged; so does a late repetition with the same `key`, though the
        execution needs somebody anew by then. Codes of Conflict: `not_closable` (it is in another state), `key_reused`.
        """
        with self._database.writing() as write:
            present = execution_of(write.connection, execution_id)
            request = hashlib.sha256(canonical(["close", execution_id, note]).encode()).hexdigest()
            if _answered(write.connection, request, actor, key):
                return present, False
            if present.state is not NEEDS:
                hint = WHY_NOT.get(present.state, UNDER_WAY)
                raise Conflict(
                    f"only what needs an operator can be closed, this one is {present.state}; {hint}", "not_closable"
                )
            fresh = present.closing is None
            if fresh:
                present = replace(present, closing=Closing(at, actor, note, value))
                said = Message(
                    "closed_by_person",
                    {"actor": actor, "knob": present.change.knob, "value": value, "note": note or None},
                )
                rewrite(write, present, actor, at, said)
            remember(write, present, request, actor, key, at)
            return present, fresh

    def needing_person(
        self, plugin_id: str | None = None, limit: int = 500, after: str | None = None
    ) -> Sequence[Execution]:
        """Return what still waits for a person, newest first.

        That is: given up, not closed, and no later change of the same setting stands in its place.
        """
        wanted = WAITING if plugin_id is None else (OF_PLUGIN, *WAITING)
        with self._database.reading() as connection:
            rows = page(connection, executions, wanted, {"plugin_id": plugin_id}, limit, after)
        return [execution_from(row) for row in rows]

    def count_needing_person(self, plugin_id: str | None = None) -> int:
        """Return how many executions wait for a person."""
        counted = COUNT_OF_ALL if plugin_id is None else COUNT_OF_PLUGIN
        with self._database.reading() as connection:
            return int(connection.execute(counted, {"plugin_id": plugin_id}).scalar_one())


def _answered(connection: Connection, request: str, actor: str, key: str | None) -> bool:
    row = None if key is None else known(connection, actor, key)
    if row is not None and row.request != request:
        raise Conflict(f"this key came with another request about {row.execution_id}; use a new one", "key_reused")
    return row is not None
