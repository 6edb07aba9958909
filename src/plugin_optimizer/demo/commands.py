"""The command line of each process of the demo."""

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Self

from ..domain import ConfigError
from .child import DEMO_VARIABLE, Child
from .layout import Layout
from .ports import free_tcp_ports, free_udp_port
from .roster import Service
from .services.partner import PARTNERS_VARIABLE

HOST = "127.0.0.1"  # services and load never leave this machine
HOME_VARIABLE = "PLUGIN_OPTIMIZER_HOME"
PRICING_VARIABLE = "PLUGIN_OPTIMIZER_DEMO_PRICING"

GUNICORN_CONFIG = """\
# gunicorn configuration of the demo's {name} service. It is kept between starts: what was tuned stays tuned.
workers = {workers}
worker_class = "sync"
timeout = 30
graceful_timeout = 5
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything listens on loopback in one run of the demo."""

    api: int
    statsd: int
    partners: int
    services: dict[str, int]

    @classmethod
    def choose(cls, api: int, services: Iterable[str]) -> Self:
        """Take free ones for everything but the API."""
        names = tuple(services)
        partners, *free = free_tcp_ports(len(names) + 1)
        return cls(api, free_udp_port(), partners, dict(zip(names, free, strict=True)))


@dataclass(frozen=True, slots=True)
class Commands:
    """Builds the children of one run."""

    layout: Layout
    ports: Ports
    seed: int

    def partners(self) -> Child:
        return self._child("partners", "-m", "plugin_optimizer.demo.partners", HOST, self.ports.partners, self.seed)

    def service(self, service: Service) -> Child:
        """Write the gunicorn configuration where there is none yet; what a command line says cannot be tuned there."""
        config = self.layout.gunicorn_config(service.name)
        if not config.exists():
            config.write_text(GUNICORN_CONFIG.format(name=service.name, workers=service.workers))
        options: dict[str, str | Path] = {
            "--config": config,
            "--name": service.name,
            "--bind": f"{HOST}:{self.ports.services[service.name]}",
            "--statsd-host": f"{HOST}:{self.ports.statsd}",
            "--statsd-prefix": service.name,
            "--log-level": "warning",
        }
        if has_control_socket(version("gunicorn")):
            options["--control-socket"] = self.layout.control_socket(service.name)
        words = [str(word) for pair in options.items() for word in pair]
        return self._child(
            service.name, gunicorn_script(), *words, f"plugin_optimizer.demo.services.{service.name}:app"
        )

    def load(self) -> Child:
        return self._child("load", "-m", "plugin_optimizer.demo.load", self.layout.load_plan, self.layout.load)

    def server(self) -> Child:
        return self._child(
            "server", "-m", "plugin_optimizer.cli", "serve", "--config", self.layout.config, "--port", self.ports.api
        )

    def _child(self, name: str, *arguments: str | int | Path) -> Child:
        return Child(
            name=name,
            command=(sys.executable, *map(str, arguments)),
            environment={
                DEMO_VARIABLE: str(self.layout.directory),
                HOME_VARIABLE: str(self.layout.home),
                PARTNERS_VARIABLE: f"{HOST}:{self.ports.partners}",
                PRICING_VARIABLE: str(self.layout.pricing),
                "PYTHONUNBUFFERED": "1",
                "OMP_NUM_THREADS": "1",  # no numerical library needs a thread per core here
                "OPENBLAS_NUM_THREADS": "1",
            },
            log=self.layout.log(name),
        )


def has_control_socket(gunicorn_version: str) -> bool:
    """Tell whether this gunicorn knows the option; it came with 25.1."""
    major, minor = (int(part) for part in gunicorn_version.split(".")[:2])
    return (major, minor) >= (25, 1)


def gunicorn_script() -> str:
    """Return the path of the script `gunicorn`. Raises ConfigError where it is not installed beside this Python.

    `python -m gunicorn` would not do: what it re-executes on USR2 finds the folder `gunicorn/http` in the place of
    the standard library's `http`, and ends.
    """
    folders = (sysconfig.get_path("scripts"), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))
    found = shutil.which("gunicorn", path=os.pathsep.join(folders))
    if found is None:
        raise ConfigError("the demo needs gunicorn; install it by: pip install 'plugin-optimizer[server]'")
    return found
