"""Says what `make test-live-extra` needs and what of it is missing here: `python -m tests.extra_needs`. Ends with 1 where something is.

A test that cannot run is skipped, and a row of skipped tests looks like success: so it is asked beforehand.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from tests import docker_host, systemd_host

NEEDS = (
    "root; a kernel with cgroups of version 1 (cpu, cpuacct, memory, pids, systemd; for Docker also cpuset, devices, freezer, blkio); "
    "systemd and nsenter; dockerd, containerd, runc, docker and a static busybox (make extra-packages unpacks them into build/extra, "
    "66 MB); perl; half an hour on two cores"
)


def missing() -> Mapping[str, str]:
    """Return what keeps each kind of test from running; empty where all of them can."""
    perl = "" if Path("/usr/bin/perl").exists() else "perl is not installed"
    found = {"systemd": systemd_host.why_not() or perl, "Docker": docker_host.why_not()}
    return {name: why for name, why in found.items() if why}


def main() -> int:
    lacking = missing()
    sys.stdout.write(f"needed: {NEEDS}\n")
    for name in ("systemd", "Docker"):
        sys.stdout.write(f"{name}: {lacking.get(name, 'ready')}\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(main())
