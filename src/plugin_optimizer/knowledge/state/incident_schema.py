"""The tables of what is looked back on: incidents, and what people said of the unusual."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from .schema import DOUBLE, metadata

# What people said of the unusual.
anomaly_feedback = Table(
    "anomaly_feedback",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("plugin_id", String(63), nullable=False),
    Column("created_at", DOUBLE, nullable=False),
    Column("undone_at", DOUBLE),
    Column("body", Text, nullable=False),
    Index("anomaly_feedback_by_time", "created_at", "id"),
)

# What was wrong, from its onset (`created_at`) to its end; `rank` is that of the worst severity.
past_incidents = Table(
    "past_incidents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created_at", DOUBLE, nullable=False),
    Column("ended_at", DOUBLE),
    Column("rank", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index("past_incidents_by_time", "created_at", "id"),
)

incident_plugins = Table(
    "incident_plugins",
    metadata,
    Column("incident_id", String(32), nullable=False),
    Column("plugin_id", String(63), nullable=False, index=True),
    PrimaryKeyConstraint("incident_id", "plugin_id"),
)
