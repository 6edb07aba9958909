"""What could be watched on this host."""

import click

from .local import config_option, local_system
from .output import json_option, print_json, print_table


@click.command()
@config_option
@json_option
def discover(config: str | None, as_json: bool) -> None:
    """Look for everything that a touchpoint knows, right now, without watching or changing anything."""
    with local_system(config) as system:
        found = [plugin for touchpoint in system.touchpoints.values() for plugin in touchpoint.discover()]
    if as_json:
        print_json([{"plugin_id": p.plugin_id, "touchpoint": p.touchpoint, "address": dict(p.address)} for p in found])
        return
    rows = [(p.plugin_id, p.touchpoint, ", ".join(f"{k}={v}" for k, v in p.address.items())) for p in found]
    print_table(("plugin", "touchpoint", "address"), rows, "nothing was found; run a gunicorn with --name NAME")
