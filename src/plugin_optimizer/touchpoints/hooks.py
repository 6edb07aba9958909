"""The touchpoint of pluggy plugins: what their hooks cost, call by call (`probe.hooks`).

They share the processes of an application; memory cannot be told apart there. What can be turned is what was declared for
them, as `tunable(..., plugin="forum.hooks.portal")`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ..domain import OF_REQUESTS, Capability, Gone, Metric, Plugin, Sample, Turned
from ..probe import channel
from .declared import DeclaredKnobs
from .probed import all_live_reports, live_reports

BETWEEN = ".hooks."  # the application and the plugin


CAPABILITIES = (
    Capability(
        target="a plugin of pluggy",
        senses=(Metric.UP,),
        with_probe=(*OF_REQUESTS, Metric.CPU_CORES, Metric.CPU_RATIO),
        turns=(Turned("*", "tunables declared for it, by the probe's channel", "the channel"),),
        tested="pluggy 1.7",
        proof=("tests/touchpoints/test_hooks_contract.py",),
        document="PLUGINS_INSIDE.md",
    ),
)


@dataclass(frozen=True)
class HooksTouchpoint(DeclaredKnobs):
    """Finds pluggy plugins whose hooks were called, in applications with a probe. `home` is where the probes' channel lives."""

    home: Path
    kind: str = field(default="hooks", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES

    def discover(self) -> list[Plugin]:
        """Return the plugins whose hooks a process that runs now has called. Raises Unobservable."""
        called = [name for name, reports in all_live_reports(self.home).items() if any(r.served for r in reports)]
        return [Plugin(name, self.kind, {"host": name.partition(BETWEEN)[0]}) for name in called if BETWEEN in name]

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return whether it is there; what it does is counted in its calls. Raises Unobservable."""
        there = bool(live_reports(self.home, plugin.plugin_id))
        return [Sample(plugin.plugin_id, Metric.UP, now, float(there))]

    def present(self, plugin: Plugin) -> Sequence[channel.Report]:
        found = live_reports(self.home, plugin.plugin_id)
        if not found:
            raise Gone(f"no process that calls hooks of {plugin.plugin_id} runs here")
        return found
