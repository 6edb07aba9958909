"""Commands about what the engine is at, and what it gave up: executions, close."""

from typing import Any
from uuid import uuid4

import click

from .client import Client, with_client
from .output import json_option, print_json, print_table

HELP = "plugin-optimizer close ID leaves it as it is, plugin-optimizer rollback ID asks for the way back"


@click.command()
@click.option("--needs-you", is_flag=True, help="What the engine gave up and nobody closed yet, with what runs now.")
@click.option("--plugin", "plugin_id", help="Only of this plugin.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 500))
@json_option
@with_client
def executions(client: Client, needs_you: bool, plugin_id: str | None, limit: int, as_json: bool) -> None:
    """List executions, newest first: those under way, or those that need a person."""
    query = {"plugin_id": plugin_id, "limit": str(limit), "needs_person" if needs_you else "open": "true"}
    found, total = client.get_counted("/executions", query)
    if as_json:
        print_json(found)
    elif needs_you:
        _print_needing(found, total)
    else:
        rows = [(e["id"], e["plugin_id"], _turned(e), e["executed_at"], e["state_text"]) for e in found]
        print_table(("id", "plugin", "change", "at", "state"), rows, "nothing is under way")


@click.command()
@click.argument("execution_id")
@click.option("--note", default="", help="Why, for those who come later (up to 500 characters).")
@json_option
@with_client
def close(client: Client, execution_id: str, note: str, as_json: bool) -> None:
    """Say that you have looked at what needs an operator, and leave it as it is. Asking twice closes once."""
    closed = client.post(f"/executions/{execution_id}/close", {"note": note}, key=uuid4().hex)
    print_json(closed) if as_json else click.echo(f"{closed['id']}: {closed['closing']['text']}")


def _print_needing(found: list[dict[str, Any]], total: int | None) -> None:
    columns = ("id", "plugin", "change", "now", "since", "why")
    rows = [(e["id"], e["plugin_id"], _turned(e), e["present_value"], e["finished_at"], _why(e)) for e in found]
    print_table(columns, rows, "nothing needs you")
    for execution in found:
        click.echo(f"{execution['id']}: {execution['advice']['text']}")
    if found:
        click.echo(f"{len(found)} of {total}; {HELP}")


def _turned(execution: dict[str, Any]) -> str:
    change = execution["change"]
    return f"{change['knob']}: {change['before']} → {change['after']}"


def _why(execution: dict[str, Any]) -> str:
    reason = execution["reason"]
    return str(reason["text"] if reason else execution["state_text"])
