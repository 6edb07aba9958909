"""Looking through what was executed: by plugin, type, state, person and time."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.sql.expression import Select

from ...contracts import HistoryFilter
from ...domain import Execution, Proposal
from ..values import decode
from .execution_rows import execution_from
from .records import Conditions, Records, page
from .schema import DOUBLE, execution_windows, executions, suggestions

ASKED = {
    "plugin_id": executions.c.plugin_id == bindparam("plugin_id"),
    "suggestion_type": executions.c.suggestion_type == bindparam("suggestion_type"),
    "approved_by": executions.c.approved_by == bindparam("approved_by"),
    "states": executions.c.state.in_(bindparam("states", expanding=True)),
    "since": executions.c.created_at >= bindparam("since", type_=DOUBLE),
    "until": executions.c.created_at < bindparam("until", type_=DOUBLE),
}
OF_IDS = select(suggestions.c.id, suggestions.c.proposal).where(suggestions.c.id.in_(bindparam("ids", expanding=True)))

SEEN_OF = select(execution_windows).where(execution_windows.c.execution_id.in_(bindparam("ids", expanding=True)))


class HistorySearch(Records):
    def history(self, asked: HistoryFilter, limit: int = 500, after: str | None = None) -> Sequence[Execution]:
        """Return the executions that fit, newest first; `after` is the id of the last one of the previous page."""
        values = _values(asked)
        with self._database.reading() as connection:
            return [execution_from(row) for row in page(connection, executions, _wanted(values), values, limit, after)]

    def count_history(self, asked: HistoryFilter) -> int:
        """Return how many executions fit."""
        values = _values(asked)
        with self._database.reading() as connection:
            return int(connection.execute(_count(_wanted(values)), values).scalar_one())

    def proposals(self, suggestion_ids: Collection[str]) -> Mapping[str, Proposal]:
        """Return what each suggestion proposed; those that are forgotten are left out. For up to some thousand at a time."""
        if not suggestion_ids:
            return {}
        with self._database.reading() as connection:
            rows = connection.execute(OF_IDS, {"ids": sorted(set(suggestion_ids))}).all()
        return {row.id: decode(row.proposal, Proposal) for row in rows}

    def windows_of(self, execution_ids: Collection[str]) -> Mapping[str, Sequence[Mapping[str, float | None]]]:
        """Return what the judge left of each execution, where it left anything. For up to some thousand at a time."""
        if not execution_ids:
            return {}
        with self._database.reading() as connection:
            rows = connection.execute(SEEN_OF, {"ids": sorted(set(execution_ids))}).all()
        return {row.execution_id: decode(row.body, list[dict[str, float | None]]) for row in rows}


def _values(asked: HistoryFilter) -> dict[str, object]:
    given: dict[str, object] = {name: getattr(asked, name) for name in ASKED if getattr(asked, name) is not None}
    if asked.states is not None:
        given["states"] = sorted(state.value for state in asked.states)
    if asked.suggestion_type is not None:
        given["suggestion_type"] = asked.suggestion_type.value
    return given


def _wanted(values: Mapping[str, object]) -> Conditions:
    return tuple(ASKED[name] for name in values)


@cache
def _count(wanted: Conditions) -> "Select[Any]":
    return select(func.count()).select_from(executions).where(*wanted)
