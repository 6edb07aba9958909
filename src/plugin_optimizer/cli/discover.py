"""What could be watched on this host."""

from collections.abc import Callable, Mapping

import click

from ..contracts import Touchpoint
from ..domain import OptimizerError, Plugin
from .local import config_option, local_system
from .output import json_option, print_json, print_table


@click.command()
@config_option
@json_option
def discover(config: str | None, as_json: bool) -> None:
    """Look for everything that a touchpoint knows, right now, without watching or changing anything."""
    with local_system(config) as system:
        found = [(p, _not_offered(t, p)) for t in system.touchpoints.values() for p in t.discover()]
    if as_json:
        print_json(
            [
                {
                    "plugin_id": p.plugin_id,
                    "touchpoint": p.touchpoint,
                    "address": dict(p.address),
                    "not_offered": dict(w),
                }
                for p, w in found
            ]
        )
        return
    rows = [(p.plugin_id, p.touchpoint, ", ".join(f"{k}={v}" for k, v in p.address.items())) for p, _ in found]
    print_table(("plugin", "touchpoint", "address"), rows, "nothing was found; run a gunicorn with --name NAME")
    for plugin, why in found:
        for knob, reason in why.items():
            click.echo(f"{plugin.plugin_id}: {knob} cannot be turned: {reason}")


def _not_offered(touchpoint: Touchpoint, plugin: Plugin) -> Mapping[str, str]:
    """Return why knobs that this kind could have are not there, where the touchpoint says so."""
    tell: Callable[[Plugin], Mapping[str, str]] | None = getattr(touchpoint, "not_offered", None)
    try:
        return tell(plugin) if tell is not None else {}
    except OptimizerError as error:
        return {"it": str(error)}
