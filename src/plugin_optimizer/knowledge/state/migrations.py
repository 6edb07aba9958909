"""Bringing a database to the present schema: forward only, all steps in one transaction.

To change the schema, change `schema.py` and append one step to `STEPS`; never edit a step that was released.
A crash in between leaves the database as it was, for SQLite and PostgreSQL roll back their DDL.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, insert, inspect, select, text, update
from sqlalchemy.engine import Connection

from ...domain import ConfigError
from ..values import decode_any
from .append_only import protect_audit
from .chain import FIRST_DIGEST
from .incident_schema import anomaly_feedback, incident_plugins, past_incidents
from .schema import (
    dispatches,
    executions,
    executions_needing,
    head,
    incidents,
    login_tries,
    metadata,
    notification_cursor,
    plugin_groups,
    runner_lease,
    schema_version,
    sessions,
    suggestions_one_living,
)

Migration = Callable[[Connection], None]


def share_logins_and_protect_audit(connection: Connection) -> None:
    """Version 2: sessions and login tries are kept here, keys remember their request, the audit only grows."""
    metadata.create_all(connection, tables=[sessions, login_tries], checkfirst=False)
    connection.execute(text("ALTER TABLE approval_keys ADD COLUMN request VARCHAR(64)"))
    protect_audit(connection)


def keep_lease(connection: Connection) -> None:
    """Version 3: of several hosts that share the database, one runs the turns."""
    metadata.create_all(connection, tables=[runner_lease], checkfirst=False)


def keep_closings(connection: Connection) -> None:
    """Version 4: what the engine gave up is closed by a person who has looked at it."""
    connection.execute(text("ALTER TABLE executions ADD COLUMN closed_at FLOAT(53)"))
    executions_needing.create(connection)


def keep_snoozes(connection: Connection) -> None:
    """Version 5: a suggestion may wait until it is worse; it is still the only living one of its kind."""
    connection.execute(text("ALTER TABLE suggestions ADD COLUMN snooze TEXT"))
    suggestions_one_living.drop(connection)
    suggestions_one_living.create(connection)


def keep_outbox(connection: Connection) -> None:
    """Version 6: what is to be told outside waits here until it is delivered."""
    metadata.create_all(connection, tables=[notification_cursor, incidents, dispatches], checkfirst=False)


def keep_what_history_is_asked_for(connection: Connection) -> None:
    """Version 7: the type of a change and who approved it stand in columns of their own."""
    connection.execute(text("ALTER TABLE executions ADD COLUMN suggestion_type VARCHAR(32)"))
    connection.execute(text("ALTER TABLE executions ADD COLUMN approved_by TEXT"))
    filled = update(executions).where(executions.c.id == bindparam("present_id"))
    for row in connection.execute(select(executions.c.id, executions.c.body)).all():
        body = decode_any(row.body)
        known = {"suggestion_type": body["suggestion_type"], "approved_by": body["approved_by"]}
        connection.execute(filled, {"present_id": row.id, **known})


def keep_feedback(connection: Connection) -> None:
    """Version 8: what people said of the unusual."""
    metadata.create_all(connection, tables=[anomaly_feedback], checkfirst=False)


def keep_incidents(connection: Connection) -> None:
    """Version 9: what was wrong is kept from its onset to its end."""
    metadata.create_all(connection, tables=[past_incidents, incident_plugins], checkfirst=False)


def keep_groups(connection: Connection) -> None:
    """Version 10: plugins that share a policy."""
    metadata.create_all(connection, tables=[plugin_groups], checkfirst=False)


# STEPS[i] leads from version i + 1 to version i + 2.
STEPS: Sequence[Migration] = (
    share_logins_and_protect_audit,
    keep_lease,
    keep_closings,
    keep_snoozes,
    keep_outbox,
    keep_what_history_is_asked_for,
    keep_feedback,
    keep_incidents,
    keep_groups,
)


def migrate(connection: Connection, steps: Sequence[Migration] = STEPS) -> int:
    """Create what an empty database lacks, or run the steps an older one needs; return the version reached.

    Runs inside the caller's transaction. Raises ConfigError for a database that a newer product wrote.
    """
    newest = len(steps) + 1
    if not inspect(connection).has_table(schema_version.name):
        _create(connection, newest)
        return newest
    found = int(connection.execute(select(schema_version.c.version)).scalar_one())
    if found > newest:
        raise ConfigError(
            f"the state was written by a newer version of this product (schema {found}; this one knows up to "
            f"{newest}); upgrade it, or restore the backup made before the upgrade"
        )
    for step in steps[found - 1 :]:
        step(connection)
    if found < newest:
        connection.execute(update(schema_version).values(version=newest))
    return newest


def _create(connection: Connection, version: int) -> None:
    metadata.create_all(connection, checkfirst=False)
    protect_audit(connection)
    connection.execute(insert(schema_version).values(version=version))
    connection.execute(
        insert(head).values(
            id=1, version=0, audit_number=0, audit_digest=FIRST_DIGEST, lease_fence=0, lease_holder="", lease_at=0.0
        )
    )
