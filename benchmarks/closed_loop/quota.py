"""A limit on CPU time, as a container has one: a cgroup of its own (version 1 or 2)."""

import contextlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PERIOD_MICROSECONDS = 100_000
VERSION_1, VERSION_2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")


class QuotaUnavailable(RuntimeError):
    """This machine lets us make no cgroup."""


@contextmanager
def quota(cores: float | None) -> Iterator[Sequence[str]]:
    """Yield the words before a command that start it in a group that may use `cores`; none without a limit.

    Raises QuotaUnavailable where no cgroup can be made.
    """
    if cores is None:
        yield ()
        return
    group = _made(cores)
    try:
        yield ("/bin/sh", "-c", 'echo $$ >"$0" && exec "$@"', str(group / "cgroup.procs"))
    finally:
        _remove(group)


def _made(cores: float) -> Path:
    first = VERSION_1 if VERSION_1.exists() else VERSION_2
    group = first / f"closed-loop-{uuid.uuid4().hex[:8]}"
    budget = int(cores * PERIOD_MICROSECONDS)
    try:
        group.mkdir()
        if (group / "cpu.cfs_quota_us").exists():
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS))
            (group / "cpu.cfs_quota_us").write_text(str(budget))
        else:
            (group / "cpu.max").write_text(f"{budget} {PERIOD_MICROSECONDS}")
    except OSError as error:
        raise QuotaUnavailable(f"no CPU limit can be set here ({error}); run as root with cgroups") from error
    return group


def _remove(group: Path) -> None:
    with contextlib.suppress(OSError):  # a process of it is still ending; an empty group does no harm
        group.rmdir()
