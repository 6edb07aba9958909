"""The touchpoint of pluggy plugins: what their hooks cost, call by call (`probe.hooks`).

They share the processes of an application; memory cannot be told apart there. What can be turned is what was declared for
them, as `tunable(..., plugin="forum.hooks.portal")`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..domain import Gone, Knob, Metric, Plugin, Pool, Sample, Value
from ..probe import channel
from .probed import all_live_reports, live_reports, process_keys
from .tunables import named, tunable_knobs, turn_tunable

BETWEEN = ".hooks."  # the application and the plugin


@dataclass(frozen=True)
class HooksTouchpoint:
    """Finds pluggy plugins whose hooks were called, in applications with a probe. `home` is where the probes' channel lives."""

    home: Path
    kind: str = field(default="hooks", init=False)

    def discover(self) -> list[Plugin]:
        """Return the plugins whose hooks a process that runs now has called. Raises Unobservable."""
        called = [name for name, reports in all_live_reports(self.home).items() if any(r.served for r in reports)]
        return [Plugin(name, self.kind, {"host": name.partition(BETWEEN)[0]}) for name in called if BETWEEN in name]

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return whether it is there; what it does is counted in its calls. Raises Unobservable."""
        there = bool(live_reports(self.home, plugin.plugin_id))
        return [Sample(plugin.plugin_id, Metric.UP, now, float(there))]

    def pool(self, plugin: Plugin) -> Pool | None:
        """Return None: it has no workers of its own. Raises Gone, Unobservable."""
        self._present(plugin)
        return None

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return what was declared for it. Raises Gone, Unobservable."""
        return tunable_knobs(self.home, plugin, process_keys(self._present(plugin)))

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Order `to` for all processes. Raises NotFound, InvalidValue, Refused (nothing happened), Gone, Unobservable."""
        turn_tunable(self.home, plugin, knob, named(self.knobs(plugin), plugin, knob).checked(to))

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Tell whether it stays by itself: what is ordered is kept in the channel. Raises NotFound, InvalidValue, Gone."""
        found = named(self.knobs(plugin), plugin, knob)
        found.checked(to)
        return found.persistent

    def _present(self, plugin: Plugin) -> Sequence[channel.Report]:
        found = live_reports(self.home, plugin.plugin_id)
        if not found:
            raise Gone(f"no process that calls hooks of {plugin.plugin_id} runs here")
        return found
