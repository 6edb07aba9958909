"""Plugins as they were last seen, and the policies people set for them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Row

from ...domain import Conflict, NotFound, Plugin, PluginStatus, Stale, SuggestionState
from ..values import decode, decode_any, encode
from .database import Transaction
from .execution_rows import in_flight_of
from .records import Records
from .schema import desired, head, plugins, policies, suggestions
from .suggestion_rows import ENGINE, audit_state, store, suggestion_from

DEFAULT_POLICY = ""

THE_PLUGIN = select(plugins).where(plugins.c.plugin_id == bindparam("plugin_id"))
ALL_PLUGINS = select(plugins).order_by(plugins.c.plugin_id)
NEW_PLUGIN = insert(plugins)
CHANGED = update(plugins).where(plugins.c.plugin_id == bindparam("present_id"))
ALL_POLICIES = select(policies)
VERSION = select(head.c.version)

WAITING = (SuggestionState.OPEN.value, SuggestionState.QUARANTINED.value, SuggestionState.SNOOZED.value)


class Plugins(Records):
    _seen: tuple[int, Sequence[tuple[Plugin, PluginStatus, float]]] | None = None  # with the version it was read at

    def save_plugin(self, plugin: Plugin, status: PluginStatus, at: float) -> None:
        """Remember a plugin and its status; the status dates from `at` only if it changed."""
        plugin_id, definition = plugin.plugin_id, encode(plugin)
        with self._database.writing() as write:
            row = write.connection.execute(THE_PLUGIN, {"plugin_id": plugin_id}).first()
            if row is not None and (row.definition, row.status) == (definition, status.value):
                return
            since = row.since if row is not None and row.status == status.value else at
            seen = {"definition": definition, "status": status.value, "since": since}
            if row is None:
                write.execute(NEW_PLUGIN, {"plugin_id": plugin_id, **seen})
            else:
                write.execute(CHANGED, {"present_id": plugin_id, **seen})
            write.audit(at, ENGINE, f"plugin.{status}", plugin_id, definition=plugin)

    def plugins(self) -> Sequence[tuple[Plugin, PluginStatus, float]]:
        """Return every plugin ever seen, by name, its status, and since when it has it.

        They are read anew only where something was written since: every page and each rail asks for all of them.
        """
        with self._database.reading() as connection:
            version = int(connection.execute(VERSION).scalar_one())
            kept = self._seen
            if kept is None or kept[0] != version:
                kept = self._seen = (version, [_plugin_from(row) for row in connection.execute(ALL_PLUGINS)])
        return list(kept[1])

    def forget_plugin(self, plugin_id: str, actor: str, at: float) -> None:
        """Remove a plugin, its policy and kept values; open suggestions expire, the history stays.

        Raises NotFound, and Conflict (code `in_flight`) while it is being changed.
        """
        with self._database.writing() as write:
            if write.connection.execute(THE_PLUGIN, {"plugin_id": plugin_id}).first() is None:
                raise NotFound(f"no plugin {plugin_id!r}")
            other = in_flight_of(write.connection, plugin_id)
            if other is not None:
                raise Conflict(f"{other} is changing {plugin_id}; forget it when that is over", "in_flight")
            for table in (plugins, policies, desired):
                write.execute(delete(table).where(table.c.plugin_id == plugin_id))
            _expire_open(write, plugin_id, actor, at)
            write.audit(at, actor, "plugin.forgotten", plugin_id)

    def policies(self) -> Mapping[str, Mapping[str, object]]:
        """Return the overrides per plugin id; those of the default policy under the id ''."""
        with self._database.reading() as connection:
            rows = connection.execute(ALL_POLICIES).all()
        return {row.plugin_id: decode_any(row.overrides) for row in rows}

    def save_policy(self, plugin_id: str, overrides: Mapping[str, object], actor: str, at: float) -> None:
        """Replace all overrides of a plugin ('' is the default policy); an empty mapping removes them."""
        with self._database.writing() as write:
            _replace_policy(write, plugin_id, overrides, actor, at)

    def patch_policy(
        self,
        plugin_id: str,
        changes: Mapping[str, object],
        actor: str,
        at: float,
        seen: Mapping[str, object] | None = None,
    ) -> Mapping[str, object]:
        """Change some overrides and return all of them; None returns a field to its default.

        Read and write are one transaction: of two patches at once neither is lost. Raises Stale where the present
        overrides are others than `seen`.
        """
        with self._database.writing() as write:
            text = write.connection.execute(
                select(policies.c.overrides).where(policies.c.plugin_id == plugin_id)
            ).scalar()
            present = decode_any(text) if text else {}
            if seen is not None and present != dict(seen):
                raise Stale("somebody changed this policy since it was read; read it again")
            merged = {**present, **changes}
            overrides = {name: value for name, value in merged.items() if value is not None}
            _replace_policy(write, plugin_id, overrides, actor, at)
        return overrides


def _plugin_from(row: "Row[Any]") -> tuple[Plugin, PluginStatus, float]:
    return _defined(row.definition), PluginStatus(row.status), row.since


@lru_cache(maxsize=20_000)  # a definition hardly ever changes, and all of them are asked for each turn
def _defined(definition: str) -> Plugin:
    return decode(definition, Plugin)


def _expire_open(write: Transaction, plugin_id: str, actor: str, at: float) -> None:
    table = suggestions.c
    waiting = table.state.in_(WAITING)
    for row in write.connection.execute(select(suggestions).where(table.plugin_id == plugin_id, waiting)).all():
        expired = replace(suggestion_from(row), state=SuggestionState.EXPIRED, updated_at=at, snooze=None)
        audit_state(write, store(write, expired), actor, at, reason="plugin_forgotten")


def _replace_policy(write: Transaction, plugin_id: str, overrides: Mapping[str, object], actor: str, at: float) -> None:
    write.execute(delete(policies).where(policies.c.plugin_id == plugin_id))
    if overrides:
        write.execute(insert(policies).values(plugin_id=plugin_id, overrides=encode(dict(overrides))))
    write.audit(at, actor, "policy.saved", plugin_id or "default", overrides=dict(overrides))
