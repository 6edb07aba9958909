"""The tables of the state, in the subset of SQLAlchemy Core that 1.4.46 and 2.x share.

Times are Unix seconds. Values of the domain stand as JSON text; what is searched for stands beside it in columns.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

DOUBLE = Float(53)
metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, nullable=False))

# One row. Every writer locks it first, so that writes follow one another on PostgreSQL as on SQLite.
head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Column("audit_number", BigInteger, nullable=False),
    Column("audit_digest", String(64), nullable=False),
    Column("lease_fence", BigInteger, nullable=False),
    Column("lease_holder", Text, nullable=False),
    Column("lease_at", DOUBLE, nullable=False),
)

# At most one row: who runs the turns, where several hosts share the database. Times are those of the database's clock.
runner_lease = Table(
    "runner_lease",
    metadata,
    Column("holder", Text, primary_key=True),
    Column("expires_at", DOUBLE, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DOUBLE, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)

plugins = Table(
    "plugins",
    metadata,
    Column("plugin_id", String(63), primary_key=True),
    Column("definition", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("since", DOUBLE, nullable=False),
)

# Whose policy: `plugin_id` is a plugin, '' for the default, or `group:` and a group's name.
policies = Table(
    "policies",
    metadata,
    Column("plugin_id", String(63), primary_key=True),
    Column("overrides", Text, nullable=False),
)

plugin_groups = Table(
    "plugin_groups",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("definition", Text, nullable=False),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("fingerprint", String(16), nullable=False),
    Column("plugin_id", String(63), nullable=False),
    Column("knob", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("proposal", Text, nullable=False),
    Column("created_at", DOUBLE, nullable=False),
    Column("updated_at", DOUBLE, nullable=False),
    Column("expires_at", DOUBLE, nullable=False),
    Column("execution_id", String(32)),
    Column("dismissed_reason", Text),
    Column("executed", Boolean, nullable=False),
    Column("snooze", Text),
    Index("suggestions_by_time", "created_at", "id"),
    Index("suggestions_by_fingerprint", "fingerprint", "created_at"),
    Index("suggestions_by_plugin", "plugin_id", "state", "knob"),
)
_LIVING = text("state IN ('open', 'claimed', 'dismissed', 'quarantined', 'snoozed')")
suggestions_one_living = Index(
    "suggestions_one_living",
    suggestions.c.fingerprint,
    unique=True,
    sqlite_where=_LIVING,
    postgresql_where=_LIVING,
)

executions = Table(
    "executions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("suggestion_id", String(32), nullable=False),
    Column("fingerprint", String(16), nullable=False),
    Column("plugin_id", String(63), nullable=False),
    Column("knob", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("created_at", DOUBLE, nullable=False),
    Column("finished_at", DOUBLE),
    Column("body", Text, nullable=False),
    Column("closed_at", DOUBLE),  # when a person has looked at what the engine gave up
    Column("suggestion_type", String(32)),
    Column("approved_by", Text),
    Index("executions_by_time", "created_at", "id"),
    Index("executions_by_plugin", "plugin_id", "created_at"),
    Index("executions_by_fingerprint", "fingerprint", "state"),
)
IN_FLIGHT = text("state NOT IN ('succeeded', 'rolled_back', 'aborted', 'cancelled', 'needs_operator')")
Index(
    "executions_one_in_flight",
    executions.c.plugin_id,
    unique=True,
    sqlite_where=IN_FLIGHT,
    postgresql_where=IN_FLIGHT,
)
_NEEDING = text("state = 'needs_operator' AND closed_at IS NULL")
executions_needing = Index(
    "executions_needing",
    executions.c.created_at,
    executions.c.id,
    sqlite_where=_NEEDING,
    postgresql_where=_NEEDING,
)

steps = Table(
    "steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("execution_id", String(32), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("at", DOUBLE, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text),
)

execution_windows = Table(
    "execution_windows",
    metadata,
    Column("execution_id", String(32), primary_key=True),
    Column("body", Text, nullable=False),
)

approval_keys = Table(
    "approval_keys",
    metadata,
    Column("actor", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("suggestion_id", String(32), nullable=False),
    Column("execution_id", String(32), nullable=False),
    Column("at", DOUBLE, nullable=False),
    Column("request", String(64)),  # digest of what was asked; null in rows of version 1
    PrimaryKeyConstraint("actor", "key"),
)

desired = Table(
    "desired",
    metadata,
    Column("plugin_id", String(63), nullable=False),
    Column("knob", Text, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("plugin_id", "knob"),
)

setting_changes = Table(
    "setting_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DOUBLE, nullable=False, index=True),
    Column("body", Text, nullable=False),
)

cycles = Table(
    "cycles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DOUBLE, nullable=False),
    Column("body", Text, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("at", DOUBLE, nullable=False),
)

# Who is logged in: the cookie holds a secret, this table only its digest.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("name", Text, nullable=False, index=True),
    Column("opened_at", DOUBLE, nullable=False),
    Column("seen_at", DOUBLE, nullable=False),
    Column("authenticated_at", DOUBLE, nullable=False),
    Column("expires_at", DOUBLE, nullable=False),
)

login_tries = Table(
    "login_tries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, index=True),
    Column("address", Text, nullable=False, index=True),
    Column("at", DOUBLE, nullable=False, index=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("created_at", DOUBLE, nullable=False),
    Column("expires_at", DOUBLE),
)

# Up to where the audit was looked at for what is to be told outside. One row, once somebody looked.
notification_cursor = Table(
    "notification_cursor",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("cause", String(200), primary_key=True),
    Column("body", Text, nullable=False),
)

# The outbox. `fence` is that of the runner that has it in hand, `claimed_until` the time after which it has not.
dispatches = Table(
    "notifications",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("gathering", String(64), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", DOUBLE, nullable=False),
    Column("due_at", DOUBLE, nullable=False),
    Column("claimed_until", DOUBLE),
    Column("fence", BigInteger),
    Column("attempted_at", DOUBLE),
    Column("ended_at", DOUBLE),
    Column("body", Text, nullable=False),
    Index("notifications_by_time", "created_at", "id"),
    Index("notifications_by_channel", "channel", "state", "due_at"),
)
