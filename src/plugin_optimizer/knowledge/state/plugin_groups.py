"""The groups of plugins that people made. What a group says stands among the policies, and goes with it."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection

from ...domain import PluginGroup, Stale, group_target
from ..values import decode, encode
from .records import Records
from .schema import plugin_groups, policies

ALL_GROUPS = select(plugin_groups).order_by(plugin_groups.c.name)
THE_GROUP = select(plugin_groups.c.definition).where(plugin_groups.c.name == bindparam("name"))
NEW_GROUP = insert(plugin_groups)
CHANGED_GROUP = update(plugin_groups).where(plugin_groups.c.name == bindparam("present_name"))
WITHOUT_GROUP = delete(plugin_groups).where(plugin_groups.c.name == bindparam("present_name"))
WITHOUT_ITS_POLICY = delete(policies).where(policies.c.plugin_id == bindparam("target"))


class PluginGroups(Records):
    def groups(self) -> Sequence[PluginGroup]:
        """Return all of them, by name."""
        with self._database.reading() as connection:
            return [decode(row.definition, PluginGroup) for row in connection.execute(ALL_GROUPS).all()]

    def save_group(self, group: PluginGroup, actor: str, at: float, seen: PluginGroup | None) -> None:
        """Make a group, or change it. Raises Stale where the present one is not `seen` (None: there is none yet)."""
        definition = encode(group)
        with self._database.writing() as write:
            _require_seen(write.connection, group.name, seen)
            if seen is None:
                write.execute(WITHOUT_ITS_POLICY, {"target": group_target(group.name)})  # of one that had this name
                write.execute(NEW_GROUP, {"name": group.name, "definition": definition})
            else:
                write.execute(CHANGED_GROUP, {"present_name": group.name, "definition": definition})
            write.audit(at, actor, "group.saved", group.name, definition=group)

    def remove_group(self, name: str, actor: str, at: float, seen: PluginGroup) -> None:
        """Remove a group and its policy. Raises Stale where the present one is not `seen`."""
        with self._database.writing() as write:
            _require_seen(write.connection, name, seen)
            write.execute(WITHOUT_GROUP, {"present_name": name})
            write.execute(WITHOUT_ITS_POLICY, {"target": group_target(name)})
            write.audit(at, actor, "group.removed", name)


def _require_seen(connection: Connection, name: str, seen: PluginGroup | None) -> None:
    text = connection.execute(THE_GROUP, {"name": name}).scalar()
    present = decode(text, PluginGroup) if text else None
    if present != seen:
        raise Stale(f"somebody changed the group {name!r} since it was read; read it again")
