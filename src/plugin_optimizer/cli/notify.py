"""Telling people outside: whether channels work, what was told, and sending a message again."""

import click

from .client import Client, with_client
from .output import json_option, print_json, print_table

STATES = ("waiting", "sending", "delivered", "given_up")


@click.group()
def notify() -> None:
    """Test channels, list messages, send one again."""


@notify.command()
@click.argument("channel")
@json_option
@with_client
def test(client: Client, channel: str, as_json: bool) -> None:
    """Really send a test message, and print what the other side answered; exit code 1 if it did not arrive."""
    said = client.post("/notifications/test", {"channel": channel})
    if as_json:
        print_json(said)
    else:
        word = "delivered" if said["delivered"] else "not delivered"
        click.echo(f"{channel}: {word} in {said['took_seconds']:.2f} s: {said['answer']}")
    if not said["delivered"]:
        raise click.exceptions.Exit(1)


@notify.command(name="list")
@click.option("--channel", help="Only those of this channel.")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500))
@click.option("--after", help="Go on after this message.")
@json_option
@with_client
def list_(client: Client, channel: str | None, state: str | None, limit: int, after: str | None, as_json: bool) -> None:
    """List messages, newest first."""
    query = {"channel": channel, "state": state, "limit": str(limit), "after": after}
    found = client.get("/notifications/outbox", query)
    if as_json:
        print_json(found)
        return
    rows = [(d["id"], d["channel"], d["state"], d["created_at"], d["title"], d["answer"]) for d in found]
    print_table(("id", "channel", "state", "since", "message", "answer"), rows, "no messages")


@notify.command()
@click.argument("message_id")
@json_option
@with_client
def retry(client: Client, message_id: str, as_json: bool) -> None:
    """Send again what was given up, or what waits for its next attempt."""
    again = client.post(f"/notifications/outbox/{message_id}/retry")
    print_json(again) if as_json else click.echo(f"{again['id']} to {again['channel']}: {again['state']}")
