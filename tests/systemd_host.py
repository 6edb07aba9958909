"""A real systemd as process 1 of private namespaces, for tests: own units, own groups, nothing of the host is touched.

Needs root, systemd on the disk and the kernel's cgroups of version 1 (`why_not` tells what is missing). The manager is reached by
`nsenter`; its files are read through /proc/PID/root.
"""

import contextlib
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SYSTEMD = Path("/lib/systemd/systemd")
GROUPS = Path("/sys/fs/cgroup")
HIERARCHIES = ("cpu", "cpuacct", "memory", "pids", "systemd")
NICE_STEP = 1.25  # one step of niceness changes the weight of a process by that much (kernel/sched/core.c)
OUTER = """
for h in {hierarchies}; do mkdir -p {groups}/$h/{name}; echo $$ > {groups}/$h/{name}/cgroup.procs; done
echo {shares} > {groups}/cpu/{name}/cpu.shares
exec unshare -fpmCiu --kill-child --propagation private bash {folder}/inner.sh
"""
INNER = """
set -e
mount -t proc proc /proc; mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs {groups}
for h in cpu cpuacct memory pids; do mkdir {groups}/$h; mount -t cgroup -o $h cgroup {groups}/$h; done
mkdir {groups}/systemd {groups}/unified
mount -t cgroup -o none,name=systemd cgroup {groups}/systemd; mount -t cgroup2 cgroup2 {groups}/unified
mount -o bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys
mkdir -p {folder}/system.control; mkdir -p /etc/systemd/system.control; mount --bind {folder}/system.control /etc/systemd/system.control
mkdir -p /run/systemd/system; cp {folder}/units/* /run/systemd/system/
export container=test
exec /lib/systemd/systemd --system --unit=t.target --log-target=console --show-status=0
"""
TARGET = "[Unit]\nDescription=t\nDefaultDependencies=no\n"


def why_not() -> str:
    """Return what is missing here for a systemd of our own; empty where nothing is."""
    if os.geteuid() != 0:
        return "namespaces and groups need root"
    if not SYSTEMD.exists():
        return "systemd is not installed"
    missing = [name for name in HIERARCHIES if not (GROUPS / name / "cgroup.procs").exists()]
    return f"no cgroups of version 1 here: {', '.join(missing)}" if missing else ""


@dataclass(frozen=True)
class SystemdHost:
    """`pid` is the manager's, as we see it; `systemctl` the words that reach it; `root` its files; `log` what it wrote."""

    pid: int
    folder: Path
    log: Path

    @property
    def entry(self) -> tuple[str, ...]:
        """Return the words before a command that run it in the manager's namespaces."""
        return ("nsenter", "-t", str(self.pid), "-m", "-p", "-C", "-i", "-u", "--")

    @property
    def systemctl(self) -> tuple[str, ...]:
        return (*self.entry, "systemctl")

    @property
    def root(self) -> Path:
        return Path(f"/proc/{self.pid}/root")

    def run(self, *words: str) -> str:
        """Call systemctl; raise what it complains of."""
        done = subprocess.run([*self.systemctl, *words], capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(f"systemctl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def value(self, unit: str, name: str) -> str:
        return self.run("show", "-p", name, "--value", unit)

    def outer_pid(self, unit: str) -> int:
        """Return the main process of a unit as we see it, who are outside: the oldest in its group."""
        return min(int(pid) for pid in self.group("systemd", unit, "cgroup.procs").split())

    def group(self, controller: str, unit: str, name: str) -> str:
        """Return what the kernel has in a file of the unit's group."""
        return (self.root / f"sys/fs/cgroup/{controller}{self.value(unit, 'ControlGroup')}/{name}").read_text().strip()


@contextlib.contextmanager
def start_systemd(folder: Path, units: dict[str, str]) -> Iterator[SystemdHost]:
    """Run a systemd with these units (name → text) until the block ends; none of them is started by itself."""
    name = f"systemd-test-{uuid.uuid4().hex[:8]}"
    (folder / "units").mkdir(parents=True)
    for unit, text in {"t.target": TARGET, **units}.items():
        (folder / "units" / unit).write_text(text)
    words = {"folder": folder, "groups": GROUPS, "name": name, "hierarchies": " ".join(HIERARCHIES)}
    shares = max(2, round(1024 / NICE_STEP ** os.nice(0)))
    (folder / "inner.sh").write_text(INNER.format(**words))
    (folder / "outer.sh").write_text(OUTER.format(**words, shares=shares))
    log = folder / "systemd.log"
    with log.open("wb") as output:
        outer = subprocess.Popen(["bash", folder / "outer.sh"], stdout=output, stderr=output, start_new_session=True)
    try:
        host = SystemdHost(_manager(outer, log), folder, log)
        _until_ready(host)
        yield host
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(outer.pid, signal.SIGKILL)  # the manager and all of its namespace go with it
        outer.wait()
        _remove(name)


def _manager(outer: "subprocess.Popen[bytes]", log: Path) -> int:
    """Return the pid of process 1 of the new namespace."""
    deadline = time.monotonic() + 60
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
    while time.monotonic() < deadline and outer.poll() is None:
        for pid in children.read_text().split():
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                    return int(pid)
        time.sleep(0.05)
    raise RuntimeError(f"systemd did not start: {log.read_text(errors='replace')[-2000:]}")


def _until_ready(host: SystemdHost) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            host.run("show", "-p", "Version")
        except RuntimeError as error:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{error}\n{host.log.read_text(errors='replace')[-2000:]}") from error
            time.sleep(0.1)
        else:
            return


def _remove(name: str) -> None:
    """Remove the groups, bottom up; what still ends in one of them is waited for."""
    for hierarchy in HIERARCHIES:
        top = GROUPS / hierarchy / name
        for _ in range(100):
            for path in _bottom_up(top):
                with contextlib.suppress(OSError):
                    path.rmdir()
            if not top.exists():
                break
            time.sleep(0.05)


def _bottom_up(top: Path) -> Sequence[Path]:
    return sorted((path for path in [top, *top.rglob("*")] if path.is_dir()), reverse=True) if top.exists() else []
