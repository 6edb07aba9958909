"""The keys that clients send along, so that a repeated request is known again (`Idempotency-Key`)."""

from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.engine import Connection, Row

from ...domain import Execution
from .database import Transaction
from .schema import approval_keys

KEY_MEMORY_SECONDS = 2 * 86_400.0

USED = select(approval_keys).where(approval_keys.c.actor == bindparam("actor"), approval_keys.c.key == bindparam("key"))
USED_LONG_AGO = delete(approval_keys).where(approval_keys.c.at < bindparam("before"))
NEW_KEY = insert(approval_keys)


def known(connection: Connection, actor: str, key: str) -> "Row[Any] | None":
    """Return what this actor used the key for, None where it is new."""
    return connection.execute(USED, {"actor": actor, "key": key}).first()


def remember(write: Transaction, execution: Execution, request: str, actor: str, key: str | None, at: float) -> None:
    """Keep what the key was used for, with the digest of the `request`; what is older than two days goes."""
    if key is None or known(write.connection, actor, key):
        return
    write.execute(USED_LONG_AGO, {"before": at - KEY_MEMORY_SECONDS})
    write.execute(
        NEW_KEY,
        {
            "actor": actor,
            "key": key,
            "suggestion_id": execution.suggestion_id,
            "execution_id": execution.id,
            "at": at,
            "request": request,
        },
    )
