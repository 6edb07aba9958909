"""Noticing that somebody turned a knob: most incidents begin with a change."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..domain import LIFE, Knob, SettingChange, Value


@dataclass(slots=True)
class SettingWatch:
    """Compares the knobs of a plugin with those of the turn before. A restart is no setting: it is counted as one (`restarts`)."""

    seen: dict[tuple[str, str], Value] = field(default_factory=dict)
    announced: dict[tuple[str, str], str] = field(default_factory=dict)

    def announce(self, plugin_id: str, knob: str, execution_id: str) -> None:
        """Say that an execution is turning this knob: its moves are not somebody else's."""
        self.announced[plugin_id, knob] = execution_id

    def settle(self, plugin_id: str, knob: str) -> None:
        """Say that nobody of ours is turning it any more."""
        self.announced.pop((plugin_id, knob), None)

    def compare(self, plugin_id: str, knobs: Iterable[Knob], now: float) -> list[SettingChange]:
        """Return what changed since the last look; a knob seen for the first time is no change."""
        changes: list[SettingChange] = []
        for knob in (knob for knob in knobs if knob.kind != LIFE):
            key = (plugin_id, knob.name)
            before = self.seen.get(key)
            self.seen[key] = knob.value
            if before is not None and before != knob.value:
                by = self.announced.get(key, "outside")
                changes.append(SettingChange(plugin_id, knob.name, before, knob.value, now, by))
        return changes
