"""A plugin that we neither see nor turn: all that is known of it is what others report (`[plugins.NAME.metrics]`)."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..domain import Knob, NotFound, Plugin, Pool, Sample, Value


@dataclass(frozen=True, slots=True)
class ReportedTouchpoint:
    """Has no knobs, so that its findings lead to advice alone; its samples come from `monitor.reported`."""

    kind: str = "reported"

    def discover(self) -> Iterable[Plugin]:
        return ()

    def sense(self, plugin: Plugin, now: float) -> Iterable[Sample]:  # noqa: ARG002 - the promise of a touchpoint
        return ()

    def pool(self, plugin: Plugin) -> Pool | None:  # noqa: ARG002
        return None

    def knobs(self, plugin: Plugin) -> Iterable[Knob]:  # noqa: ARG002
        return ()

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:  # noqa: ARG002
        raise NotFound(f"{plugin.plugin_id} has no knob {knob!r}: it is only reported on")

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:  # noqa: ARG002
        raise NotFound(f"{plugin.plugin_id} has no knob {knob!r}: it is only reported on")
