"""How long history is kept."""

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from ...domain import SuggestionState
from .database import Transaction
from .outbox_rows import forget_old, has_old
from .past_incidents import forget_incidents, old_incidents
from .records import Records
from .schema import execution_windows, executions, steps, suggestions
from .suggestion_rows import FINAL_STATES

HISTORY_SECONDS = 400 * 86_400.0
AT_A_TIME = 500  # writers must not wait for a long clean-up
ENDED = (SuggestionState.EXECUTED.value, SuggestionState.EXPIRED.value, SuggestionState.SUPERSEDED.value)


class History(Records):
    def trim(self, now: float) -> int:
        """Forget executions, suggestions and incidents that ended more than 400 days ago, the oldest first; return how many.

        At most 500 of each at a time. The audit stays whole. Messages to people outside go after a week.
        """
        before = now - HISTORY_SECONDS
        with self._database.reading() as connection:
            old = any(of(connection, before) for of in (_old_executions, _old_suggestions, old_incidents))
            if not old and not has_old(connection, now):
                return 0
        with self._database.writing() as write:
            forget_old(write, now)
            if not old:
                return 0
            count = sum(forget(write, before) for forget in (_forget_executions, _forget_suggestions, forget_incidents))
            write.audit(now, "engine", "history.trimmed", "state", count=count)
        return count


def _old_executions(connection: Connection, before: float) -> list[str]:
    table = executions.c
    old = select(table.id).where(table.finished_at < before, table.state.in_(FINAL_STATES))
    return list(connection.execute(old.order_by(table.created_at).limit(AT_A_TIME)).scalars())


def _old_suggestions(connection: Connection, before: float) -> list[str]:
    """Return suggestions that are over and whose execution, if they had one, is forgotten already."""
    table = suggestions.c
    old = select(table.id).where(
        table.updated_at < before, table.state.in_(ENDED), table.id.not_in(select(executions.c.suggestion_id))
    )
    return list(connection.execute(old.order_by(table.created_at).limit(AT_A_TIME)).scalars())


def _forget_executions(write: Transaction, before: float) -> int:
    ids = _old_executions(write.connection, before)
    for column in (steps.c.execution_id, execution_windows.c.execution_id, executions.c.id):
        write.execute(delete(column.table).where(column.in_(ids)))
    return len(ids)


def _forget_suggestions(write: Transaction, before: float) -> int:
    ids = _old_suggestions(write.connection, before)
    write.execute(delete(suggestions).where(suggestions.c.id.in_(ids)))
    return len(ids)
