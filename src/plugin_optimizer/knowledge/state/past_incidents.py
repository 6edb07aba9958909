"""What was wrong, from its onset to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql.expression import Select

from ...contracts import IncidentFilter
from ...domain import RANKS, RecordedIncident
from ..identifiers import new_id
from ..values import decode, encode
from .database import Transaction
from .incident_schema import incident_plugins, past_incidents
from .records import Conditions, Records, found, page
from .schema import DOUBLE

table = past_incidents.c
STRUCK = select(incident_plugins.c.incident_id).where(incident_plugins.c.plugin_id == bindparam("plugin_id"))
ASKED: Mapping[str, Any] = {
    "plugin_id": table.id.in_(STRUCK),
    "rank": table.rank >= bindparam("rank"),
    "since": table.created_at >= bindparam("since", type_=DOUBLE),
    "until": table.created_at < bindparam("until", type_=DOUBLE),
}
IS_OVER = table.ended_at.is_not(None)
STILL_ON = select(past_incidents).where(table.ended_at.is_(None)).order_by(table.created_at, table.id)
NEW = insert(past_incidents)
CHANGED = update(past_incidents).where(table.id == bindparam("present_id"))
NEWLY_STRUCK = insert(incident_plugins)
KNOWN_STRUCK = select(incident_plugins.c.plugin_id).where(incident_plugins.c.incident_id == bindparam("incident_id"))
AT_A_TIME = 500


class PastIncidents(Records):
    def keep_incident(self, incident: RecordedIncident) -> RecordedIncident:
        """Write an incident as it stands; one without an id gets one. Nobody did it: it leaves no audit entry."""
        kept = incident if incident.id else replace(incident, id=new_id("in", incident.seen_at))
        row = {"rank": RANKS[kept.severity], "ended_at": kept.ended_at, "body": encode(kept)}
        with self._database.writing() as write:
            if incident.id:
                write.execute(CHANGED, {"present_id": kept.id, **row})
            else:
                write.execute(NEW, {"id": kept.id, "created_at": kept.since, **row})
            _strike(write, kept)
        return kept

    def open_incidents(self) -> Sequence[RecordedIncident]:
        """Return those that are not over, the oldest first."""
        with self._database.reading() as connection:
            return [_incident(row) for row in connection.execute(STILL_ON).all()]

    def past_incident(self, incident_id: str) -> RecordedIncident:
        """Return one, over or not; raises NotFound."""
        with self._database.reading() as connection:
            return _incident(found(connection, past_incidents, incident_id))

    def past_incidents(
        self, asked: IncidentFilter, limit: int = 500, after: str | None = None
    ) -> Sequence[RecordedIncident]:
        """Return those that are over and fit, the latest onset first."""
        values = _values(asked)
        with self._database.reading() as connection:
            return [_incident(row) for row in page(connection, past_incidents, _wanted(values), values, limit, after)]

    def count_past_incidents(self, asked: IncidentFilter) -> int:
        """Return how many are over and fit."""
        values = _values(asked)
        with self._database.reading() as connection:
            return int(connection.execute(_count(_wanted(values)), values).scalar_one())


def forget_incidents(write: Transaction, before: float) -> int:
    """Forget those that ended before then, the oldest first; return how many, 500 at most."""
    ids = old_incidents(write.connection, before)
    for column in (incident_plugins.c.incident_id, table.id):
        write.execute(delete(column.table).where(column.in_(ids)))
    return len(ids)


def old_incidents(connection: Connection, before: float) -> list[str]:
    """Return the ids of up to 500 that ended before then."""
    old = select(table.id).where(table.ended_at < before).order_by(table.created_at).limit(AT_A_TIME)
    return list(connection.execute(old).scalars())


def _strike(write: Transaction, incident: RecordedIncident) -> None:
    known = set(write.connection.execute(KNOWN_STRUCK, {"incident_id": incident.id}).scalars())
    for plugin_id in incident.plugin_ids:
        if plugin_id not in known:
            write.execute(NEWLY_STRUCK, {"incident_id": incident.id, "plugin_id": plugin_id})


def _values(asked: IncidentFilter) -> dict[str, object]:
    rank = None if asked.severity is None else RANKS[asked.severity]
    given = {"plugin_id": asked.plugin_id, "rank": rank, "since": asked.since, "until": asked.until}
    return {name: value for name, value in given.items() if value is not None}


def _wanted(values: Mapping[str, object]) -> Conditions:
    return (IS_OVER, *(ASKED[name] for name in values))


@cache
def _count(wanted: Conditions) -> "Select[Any]":
    return select(func.count()).select_from(past_incidents).where(*wanted)


def _incident(row: "Row[Any]") -> RecordedIncident:
    return decode(row.body, RecordedIncident)
