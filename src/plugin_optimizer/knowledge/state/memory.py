"""What was kept and what was seen: kept values, setting changes, cycles."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import bindparam, delete, insert, select

from ...contracts import Desired
from ...domain import Cycle, Message, SettingChange
from ..values import decode, encode
from .records import Records
from .schema import cycles, desired, setting_changes

ENGINE = "engine"
KEPT_CYCLES = 720  # an hour at 5 s: enough to look back on, and bounded
SETTING_MEMORY_SECONDS = 400 * 86_400.0

OF_KNOB = (desired.c.plugin_id == bindparam("plugin_id"), desired.c.knob == bindparam("knob"))
KEPT = select(desired.c.body).where(*OF_KNOB)
NO_LONGER_KEPT = delete(desired).where(*OF_KNOB)
NEWLY_KEPT = insert(desired)
ALL_KEPT = select(desired.c.body).order_by(desired.c.plugin_id, desired.c.knob)
SEEN_LONG_AGO = delete(setting_changes).where(setting_changes.c.at < bindparam("before"))
NEWLY_SEEN = insert(setting_changes)
SEEN_SINCE = (
    select(setting_changes.c.body)
    .where(setting_changes.c.at >= bindparam("since"))
    .order_by(setting_changes.c.at, setting_changes.c.id)
)
NEW_CYCLE = insert(cycles)
OLD_CYCLES = delete(cycles).where(cycles.c.id <= bindparam("last_to_go"))
LATEST_CYCLE = select(cycles.c.body).order_by(cycles.c.id.desc()).limit(1)


class Memory(Records):
    def desire(self, wanted: Desired) -> None:
        """Keep a proven value; the one kept before for this knob is replaced."""
        place, body = {"plugin_id": wanted.plugin_id, "knob": wanted.knob}, encode(wanted)
        with self._database.writing() as write:
            if write.connection.execute(KEPT, place).scalar() == body:
                return
            write.execute(NO_LONGER_KEPT, place)
            write.execute(NEWLY_KEPT, {**place, "body": body})
            write.audit(
                wanted.at, ENGINE, "value.kept", wanted.plugin_id, knob=wanted.knob, value=wanted.value,
                execution_id=wanted.execution_id,
            )  # fmt: skip

    def release(self, plugin_id: str, knob: str, reason: Message, at: float) -> None:
        """Keep the value of this knob no longer; does nothing where none is kept."""
        with self._database.writing() as write:
            place = {"plugin_id": plugin_id, "knob": knob}
            if write.connection.execute(KEPT, place).first() is None:
                return
            write.execute(NO_LONGER_KEPT, place)
            write.audit(at, ENGINE, "value.released", plugin_id, knob=knob, reason=reason)

    def desired(self) -> Sequence[Desired]:
        """Return all kept values, by plugin and knob."""
        with self._database.reading() as connection:
            bodies = connection.execute(ALL_KEPT).scalars()
            return [decode(body, Desired) for body in bodies]

    def record_setting_change(self, change: SettingChange) -> None:
        """Remember that a setting was seen to change."""
        with self._database.writing() as write:
            write.execute(SEEN_LONG_AGO, {"before": change.at - SETTING_MEMORY_SECONDS})
            write.execute(NEWLY_SEEN, {"at": change.at, "body": encode(change)})
            write.audit(
                change.at, change.by, "setting.changed", change.plugin_id, knob=change.knob, before=change.before,
                after=change.after,
            )  # fmt: skip

    def setting_changes(self, since: float) -> Sequence[SettingChange]:
        """Return the changes seen at `since` or later, oldest first."""
        with self._database.reading() as connection:
            bodies = connection.execute(SEEN_SINCE, {"since": since}).scalars()
            return [decode(body, SettingChange) for body in bodies]

    def record_cycle(self, cycle: Cycle) -> None:
        """Remember a turn; the last 720 are kept. What it changed is audited where it was changed, not here."""
        with self._database.writing() as write:
            result = write.execute(NEW_CYCLE, {"at": cycle.at, "body": encode(cycle)})
            (number,) = result.inserted_primary_key or (0,)
            write.execute(OLD_CYCLES, {"last_to_go": number - KEPT_CYCLES})

    def latest_cycle(self) -> Cycle | None:
        """Return the last turn; None before the first."""
        with self._database.reading() as connection:
            body = connection.execute(LATEST_CYCLE).scalar()
        return None if body is None else _cycle(body)


@lru_cache(maxsize=4)  # all views of a page ask for the same one, and it speaks of every plugin
def _cycle(body: str) -> Cycle:
    return decode(body, Cycle)
