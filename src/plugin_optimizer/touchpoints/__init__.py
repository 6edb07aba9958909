"""What is sensed and turned: one touchpoint per kind of managed thing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..domain import Capability, Plugin
from .blueprint import BlueprintTouchpoint
from .celery import CeleryTouchpoint
from .docker import DockerTouchpoint
from .gunicorn import GunicornTouchpoint
from .hooks import HooksTouchpoint
from .kubernetes import KubernetesTouchpoint
from .memcached import MemcachedTouchpoint
from .python_process import PythonProcessTouchpoint
from .redis import RedisTouchpoint
from .reported import ReportedTouchpoint
from .supervisord import SupervisordTouchpoint
from .systemd import SystemdTouchpoint
from .uvicorn import UvicornTouchpoint
from .uwsgi import UwsgiTouchpoint
from .webhook import ReceiverTouchpoint, commands, webhooks

# By kind. Each makes a Touchpoint from the directory where probes and engine meet; `Any` since the protocol's kind is
# writable and a frozen dataclass's is not.
TOUCHPOINTS: Mapping[str, Callable[[Path], Any]] = {
    "gunicorn": lambda home: GunicornTouchpoint(home=home),
    "uvicorn": lambda home: UvicornTouchpoint(home=home),
    "uwsgi": lambda home: UwsgiTouchpoint(home=home),
    "celery": lambda home: CeleryTouchpoint(home=home),
    "python": PythonProcessTouchpoint,
    "blueprint": BlueprintTouchpoint,
    "hooks": HooksTouchpoint,
    "supervisord": lambda _: SupervisordTouchpoint(),
    "reported": lambda _: ReportedTouchpoint(),
}

# Of what has an address: made from the plugins that the configuration names, whose places and secrets it tells.
SERVERS: Mapping[str, Callable[[tuple[Plugin, ...]], Any]] = {
    "command": commands,
    "docker": DockerTouchpoint,
    "kubernetes": KubernetesTouchpoint,
    "memcached": MemcachedTouchpoint,
    "redis": RedisTouchpoint,
    "systemd": SystemdTouchpoint,
    "webhook": webhooks,
}


def capabilities() -> tuple[Capability, ...]:
    """Return what each touchpoint declares of itself, in the order of the documents."""
    kinds = (
        GunicornTouchpoint,
        UvicornTouchpoint,
        UwsgiTouchpoint,
        CeleryTouchpoint,
        RedisTouchpoint,
        MemcachedTouchpoint,
        BlueprintTouchpoint,
        HooksTouchpoint,
        PythonProcessTouchpoint,
        ReceiverTouchpoint,
        KubernetesTouchpoint,
        SupervisordTouchpoint,
        SystemdTouchpoint,
        DockerTouchpoint,
        ReportedTouchpoint,
    )
    return tuple(each for kind in kinds for each in kind.capabilities)
