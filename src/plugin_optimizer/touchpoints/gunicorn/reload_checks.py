"""What a reload would bring beside the setting that is meant: looked at before it is ordered, and refused."""

import math
from collections.abc import Sequence

from ...domain import Refused
from ..process_identity import ProcessStat
from ..process_sensors import memory_bytes, usable_memory_bytes
from .code import check_code
from .process import Master
from .reload_knobs import Seen
from .sense import mean_worker_memory_bytes
from .workers import check_heartbeats, heartbeat_ages_seconds

MEMORY_SHARE = 0.85  # of the limit, while two generations of workers stand side by side
NEW_TIMEOUT_SHARE = 0.8  # of it: whoever was silent that long has too little left
SEEN_NUMBERS = ("graceful_timeout", "max_requests", "worker_connections")  # beside those that are turned here


def check_reload(master: Master, seen: Seen, workers: Sequence[ProcessStat], name: str, to: int) -> None:
    """Raise Refused where a reload that is to bring `name = to` would do more than that.

    | a reload would                                     | because                                               |
    |----------------------------------------------------|-------------------------------------------------------|
    | take workers away or add some                      | their number was turned and is not configured          |
    | bring other settings into force                    | the config file says something else than what runs     |
    | deploy code                                        | modules on disk are newer than the workers             |
    | abort requests                                     | a worker has been silent for most of its timeout       |
    | go beyond the memory limit                         | old and new workers stand side by side for a while     |
    """
    _check_count(seen, len(workers))
    _check_other_numbers(seen, name)
    check_code(master, seen.settings, seen.oldest_seconds)
    check_heartbeats(master, seen.settings)
    if name == "timeout":
        _check_silence(master, to)
    _check_memory(master, workers)


def _check_count(seen: Seen, count: int) -> None:
    shown = seen.running.shown.get("workers")
    configured = seen.settings.workers if seen.settings.workers is not None else shown
    if configured != count:
        raise Refused(
            f"{count} workers run and {configured} are configured: a reload would go back to that. Keep the number first, "
            "or reload the service yourself"
        )


def _check_other_numbers(seen: Seen, name: str) -> None:
    for other in (*seen.settings.reloaded, *SEEN_NUMBERS):
        written = seen.settings.file_numbers.get(other)
        runs = None if written is None or other == name else seen.running.number(other, written)
        if runs is not None and runs != written:
            raise Refused(
                f"the config file says {other} = {written} and {runs} is in force: a reload would change that as well. "
                "Reload the service yourself when that is meant, then try again"
            )


def _check_silence(master: Master, timeout_seconds: int) -> None:
    """The new timeout holds for the old workers, too, as soon as the master has read it (gunicorn.arbiter, reload)."""
    silent = max(heartbeat_ages_seconds(master.pid), default=0.0)
    if silent > NEW_TIMEOUT_SHARE * timeout_seconds:
        raise Refused(
            f"a worker has been busy for {silent:.1f} s: with a timeout of {timeout_seconds} s it may be aborted"
        )


def _check_memory(master: Master, workers: Sequence[ProcessStat]) -> None:
    each, limit = mean_worker_memory_bytes(workers), usable_memory_bytes(master.pid)
    both = memory_bytes(master.pid) + 2 * len(workers) * each
    if math.isfinite(both) and both > MEMORY_SHARE * limit:
        raise Refused(
            f"during a reload old and new workers need about {both / 1e6:.0f} MB, and {MEMORY_SHARE:.0%} of the limit are "
            f"{MEMORY_SHARE * limit / 1e6:.0f} MB"
        )
