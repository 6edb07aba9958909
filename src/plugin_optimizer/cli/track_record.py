"""How the changes that were made turned out."""

import time
from datetime import UTC, datetime
from typing import Any

import click

from .client import Client, with_client
from .moments import moment
from .output import json_option, print_json, print_table

COLUMNS = ("suggestion", "executed", "kept", "undone", "failed", "without effect", "under way", "verdicts")


@click.command("track-record")
@click.option("--plugin", "plugin_id", help="Only of this plugin.")
@click.option("--since", help="Only what was ordered then or later: 24h, 7d, or a time (ISO 8601).")
@click.option("--until", help="Only what was ordered before then.")
@json_option
@with_client
def track_record(client: Client, plugin_id: str | None, since: str | None, until: str | None, as_json: bool) -> None:
    """Show how changes turned out, by kind, and the time that requests were spared.

    Of the newest 1,000 executions. "failed" are those that needed a person.
    """
    query = {"plugin_id": plugin_id, "from": _iso(since, "--since"), "to": _iso(until, "--until")}
    found = client.get("/track-record", query)
    if as_json:
        print_json(found)
        return
    rows = [(kind["suggestion_type_text"], *_row(kind)) for kind in found["kinds"]]
    if len(rows) > 1:
        rows.append(("all", *_row(found["total"])))
    print_table(COLUMNS, rows, "nothing has been executed yet")
    if found["time_spared"]["executions"]:
        click.echo(_spared(found["time_spared"]))
    if not found["all"]:
        click.echo(f"Since {found['since']}; there are older ones.")


def _iso(text: str | None, option: str) -> str | None:
    return None if text is None else datetime.fromtimestamp(moment(text, time.time(), option), UTC).isoformat()


def _row(tally: dict[str, Any]) -> tuple[object, ...]:
    counted = (tally[name] for name in ("executions", "kept", "undone", "failed", "without_effect", "under_way"))
    verdicts = ", ".join(f"{number} {outcome}" for outcome, number in tally["verdicts"].items() if number)
    return (*counted, verdicts)


def _spared(spared: dict[str, Any]) -> str:
    seconds = spared["seconds"]
    what = "were spared" if seconds >= 0 else "took longer by"
    line = f"{spared['requests']:,} requests {what} {abs(seconds):,.0f} s in all. {spared['how']['text']}"
    if spared["not_counted"]:
        line += f" Not counted: {spared['not_counted']} executions."
    return line
