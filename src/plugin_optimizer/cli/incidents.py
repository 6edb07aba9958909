"""What is wrong now, one line for each cause."""

from typing import Any

import click

from .client import Client, with_client
from .output import json_option, print_json, print_table


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also what hurts nobody.")
@json_option
@with_client
def incidents(client: Client, everything: bool, as_json: bool) -> None:
    """Show what is wrong, the worst first: since when, what moved first, and what followed."""
    found = client.get("/incidents")
    if as_json:
        print_json(found)
        return
    shown = [one for one in found if everything or one["severity"] != "info"]
    columns = ("since", "severity", "what moved first", "then", "changed before")
    print_table(columns, [_row(one) for one in shown], "nothing is wrong")
    hidden = len(found) - len(shown)
    if hidden:
        click.echo(f"{hidden} more that hurt nobody: --all")


def _row(incident: dict[str, Any]) -> tuple[object, ...]:
    then = [f"{p['plugin_id']} {p['finding']['metric']} +{p['after_seconds']:.0f} s" for p in incident["parts"][1:]]
    changes = "; ".join(change["text"] for change in incident["changes"])
    return incident["since"], incident["severity"], incident["text"], ", ".join(then) or None, changes or None
