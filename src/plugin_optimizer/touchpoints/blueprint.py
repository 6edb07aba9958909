"""The touchpoint of Flask Blueprints: the plugins inside one application, which share its processes.

What each of them does is told by the requests that the probe records (`monitor.inside`). Memory cannot be told apart within
one process, and is not shown. What can be turned are the settings and caches that were declared for it, as
`tunable(..., plugin="shop.billing")`; workers and threads are the host's.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ..domain import OF_REQUESTS, Capability, Gone, InvalidValue, Metric, Plugin, Sample, Turned, inside_id
from ..probe import channel
from .declared import DeclaredKnobs
from .probed import all_live_reports, live_reports

CAPABILITIES = (
    Capability(
        target="a Flask Blueprint",
        senses=(Metric.UP,),
        with_probe=(*OF_REQUESTS, Metric.CPU_CORES, Metric.CPU_RATIO),
        turns=(Turned("*", "tunables and caches declared for it, by the probe's channel", "the channel"),),
        tested="gunicorn; OctoPrint",
        proof=(
            "tests/touchpoints/test_blueprint_contract.py",
            "tests/live/test_plugins_inside.py",
        ),
        document="PLUGINS_INSIDE.md",
    ),
)


@dataclass(frozen=True)
class BlueprintTouchpoint(DeclaredKnobs):
    """Finds Blueprints that have served a request, in applications with a probe. `home` is where the probes' channel lives."""

    home: Path
    kind: str = field(default="blueprint", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES

    def discover(self) -> list[Plugin]:
        """Return the Blueprints of all instrumented applications that run here, ours left out. Raises Unobservable."""
        found: dict[str, Plugin] = {}
        for host, reports in all_live_reports(self.home).items():
            served = {name for report in reports for name, any_yet in report.blueprints.items() if any_yet}
            for name in sorted(served):
                try:
                    plugin_id = inside_id(host, name)
                except InvalidValue:
                    continue
                found.setdefault(plugin_id, Plugin(plugin_id, self.kind, {"host": host, "blueprint": name}))
        return list(found.values())

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return whether it is there; what it does is counted in the requests. Raises Unobservable."""
        return [Sample(plugin.plugin_id, Metric.UP, now, 1.0 if self._reports(plugin) else 0.0)]

    def present(self, plugin: Plugin) -> list[channel.Report]:
        found = self._reports(plugin)
        if not found:
            raise Gone(
                f"no application that is {plugin.address.get('host')} with a Blueprint {plugin.address.get('blueprint')} runs here"
            )
        return found

    def _reports(self, plugin: Plugin) -> list[channel.Report]:
        host, name = plugin.address.get("host", ""), plugin.address.get("blueprint", "")
        reports = live_reports(self.home, host) if host else ()
        return [report for report in reports if name in report.blueprints]
