"""What is allowed for a plugin."""

import json
from typing import Any

import click

from .client import Client, with_client
from .output import json_option, print_json, print_table
from .policy_group import group, print_consequences
from .policy_preview import print_preview, wait_for_preview


@click.group()
def policy() -> None:
    """Show, try out or change what is allowed for a plugin, a group (`group:NAME`) or all (`default`)."""


policy.add_command(group)


@policy.command()
@click.argument("plugin_id", default="default")
@json_option
@with_client
def show(client: Client, plugin_id: str, as_json: bool) -> None:
    """Show a policy, and where each value comes from."""
    found, schema = client.get(f"/policies/{plugin_id}"), client.get("/policies")["schema"]
    if as_json:
        print_json(found)
        return
    rows = [(f["name"], _plain(found["policy"][f["name"]]), _giver(found, f["name"]), f["text"]) for f in schema]
    if found["groups"]:
        click.echo(f"groups, the first wins: {', '.join(found['groups'])}")
    print_table(("field", "value", "from", "meaning"), rows, "")


@policy.command(name="set")
@click.argument("plugin_id")
@click.argument("settings", nargs=-1, required=True, metavar="FIELD=VALUE...")
@json_option
@with_client
def set_(client: Client, plugin_id: str, settings: tuple[str, ...], as_json: bool) -> None:
    """Change fields of a policy; FIELD=null takes one back to its default."""
    _, etag = client.get_with_etag(f"/policies/{plugin_id}")
    found = client.patch(f"/policies/{plugin_id}", dict(_parsed(setting) for setting in settings), etag)
    if as_json:
        print_json(found)
        return
    for setting in settings:
        name = setting.partition("=")[0]
        click.echo(f"{name} = {found['policy'][name]}")


@policy.command()
@click.argument("plugin_id")
@click.argument("settings", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option(
    "--days", default=7.0, show_default=True, type=click.FloatRange(0, 14, min_open=True), help="So much of the past."
)
@json_option
@with_client
def preview(client: Client, plugin_id: str, settings: tuple[str, ...], days: float, as_json: bool) -> None:
    """Say what a policy would have done in the last days, beside the present one. Changes nothing; Ctrl-C cancels.

    Exit code 1: it could not be computed.
    """
    found = wait_for_preview(client, plugin_id, dict(_parsed(setting) for setting in settings), days)
    if as_json:
        print_json(found)
    elif found["state"] == "done":
        print_preview(found, client.lang)
    if found["state"] != "done":
        reason = found["reason"] or {"text": found["state"], "help": None}
        raise click.ClickException(" ".join(part for part in (reason["text"], reason["help"]) if part))


@policy.command()
@click.argument("plugin_id")
@click.argument("settings", nargs=-1, required=True, metavar="FIELD=VALUE...")
@json_option
@with_client
def consequences(client: Client, plugin_id: str, settings: tuple[str, ...], as_json: bool) -> None:
    """Say at once whose policy would be another one, and who keeps a value nearer to it. Changes nothing."""
    changes = dict(_parsed(setting) for setting in settings)
    found = client.post(f"/policies/{plugin_id}/consequences", changes)
    if as_json:
        print_json(found)
    else:
        print_consequences(found, client.lang)


def _plain(value: Any) -> str | None:
    """Return a value as it is written for `policy set`; None where there is none."""
    return None if value is None or value == [] else value if isinstance(value, str) else json.dumps(value)


def _giver(found: Any, name: str) -> str:
    """Return who gave a value, for example `group shop` or `plugin file`."""
    source = str(found["source"][name]).replace("_", " ").replace("built in", "built-in")
    return " ".join(part for part in (source, found["source_group"].get(name)) if part)


def _parsed(setting: str) -> tuple[str, object]:
    """Return name and value; what is no JSON is a word. Raises UsageError."""
    name, separator, text = setting.partition("=")
    if not separator or not name:
        raise click.UsageError(f"{setting!r} is no FIELD=VALUE, for example mode=approve")
    try:
        return name, json.loads(text)
    except ValueError:
        return name, text
