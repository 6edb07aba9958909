"""The live processes of a plugin, as the probes in them report."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..domain import Unobservable
from ..probe import channel


def live_reports(home: Path, plugin_id: str) -> Sequence[channel.Report]:
    """Return what the live processes of one plugin say, by pid. Raises Unobservable."""
    try:
        return channel.reports(home, plugin_id)
    except OSError as error:
        raise Unobservable(f"the probes' channel of {plugin_id} cannot be read: {error}") from error


def all_live_reports(home: Path) -> Mapping[str, Sequence[channel.Report]]:
    """Return the same of every plugin that has live processes. Raises Unobservable."""
    try:
        names = channel.plugins(home)
    except OSError as error:
        raise Unobservable(f"the probes' channel cannot be read: {error}") from error
    found = {name: live_reports(home, name) for name in names}
    return {name: reports for name, reports in found.items() if reports}


def process_keys(reports: Sequence[channel.Report]) -> frozenset[tuple[int, int]]:
    """Return (pid, start tick) of each."""
    return frozenset((report.pid, report.start_ticks) for report in reports)
