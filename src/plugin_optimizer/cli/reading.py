"""Commands that show: status, suggestions."""

from typing import Any

import click

from .client import Client, with_client
from .output import json_option, print_json, print_table


@click.command()
@json_option
@with_client
def status(client: Client, as_json: bool) -> None:
    """Show how the plugins are: health, the four figures, open suggestions."""
    health, plugins = client.get("/health"), client.get("/plugins")
    if as_json:
        print_json({"health": health, "plugins": plugins})
        return
    click.echo(f"engine: {health['status']}   version: {health['version']}")
    columns = ("plugin", "health", "CPU %", "memory %", "errors %", "response ms", "suggestions")
    print_table(columns, [_plugin_row(p) for p in plugins], "no plugins were found; see: plugin-optimizer doctor")


@click.command()
@click.option("--plugin", "plugin_id", help="Only of this plugin.")
@click.option("--state", help="open, claimed, executed, dismissed, snoozed, superseded, expired or quarantined.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 500))
@json_option
@with_client
def suggestions(client: Client, plugin_id: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """List suggestions, newest first."""
    found = client.get("/suggestions", {"plugin_id": plugin_id, "state": state, "limit": str(limit)})
    if as_json:
        print_json(found)
        return
    columns = ("id", "plugin", "suggestion", "risk", "confidence", "state")
    rows = [
        (s["id"], s["plugin_id"], s["description"], s["risk"], f"{s['confidence']:.0%}", s["result"] or s["state"])
        for s in found
    ]
    print_table(columns, rows, "no suggestions; plugin-optimizer doctor says why")


def _plugin_row(plugin: dict[str, Any]) -> tuple[object, ...]:
    health = f"{plugin['health']} (stale)" if plugin["stale"] else plugin["health"]
    figures = (plugin[name] for name in ("cpu_usage", "memory_usage", "error_rate", "response_time"))
    return (plugin["plugin_id"], health, *figures, plugin["open_suggestions"])
