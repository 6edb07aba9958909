"""What was executed: searched, listed, and written to a file."""

from pathlib import Path
from typing import Any

import click

from ..domain import SuggestionType
from .client import Client, with_client
from .export import write_export
from .output import json_option, print_json, print_table

RESULTS = ("in_progress", "success", "rolled_back", "failed")


@click.command()
@click.option("--plugin", "plugin_id", help="Only of this plugin.")
@click.option("--type", "suggestion_type", type=click.Choice([t.value for t in SuggestionType]), help="Only this type.")
@click.option("--result", type=click.Choice(RESULTS), help="Only with this result.")
@click.option("--by", "approved_by", help="Only what this person approved; policy: what the engine did by itself.")
@click.option("--since", help="Only what was ordered at this time or later (ISO 8601 with zone).")
@click.option("--until", help="Only what was ordered before this time (ISO 8601 with zone).")
@click.option("--search", "words", help="Only where all these words stand.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 500))
@click.option("--export", type=click.Choice(["csv", "json"]), help="Everything that fits as a file, without --limit.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to; else standard output.")
@json_option
@with_client
def history(
    client: Client, limit: int, export: str | None, output: Path | None, words: str | None, as_json: bool, **asked: Any
) -> None:
    """List executions, newest first, with their verdict; or write them to a file."""
    query = {**asked, "q": words}
    query["from"], query["to"] = query.pop("since"), query.pop("until")
    if export is not None:
        write_export(client, f"/history.{export}", query, output)
        return
    found, total = client.get_counted("/history", {**query, "limit": str(limit)})
    if as_json:
        print_json(found)
        return
    columns = ("id", "plugin", "change", "at", "result", "verdict")
    print_table(columns, [_row(e) for e in found], "nothing was executed that fits" if any(query.values()) else EMPTY)
    if total is not None and total > len(found):
        click.echo(f"{len(found)} of {total}")


EMPTY = "nothing was executed yet"


def _row(execution: dict[str, Any]) -> tuple[object, ...]:
    change, verdict, reason = execution["change"], execution["verdict"], execution["reason"]
    words = verdict["text"] if verdict else reason["text"] if reason else execution["state_text"]
    turned = f"{change['knob']}: {change['before']} → {change['after']}"
    return (execution["id"], execution["plugin_id"], turned, execution["executed_at"], execution["result"], words)
