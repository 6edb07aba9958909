"""A plugin that we neither see nor turn: all that is known of it is what others report (`[plugins.NAME.metrics]`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ..domain import ANY_METRIC, Capability, Knob, NotFound, Plugin, Pool, Sample, Value

CAPABILITIES = (
    Capability(
        target="anything that is reported on",
        senses=ANY_METRIC,
        tested="real HTTP, messages by opentelemetry-proto, a real Prometheus 2.42; no VictoriaMetrics, no Collector",
        proof=(
            "tests/live/test_metrics_in.py",
            "tests/live/test_prometheus.py",
        ),
        document="METRICS_IN.md",
        nothing="it is known by what others say of it alone",
    ),
)


@dataclass(frozen=True, slots=True)
class ReportedTouchpoint:
    """Has no knobs, so that its findings lead to advice alone; its samples come from `monitor.reported`."""

    kind: str = "reported"
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES

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
