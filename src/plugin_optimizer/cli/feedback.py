"""What people said of the unusual: that it was no problem."""

from typing import Any

import click

from ..domain import Metric, Unusualness
from .client import Client, with_client
from .output import json_option, print_json, print_table


@click.group()
def feedback() -> None:
    """Say that something unusual was no problem, take that back, list who said so and when."""


@feedback.command("no-problem")
@click.argument("plugin_id")
@click.argument("metric", type=click.Choice([metric.value for metric in Metric]), metavar="METRIC")
@click.argument("kind", type=click.Choice([kind.value for kind in Unusualness]))
@click.option("--since", help="Its onset (ISO 8601 with zone); the latest, where it is not given.")
@click.option("--reason", default="", help="Why, for those who come later (up to 500 characters).")
@json_option
@with_client
def no_problem(
    client: Client, plugin_id: str, metric: str, kind: str, since: str | None, reason: str, as_json: bool
) -> None:
    """Say that what was unusual was no problem: the like is told only where it is a quarter worse."""
    body = {"metric": metric, "kind": kind, "since": since, "reason": reason}
    found = client.post(f"/plugins/{plugin_id}/anomalies/no-problem", body)
    print_json(found) if as_json else click.echo(f"{found['id']}: {_said(found)}")


@feedback.command()
@click.argument("feedback_id")
@json_option
@with_client
def undo(client: Client, feedback_id: str, as_json: bool) -> None:
    """Take back that something was no problem."""
    found = client.post(f"/anomaly-feedback/{feedback_id}/undo")
    print_json(found) if as_json else click.echo(f"{found['id']}: {_said(found)}")


@feedback.command("list")
@click.option("--plugin", "plugin_id", help="Only of this plugin.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 500))
@json_option
@with_client
def list_feedback(client: Client, plugin_id: str | None, limit: int, as_json: bool) -> None:
    """List what was said, newest first."""
    found = client.get("/anomaly-feedback", {"plugin_id": plugin_id, "limit": str(limit)})
    if as_json:
        print_json(found)
        return
    columns = ("id", "plugin", "metric", "kind", "of", "said at", "by", "reason", "bar")
    rows = [
        (f["id"], f["plugin_id"], f["metric"], f["kind"], f["since"], f["at"], f["by"], f["reason"] or None, _said(f))
        for f in found
    ]
    print_table(columns, rows, "nothing was said yet")


def _said(found: dict[str, Any]) -> str:
    if found["undone_at"]:
        return f"taken back by {found['undone_by']} at {found['undone_at']}"
    return f"bar raised {found['raises']:.2g} times, half of it gone in 90 days"
