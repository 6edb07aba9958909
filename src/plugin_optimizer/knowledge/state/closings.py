"""What the engine gave up and a person has to look at: finding it, and the word that it was looked at."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import exists, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql.expression import ColumnElement

from ...domain import Closing, Conflict, Execution, ExecutionState, Message, Value
from ..values import canonical
from .execution_rows import execution_from, execution_of, rewrite
from .records import Records, page
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
        with self._database.reading() as connection:
            wanted = _wanted(plugin_id)
            return [execution_from(row) for row in page(connection, executions, wanted, limit, after, "execution")]

    def count_needing_person(self, plugin_id: str | None = None) -> int:
        """Return how many executions wait for a person."""
        with self._database.reading() as connection:
            counted = select(func.count()).select_from(executions).where(*_wanted(plugin_id))
            return int(connection.execute(counted).scalar_one())


def _wanted(plugin_id: str | None) -> "list[ColumnElement[bool]]":
    table, later = executions.c, executions.alias("later")
    replaced = exists().where(
        later.c.plugin_id == table.plugin_id,
        later.c.knob == table.knob,
        later.c.fence > table.fence,
        later.c.state.in_(MAY_STILL_STAND),
    )
    own = [] if plugin_id is None else [table.plugin_id == plugin_id]
    return [*own, table.state == NEEDS.value, table.closed_at.is_(None), ~replaced]


def _answered(connection: Connection, request: str, actor: str, key: str | None) -> bool:
    row = None if key is None else known(connection, actor, key)
    if row is not None and row.request != request:
        raise Conflict(f"this key came with another request about {row.execution_id}; use a new one", "key_reused")
    return row is not None
