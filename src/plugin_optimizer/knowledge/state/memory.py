"""What was kept and what was seen: kept values, setting changes, cycles."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from ...contracts import Desired
from ...domain import Cycle, Message, SettingChange
from ..values import decode, encode
from .records import Records
from .schema import cycles, desired, setting_changes

ENGINE = "engine"
KEPT_CYCLES = 720  # an hour at 5 s: enough to look back on, and bounded
SETTING_MEMORY_SECONDS = 400 * 86_400.0


class Memory(Records):
    def desire(self, wanted: Desired) -> None:
        """Keep a proven value; the one kept before for this knob is replaced."""
        table, body = desired.c, encode(wanted)
        place = (table.plugin_id == wanted.plugin_id, table.knob == wanted.knob)
        with self._database.writing() as write:
            if write.connection.execute(select(table.body).where(*place)).scalar() == body:
                return
            write.execute(delete(desired).where(*place))
            write.execute(insert(desired).values(plugin_id=wanted.plugin_id, knob=wanted.knob, body=body))
            write.audit(
                wanted.at, ENGINE, "value.kept", wanted.plugin_id, knob=wanted.knob, value=wanted.value,
                execution_id=wanted.execution_id,
            )  # fmt: skip

    def release(self, plugin_id: str, knob: str, reason: Message, at: float) -> None:
        """Keep the value of this knob no longer; does nothing where none is kept."""
        place = (desired.c.plugin_id == plugin_id, desired.c.knob == knob)
        with self._database.writing() as write:
            if write.connection.execute(select(desired.c.knob).where(*place)).first() is None:
                return
            write.execute(delete(desired).where(*place))
            write.audit(at, ENGINE, "value.released", plugin_id, knob=knob, reason=reason)

    def desired(self) -> Sequence[Desired]:
        """Return all kept values, by plugin and knob."""
        with self._database.reading() as connection:
            bodies = connection.execute(select(desired.c.body).order_by(desired.c.plugin_id, desired.c.knob)).scalars()
            return [decode(body, Desired) for body in bodies]

    def record_setting_change(self, change: SettingChange) -> None:
        """Remember that a setting was seen to change."""
        with self._database.writing() as write:
            write.execute(delete(setting_changes).where(setting_changes.c.at < change.at - SETTING_MEMORY_SECONDS))
            write.execute(insert(setting_changes).values(at=change.at, body=encode(change)))
            write.audit(
                change.at, change.by, "setting.changed", change.plugin_id, knob=change.knob, before=change.before,
                after=change.after,
            )  # fmt: skip

    def setting_changes(self, since: float) -> Sequence[SettingChange]:
        """Return the changes seen at `since` or later, oldest first."""
        table = setting_changes.c
        with self._database.reading() as connection:
            bodies = connection.execute(
                select(table.body).where(table.at >= since).order_by(table.at, table.id)
            ).scalars()
            return [decode(body, SettingChange) for body in bodies]

    def record_cycle(self, cycle: Cycle) -> None:
        """Remember a turn; the last 720 are kept. What it changed is audited where it was changed, not here."""
        with self._database.writing() as write:
            result = write.execute(insert(cycles).values(at=cycle.at, body=encode(cycle)))
            (number,) = result.inserted_primary_key or (0,)
            write.execute(delete(cycles).where(cycles.c.id <= number - KEPT_CYCLES))

    def latest_cycle(self) -> Cycle | None:
        """Return the last turn; None before the first."""
        with self._database.reading() as connection:
            body = connection.execute(select(cycles.c.body).order_by(cycles.c.id.desc()).limit(1)).scalar()
        return None if body is None else decode(body, Cycle)
