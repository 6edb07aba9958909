"""Writes the engine's configuration: where everything is and what is expected of each plugin, nothing of faults."""

import json
from collections.abc import Iterable, Mapping

from .commands import HOST, Ports
from .layout import Layout
from .roster import SERVICES, Service

# A demo is watched by somebody: a verdict after minutes, where production takes more time to be sure.
POLICY: dict[str, float] = {
    "sustain_seconds": 15.0,
    "settle_seconds": 20.0,
    "verify_seconds": 300.0,
    "cooldown_seconds": 30.0,
}


def engine_config(layout: Layout, ports: Ports, host: str) -> str:
    """Return the TOML of one run."""
    lines = [
        "# Written by `plugin-optimizer demo` at each start.",
        *_table("server", {"host": host, "port": ports.api, "login": True}),
        *_table(
            "engine",
            {
                "interval_seconds": 5.0,
                "state_dir": str(layout.state),
                "home": str(layout.home),
                "discover": False,  # other services of this machine are none of the demo's business
            },
        ),
        *_table("statsd", {"host": HOST, "port": ports.statsd}),
        *_table("policy", POLICY),
        *(line for service in SERVICES for line in _plugin(service, ports.services[service.name])),
    ]
    return "\n".join(lines) + "\n"


def _plugin(service: Service, port: int) -> Iterable[str]:
    yield from _table(
        f"plugins.{service.name}",
        {"touchpoint": "gunicorn", "name": service.name, "bind": f"{HOST}:{port}"},
    )
    yield from _table(f"plugins.{service.name}.policy", service.policy)


def _table(name: str, values: Mapping[str, str | float | bool]) -> Iterable[str]:
    yield f"\n[{name}]"
    for key, value in values.items():
        yield f"{key} = {json.dumps(value)}"  # text, numbers and true/false are written alike in TOML and JSON
