"""The numbers a gunicorn really runs with: what its workers' probes report of themselves, and what its master shows.

A config file says what the next reload will bring, not what is in force; so it is no source here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...domain import Plugin, Refused, Unobservable
from ...probe import channel
from .control import ControlSocket
from .sense import WorkerKeys

LEAST_REQUESTS = 1_000  # before them, nothing is concluded from the slowest one


@dataclass(frozen=True, slots=True)
class Running:
    """What is in force: `shown` by the master (empty where it shows nothing), `reported` by each of the `workers`.

    `slowest_seconds` is the longest of `served` requests, of the present workers.
    """

    workers: WorkerKeys
    shown: Mapping[str, Any]
    reported: Mapping[tuple[int, int], Mapping[str, int]]
    served: int = 0
    slowest_seconds: float = 0.0

    def number(self, name: str, configured: int | None) -> int | None:
        """Return what all workers run with; while sources differ, one that is not yet what is `configured`.

        None where it cannot be told: the master does not show it, and not every worker reports it.
        """
        shown, told = self.shown.get(name), [numbers.get(name) for numbers in self.reported.values()]
        known = {number for number in (shown, *told) if type(number) is int}
        complete = type(shown) is int or (len(self.reported) == len(self.workers) > 0 and None not in told)
        if not complete:
            return None
        return next((number for number in sorted(known) if number != configured), configured)

    @property
    def enough_requests(self) -> bool:
        return self.served >= LEAST_REQUESTS


def running(home: Path, plugin: Plugin, workers: WorkerKeys, control: ControlSocket | None) -> Running:
    """Ask the master and read the reports of these workers. Raises Unobservable."""
    try:
        found = [r for r in channel.reports(home, plugin.plugin_id) if (r.pid, r.start_ticks) in workers]
    except OSError as error:
        raise Unobservable(f"the probes' channel of {plugin.plugin_id} cannot be read: {error}") from error
    return Running(
        workers=workers,
        shown=_shown(control),
        reported={(report.pid, report.start_ticks): report.server_numbers for report in found if report.server_numbers},
        served=sum(report.served for report in found),
        slowest_seconds=max((report.slowest_seconds for report in found), default=0.0),
    )


def _shown(control: ControlSocket | None) -> Mapping[str, Any]:
    try:
        return {} if control is None else control.config()
    except Refused:  # a version that shows no settings
        return {}
