"""The touchpoint of Python processes with a probe that no other touchpoint knows: waitress, mod_wsgi, a script.

Sensed from outside (CPU, memory, restarts) and by the requests that the probe records. What can be turned is what the
application declared; the number of processes is their server's.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ..domain import OF_PROCESSES, OF_REQUESTS, Capability, Gone, Metric, Plugin, Sample, Turned
from ..probe import channel
from .declared import DeclaredKnobs
from .hooks import BETWEEN
from .probed import all_live_reports, live_reports, process_keys
from .process_identity import read_stat
from .process_sensors import memory_bytes, usable_cores, usable_memory_bytes

KNOWN_ELSEWHERE = frozenset({"gunicorn", "celery", "uvicorn", "uwsgi"})  # by what serves the process


CAPABILITIES = (
    Capability(
        target="any other Python process with a probe",
        senses=OF_PROCESSES,
        with_probe=OF_REQUESTS,
        turns=(Turned("*", "tunables and caches it declares, by the probe's channel", "the channel"),),
        tested="a real process; OctoPrint on Tornado",
        proof=("tests/touchpoints/test_python_process_contract.py",),
        document="PLUGINS_INSIDE.md",
    ),
)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at `at` (monotonic seconds): CPU seconds so far of each process, (pid, start tick)."""

    at: float
    cpu_seconds: Mapping[tuple[int, int], float]


@dataclass(frozen=True)
class PythonProcessTouchpoint(DeclaredKnobs):
    """Finds plugins by their probes. `home` is where the probes' channel lives. Keeps the last look, for rates; it can be lost."""

    home: Path
    kind: str = field(default="python", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    _last: dict[str, Look] = field(default_factory=dict, init=False, repr=False, compare=False)

    def discover(self) -> list[Plugin]:
        """Return the plugins with a probe whose processes no other touchpoint knows. Raises Unobservable."""
        found = all_live_reports(self.home)
        servers = {name: {report.server for report in reports} for name, reports in found.items()}
        own = [name for name in found if not servers[name] & KNOWN_ELSEWHERE]
        return [Plugin(name, self.kind) for name in own if BETWEEN not in name and not _is_part(name, found)]

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return what can be measured from outside; rates from the second call on. Raises Unobservable."""
        reports = live_reports(self.home, plugin.plugin_id)
        try:
            figures = dict(self._figures(plugin, reports)) if reports else {Metric.UP: 0.0}
        except Gone:  # it ended while we looked
            figures = {Metric.UP: 0.0}
        return [Sample(plugin.plugin_id, metric, now, value) for metric, value in figures.items()]

    def present(self, plugin: Plugin) -> Sequence[channel.Report]:
        found = live_reports(self.home, plugin.plugin_id)
        if not found:
            raise Gone(f"no process with a probe that is {plugin.plugin_id} runs here")
        return found

    def _figures(self, plugin: Plugin, reports: Sequence[channel.Report]) -> Iterator[tuple[Metric, float]]:
        before, after = self._last.get(plugin.plugin_id), _look(reports)
        self._last[plugin.plugin_id] = after
        memory = [memory_bytes(report.pid) for report in reports]
        yield Metric.UP, 1.0
        yield Metric.WORKERS, float(len(reports))
        yield Metric.MEMORY_BYTES, sum(memory)
        yield Metric.WORKER_MEMORY_BYTES, max(memory)
        yield Metric.MEMORY_RATIO, sum(memory) / usable_memory_bytes(reports[0].pid)
        if before is not None:
            gone, new = (
                one.cpu_seconds.keys() - other.cpu_seconds for one, other in ((before, after), (after, before))
            )
            yield Metric.RESTARTS, float(min(len(gone), len(new)))
            if after.at > before.at:
                # one that is new to us may have run for long before its first report
                used = sum(total - before.cpu_seconds.get(key, total) for key, total in after.cpu_seconds.items())
                cores = used / (after.at - before.at)
                yield Metric.CPU_CORES, cores
                yield Metric.CPU_RATIO, cores / usable_cores(reports[0].pid)


def _look(reports: Sequence[channel.Report]) -> Look:
    at = time.monotonic()
    return Look(at, {(report.pid, report.start_ticks): read_stat(report.pid).cpu_seconds for report in reports})


def _is_part(name: str, found: Mapping[str, Sequence[channel.Report]]) -> bool:
    """Tell whether it reports from the processes of a host whose name it begins with: a part of that (`blueprint`)."""
    hosts = (host for host in found if name.startswith(f"{host}."))
    return any(process_keys(found[name]) & process_keys(found[host]) for host in hosts)
