"""Groups of plugins that share a policy."""

from collections.abc import Iterator
from typing import Any

import click

from ..domain import Message
from ..wording import policy_field_name, render
from .client import Client, Declined, with_client
from .output import json_option, print_json, print_table

SHOWN = 20  # plugins, by name
NOT_FOUND = 404


@click.group()
def group() -> None:
    """Make, change and remove groups of plugins; what one says is the policy `group:NAME`."""


@group.command(name="list")
@json_option
@with_client
def list_(client: Client, as_json: bool) -> None:
    """List the groups, the one whose values win first."""
    found = client.get("/plugin-groups")
    if as_json:
        print_json(found)
        return
    rows = [(g["name"], g["priority"], _conditions(g), g["count"], ", ".join(g["own"]), g["source"]) for g in found]
    print_table(("group", "priority", "conditions", "plugins", "says", "from"), rows, "no groups")


@group.command()
@click.argument("name")
@json_option
@with_client
def show(client: Client, name: str, as_json: bool) -> None:
    """Show a group and the plugins that belong to it."""
    found = client.get(f"/plugin-groups/{name}")
    if as_json:
        print_json(found)
        return
    click.echo(f"{found['name']}: priority {found['priority']}, {_conditions(found)}")
    print_table(("plugin", "groups, the first wins"), [(p, ", ".join(g)) for p, g in found["members"].items()], "–")


@group.command(name="set")
@click.argument("name")
@click.option("--kind", "kinds", multiple=True, help="A kind of touchpoint, for example gunicorn; any of them will do.")
@click.option("--label", "labels", multiple=True, metavar="KEY=VALUE", help="A label; all of them are needed.")
@click.option(
    "--name", "names", multiple=True, metavar="PATTERN", help="Plugin ids, for example 'shop-*'; any will do."
)
@click.option("--priority", default=0, show_default=True, help="Of several groups the higher one's values win.")
@click.option("--dry-run", is_flag=True, help="Only say what that would change.")
@json_option
@with_client
def set_(
    client: Client,
    name: str,
    kinds: tuple[str, ...],
    labels: tuple[str, ...],
    names: tuple[str, ...],
    priority: int,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a group, or replace its conditions. All sorts of conditions that are given must hold."""
    body = {"kinds": kinds, "labels": dict(map(_label, labels)), "names": names, "priority": priority}
    told = client.post(f"/plugin-groups/{name}/consequences", body)
    found = told if dry_run else client.put(f"/plugin-groups/{name}", body, _etag(client, name))
    if as_json:
        print_json(found)
        return
    print_consequences(told, client.lang)


@group.command()
@click.argument("name")
@with_client
def remove(client: Client, name: str) -> None:
    """Remove a group and its policy; its plugins return to their other groups and the default."""
    _, etag = client.get_with_etag(f"/plugin-groups/{name}")
    client.delete(f"/plugin-groups/{name}", etag)
    click.echo(f"removed {name}")


def print_consequences(told: Any, lang: str) -> None:
    """Print whose policy changes and how, who keeps a nearer value, and who comes and goes."""
    for line in _lines(told, lang):
        click.echo(line)


def _lines(told: Any, lang: str) -> Iterator[str]:
    yield render(Message("consequences_changed", {"count": told["changed"]}), lang)
    for plugin in told["plugins"][:SHOWN]:
        fields = (f"{policy_field_name(n, lang)} {_said(c)}" for n, c in plugin["fields"].items())
        yield f"  {plugin['plugin_id']}: {'; '.join(fields)}"
    if told["changed"] > SHOWN:
        yield "  …"
    for code, names in (("kept", told["keeping"]), ("joining", told["joining"]), ("leaving", told["leaving"])):
        if names:
            shown = [n if isinstance(n, str) else n["plugin_id"] for n in names[:SHOWN]]
            count = told["kept"] if code == "kept" else len(names)
            yield render(Message(f"consequences_{code}", {"count": count, "names": ", ".join(shown)}), lang)


def _said(change: Any) -> str:
    return f"{change['before']} → {change['after']}"


def _conditions(found: Any) -> str:
    parts = (
        ("kind", " | ".join(found["kinds"])),
        ("labels", ", ".join(f"{key}={value}" for key, value in found["labels"].items())),
        ("name", " | ".join(found["names"])),
    )
    return "; ".join(f"{name} {said}" for name, said in parts if said)


def _label(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise click.UsageError(f"{text!r} is no KEY=VALUE, for example team=shop")
    return key, value


def _etag(client: Client, name: str) -> str | None:
    """Return the mark of a group that is there; None where it is to be made."""
    try:
        return client.get_with_etag(f"/plugin-groups/{name}")[1]
    except Declined as declined:
        if declined.status != NOT_FOUND:
            raise
        return None
