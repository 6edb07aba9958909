"""Triggers that keep the audit from being rewritten by anything that does not take them away first.

They stop mistakes and injected SQL, not the owner of the database: what that one does is for the chain to show.
"""

from sqlalchemy import text
from sqlalchemy.engine import Connection

REASON = "the audit only grows"

# When they fire. INSERT OR REPLACE of SQLite removes rows without asking a trigger of removals.
SQLITE = {
    "audit_not_changed": "BEFORE UPDATE ON audit",
    "audit_not_removed": "BEFORE DELETE ON audit",
    "audit_not_replaced": "BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE number >= NEW.number)",
    "head_not_set_back": "BEFORE UPDATE OF audit_number ON head WHEN NEW.audit_number < OLD.audit_number",
    "head_not_removed": "BEFORE DELETE ON head",
}
POSTGRESQL = {
    "audit_not_changed": "BEFORE UPDATE OR DELETE ON audit FOR EACH ROW",
    "audit_not_emptied": "BEFORE TRUNCATE ON audit FOR EACH STATEMENT",
    "head_not_set_back": "BEFORE UPDATE ON head FOR EACH ROW WHEN (NEW.audit_number < OLD.audit_number)",
    "head_not_removed": "BEFORE DELETE ON head FOR EACH ROW",
}
REFUSE = f"BEGIN SELECT RAISE(ABORT, '{REASON}'); END"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '{REASON}'; END $$
"""


def protect_audit(connection: Connection) -> None:
    """Create the triggers; the tables `audit` and `head` are there already."""
    if connection.dialect.name == "sqlite":
        for name, event in SQLITE.items():
            connection.execute(text(f"CREATE TRIGGER {name} {event} {REFUSE}"))
        return
    connection.execute(text(FUNCTION))
    for name, event in POSTGRESQL.items():
        connection.execute(text(f"CREATE TRIGGER {name} {event} EXECUTE FUNCTION audit_only_grows()"))
