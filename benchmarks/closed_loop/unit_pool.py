"""A gunicorn that is a unit of a systemd of its own: its CPU limit is a CPUQuota, which can be turned.

The engine runs in the namespaces of that systemd, as it would on that host, and knows the unit as NAME.service.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from plugin_optimizer.demo.commands import gunicorn_script
from plugin_optimizer.demo.ports import free_tcp_ports
from tests.systemd_host import SystemdHost, start_systemd, why_not

from .pool import HOST, ROOT, Pool, wait_until_there
from .quota import QuotaUnavailable
from .scenario import Folder, Service

UNIT = """[Unit]
DefaultDependencies=no
[Service]
WorkingDirectory={folder}
ExecStart={command}
StandardOutput=append:{log}
StandardError=append:{log}
CPUQuota={percent:g}%
"""


@dataclass(frozen=True, slots=True)
class UnitProcess:
    """The unit's main process, as we see it: what a Pool asks of one."""

    host: SystemdHost
    unit: str
    pid: int

    def poll(self) -> int | None:
        return None if psutil.pid_exists(self.pid) else 1

    def send_signal(self, number: signal.Signals) -> None:
        psutil.Process(self.pid).send_signal(number)


@dataclass
class UnitPool(Pool):
    """`host` is the systemd that it is a unit of."""

    host: SystemdHost | None = None

    @property
    def entry(self) -> tuple[str, ...]:
        """Return the words before a command that start it on the unit's host."""
        assert self.host is not None, "made by unit_pool"
        return self.host.entry

    @property
    def unit(self) -> str:
        return f"{self.service.name}.service"


@contextmanager
def unit_pool(folder: Folder, service: Service, room: Path, environment: dict[str, str]) -> Iterator[UnitPool]:
    """Run systemd with the one unit while the block runs. Raises QuotaUnavailable where there can be none."""
    if why_not() or service.cpu_cores is None:
        raise QuotaUnavailable(why_not() or f"{service.name}: a unit needs cpu_cores, its CPUQuota")
    (port,) = free_tcp_ports(1)
    config, log = room / f"{service.name}.conf.py", room / f"{service.name}.log"
    config.write_text(f"workers = {service.workers}\nthreads = {service.threads}\ngraceful_timeout = 5\n")
    command = [
        sys.executable, gunicorn_script(), "--config", str(config), "--name", service.name, "--bind", f"{HOST}:{port}",
        "--control-socket", str(room / f"{service.name}.ctl"), "--log-level", "warning", *service.options, service.app,
    ]  # fmt: skip
    own = {
        **environment,
        **service.environment,
        "SERVICE": service.name,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    text = UNIT.format(folder=folder.path, command=" ".join(command), log=log, percent=100 * service.cpu_cores)
    text += "".join(f'Environment="{name}={value}"\n' for name, value in own.items())
    unit = f"{service.name}.service"
    with start_systemd(room / "systemd", {unit: text}) as host:
        host.run("start", unit)
        process = UnitProcess(host, unit, host.outer_pid(unit))
        pool = UnitPool(service, port, process, host=host)  # type: ignore[arg-type] # a Popen's three verbs suffice
        wait_until_there(pool, room)
        try:
            yield pool
        finally:
            host.run("stop", unit)
