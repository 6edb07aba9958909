"""Commands that set a suggestion aside: snooze until it is worse, wake."""

import click

from .client import Client, with_client
from .output import json_option, print_json

WEEK_HOURS = 168.0


@click.command()
@click.argument("suggestion_id")
@click.option("--hours", default=WEEK_HOURS, show_default=True, help="Show it again after that long at the latest.")
@click.option("--worse-percent", default=25.0, show_default=True, help="Show it again once it is that much worse.")
@click.option("--reason", default="", help="Why, for those who come later (up to 500 characters).")
@json_option
@with_client
def snooze(client: Client, suggestion_id: str, hours: float, worse_percent: float, reason: str, as_json: bool) -> None:
    """Let a suggestion wait until it is worse, or until a time has passed."""
    body = {"hours": hours, "worse_by": worse_percent / 100, "reason": reason}
    found = client.post(f"/suggestions/{suggestion_id}/snooze", body)
    said = found["snooze"]
    waits = f"until {said['until']}, or until it is {said['worse_by']:.0%} worse"
    print_json(found) if as_json else click.echo(f"{found['id']}: {found['description']} – waits {waits}")


@click.command()
@click.argument("suggestion_id")
@json_option
@with_client
def wake(client: Client, suggestion_id: str, as_json: bool) -> None:
    """Show a snoozed suggestion again now."""
    found = client.post(f"/suggestions/{suggestion_id}/wake")
    print_json(found) if as_json else click.echo(f"{found['id']}: {found['state']}")
