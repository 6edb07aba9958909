"""What is wrong now, one line for each cause; and what was."""

from pathlib import Path
from typing import Any

import click

from ..wording.names import metric_name
from .client import Client, with_client
from .export import write_export
from .output import json_option, print_json, print_table

SEVERITIES = ("info", "warning", "critical")


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also what hurts nobody.")
@click.option("--past", is_flag=True, help="What is over, the latest first; the options below are about it.")
@click.option("--plugin", "plugin_id", help="Only what struck this plugin.")
@click.option("--severity", type=click.Choice(SEVERITIES), help="Only so severe or worse (warning without --all).")
@click.option("--since", help="Only what began at this time or later (ISO 8601 with zone).")
@click.option("--until", help="Only what began before this time (ISO 8601 with zone).")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 500))
@click.option("--export", type=click.Choice(["csv", "json"]), help="Everything that fits as a file, without --limit.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to; else standard output.")
@json_option
@with_client
def incidents(
    client: Client,
    everything: bool,
    past: bool,
    limit: int,
    export: str | None,
    output: Path | None,
    as_json: bool,
    **asked: str | None,
) -> None:
    """Show what is wrong, the worst first: since when, what moved first, and what followed. Or what was, and what was done."""
    if past or export is not None:
        asked["severity"] = asked["severity"] or (None if everything else "warning")
        asked["from"], asked["to"] = asked.pop("since"), asked.pop("until")
        _past(client, asked, limit, export, output, as_json)
        return
    if any(asked.values()):
        raise click.UsageError("--plugin, --severity, --since and --until are about what is over: add --past")
    found = client.get("/incidents")
    if as_json:
        print_json(found)
        return
    shown = [one for one in found if everything or one["severity"] != "info"]
    columns = ("since", "severity", "what moved first", "then", "changed before")
    print_table(columns, [_row(one, client.lang) for one in shown], "nothing is wrong")
    hidden = len(found) - len(shown)
    if hidden:
        click.echo(f"{hidden} more that hurt nobody: --all")


def _past(
    client: Client, asked: dict[str, str | None], limit: int, export: str | None, output: Path | None, as_json: bool
) -> None:
    if export is not None:
        write_export(client, f"/incidents/past.{export}", asked, output)
        return
    found, total = client.get_counted("/incidents/past", {**asked, "limit": str(limit)})
    if as_json:
        print_json(found)
        return
    columns = ("since", "until", "severity", "what moved first", "then", "changed before", "done")
    print_table(columns, [_past_row(one, client.lang) for one in found], "nothing was wrong that fits")
    if total is not None and total > len(found):
        click.echo(f"{len(found)} of {total}")


def _row(incident: dict[str, Any], lang: str) -> tuple[object, ...]:
    changes = "; ".join(change["text"] for change in incident["changes"])
    since = _to_the_second(incident["since"])
    return since, incident["severity"], incident["text"], _then(incident, lang), changes or None


def _past_row(incident: dict[str, Any], lang: str) -> tuple[object, ...]:
    turned = "; ".join(f"{c['plugin_id']} {c['knob']}: {c['before']} → {c['after']}" for c in incident["changes"])
    done = "; ".join(f"{e['id']} {e['text']} ({e['result']})" for e in incident["executions"])
    ends = (_to_the_second(incident["since"]), _to_the_second(incident["until"]), incident["severity"])
    return *ends, incident["text"], _then(incident, lang), turned or None, done or None


def _to_the_second(moment: str) -> str:
    """Return `2026-12-01T00:45:52.027Z` as `2026-12-01T00:45:52Z`."""
    return f"{moment.removesuffix('Z').partition('.')[0]}Z"


def _then(incident: dict[str, Any], lang: str) -> str | None:
    moved = (
        f"{p['plugin_id']} {metric_name(p['finding']['metric'], lang)} +{p['after_seconds']:.0f} s"
        for p in incident["parts"][1:]
    )
    return ", ".join(moved) or None
