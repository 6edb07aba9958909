"""A real Docker Engine without a network, in a mount namespace of its own, for tests: own data, own socket, own control groups.

Needs root and the programs dockerd, containerd, runc and a static busybox, on the path or unpacked into build/extra (`make
extra-packages`); `why_not` tells what is missing.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

EXTRA = Path(os.environ.get("EXTRA_PROGRAMS", Path(__file__).resolve().parents[1] / "build" / "extra"))
FOLDERS = [EXTRA / "usr/bin", EXTRA / "usr/sbin", EXTRA / "bin"]
PROGRAMS = ("dockerd", "containerd", "runc", "docker", "busybox")
GROUPS = Path("/sys/fs/cgroup")
HIERARCHIES = ("cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids")
NICE_STEP = 1.25  # one step of niceness changes the weight of a process by that much (kernel/sched/core.c)
START = """
set -e
mount --make-rprivate /; mount -t tmpfs tmpfs {groups}; mount -t tmpfs tmpfs /run
for h in {hierarchies}; do mkdir {groups}/$h; mount -t cgroup -o $h cgroup {groups}/$h; done
mkdir {groups}/systemd; mount -t cgroup -o none,name=systemd cgroup {groups}/systemd
exec dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs --cgroup-parent=/{name} \
  --data-root {folder}/data --exec-root {short}/e -H unix://{short}/d.sock --pidfile {short}/d.pid
"""


def path() -> str:
    return ":".join([*(str(folder) for folder in FOLDERS), os.environ.get("PATH", "")])


def why_not() -> str:
    """Return what is missing here for an engine of our own; empty where nothing is."""
    if os.geteuid() != 0:
        return "containers and groups need root"
    missing = [name for name in PROGRAMS if shutil.which(name, path=path()) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (make extra-packages)"
    absent = [name for name in HIERARCHIES if not (GROUPS / name / "cgroup.procs").exists()]
    return f"no cgroups of version 1 here: {', '.join(absent)}" if absent else ""


@dataclass(frozen=True)
class DockerHost:
    """`socket` is the engine's, `parent` the group of all its containers."""

    socket: Path
    parent: str

    def docker(self, *words: str) -> str:
        """Call the command-line client; raise what it complains of."""
        command = ["docker", "-H", f"unix://{self.socket}", *words]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, env={**os.environ, "PATH": path(), "DOCKER_HOST": ""}
        )
        if done.returncode:
            raise RuntimeError(f"docker {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def run(self, name: str, *options: str, command: str = "sleep 100000") -> str:
        """Start a container of busybox that runs a command of its shell; return its id."""
        words = ("run", "-d", "--name", name, "--network", "host", *options, "bb:1", "sh", "-c", command)
        return self.docker(*words)

    def group(self, controller: str, container_id: str, name: str) -> str:
        """Return what the kernel has in a file of the container's group."""
        return (GROUPS / controller / self.parent / container_id / name).read_text().strip()


@contextlib.contextmanager
def start_docker(folder: Path) -> Iterator[DockerHost]:
    """Run an engine with the image bb:1 (a static busybox) until the block ends."""
    name = f"docker-test-{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    script, log = folder / "start.sh", folder / "dockerd.log"
    short = Path(tempfile.mkdtemp(prefix="d-"))  # a path of a UNIX socket has at most 107 characters
    socket = short / "d.sock"
    script.write_text(
        START.format(groups=GROUPS, hierarchies=" ".join(HIERARCHIES), name=name, folder=folder, short=short)
    )
    _share(name)
    environment = {**os.environ, "PATH": path()}
    with log.open("wb") as output:
        daemon = subprocess.Popen(
            ["unshare", "-m", "bash", str(script)],
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )
    host = DockerHost(socket, name)
    try:
        _until_ready(host, daemon, log)
        _import_image(host, folder)
        yield host
    finally:
        _end(host, daemon)
        _remove(name)
        shutil.rmtree(short, ignore_errors=True)


def _share(name: str) -> None:
    """Make the group of all containers, and give it the weight that a process as nice as we are has."""
    group = GROUPS / "cpu" / name
    group.mkdir()
    (group / "cpu.shares").write_text(str(max(2, round(1024 / NICE_STEP ** os.nice(0)))))


def _until_ready(host: DockerHost, daemon: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 180
    while True:
        try:
            host.docker("version")
        except RuntimeError as error:
            if time.monotonic() > deadline or daemon.poll() is not None:
                raise RuntimeError(f"{error}\n{log.read_text(errors='replace')[-3000:]}") from error
            time.sleep(0.2)
        else:
            return


def _import_image(host: DockerHost, folder: Path) -> None:
    busybox = shutil.which("busybox", path=path())
    assert busybox is not None
    root = folder / "image" / "bin"
    root.mkdir(parents=True)
    shutil.copy(busybox, root / "busybox")
    for name in ("sh", "sleep", "dd", "cat", "head", "true"):
        (root / name).symlink_to("busybox")
    (folder / "image" / "tmp").mkdir()
    subprocess.run(["tar", "-C", str(folder / "image"), "-cf", str(folder / "image.tar"), "."], check=True)
    host.docker("import", str(folder / "image.tar"), "bb:1")


def _end(host: DockerHost, daemon: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(RuntimeError, subprocess.TimeoutExpired):
        running = host.docker("ps", "-aq").split()
        if running:
            host.docker("rm", "-f", *running)
    daemon.terminate()
    try:
        daemon.wait(60)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()


def _remove(name: str) -> None:
    """Remove the groups, bottom up; what still ends in one of them is waited for."""
    for hierarchy in (*HIERARCHIES, "systemd"):
        top = GROUPS / hierarchy / name
        for _ in range(100):
            for folder in sorted((f for f in (top, *top.rglob("*")) if f.is_dir()), reverse=True):
                with contextlib.suppress(OSError):
                    folder.rmdir()
            if not top.exists():
                break
            time.sleep(0.05)
