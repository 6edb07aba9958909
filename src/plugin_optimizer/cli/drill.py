"""One series looked at closely."""

import time
from dataclasses import replace
from typing import Any

import click

from ..domain import Metric
from ..wording.figure import figure
from .client import Client, with_client
from .moments import duration, moment
from .output import json_option, print_json, print_table

PATIENCE_SECONDS = 330.0  # a little more than the server allows itself


@click.command()
@click.argument("plugin_id")
@click.argument("metric", type=click.Choice([metric.value for metric in Metric]), metavar="METRIC")
@click.option("--since", default="24h", show_default=True, help="How long ago (90m, 24h, 7d), or a time (ISO 8601).")
@click.option("--until", default=None, help="Ditto; now, where it is not given.")
@click.option("--shape", default="2h", show_default=True, help="How long the shape is that is sought in the past.")
@click.option("--at", default=None, help="The middle of that shape; else the last change of level.")
@json_option
@with_client
def drill(
    client: Client,
    plugin_id: str,
    metric: str,
    since: str,
    until: str | None,
    shape: str,
    at: str | None,
    as_json: bool,
) -> None:
    """Look closely at one metric: stretches of one level with their onsets, and when it went like this before.

    Needs the extra `analysis` on the server. The first time takes up to half a minute.
    """
    now = time.time()
    query = {
        "metric": metric,
        "from": f"{moment(since, now, '--since'):.3f}",
        "to": f"{now if until is None else moment(until, now, '--until'):.3f}",
        "shape_seconds": f"{duration(shape, '--shape'):g}",
        "at": None if at is None else f"{moment(at, now, '--at'):.3f}",
    }
    found = replace(client, timeout_seconds=PATIENCE_SECONDS).get(f"/plugins/{plugin_id}/drill", query)
    if as_json:
        print_json(found)
        return
    rows = [_segment(one, metric, client.lang) for one in found["segments"]]
    print_table(("since", "until", "level", "±", "change"), rows, "too little was measured")
    if found["shape"] is None:
        return
    click.echo(f"\nas from {found['shape'][0]} to {found['shape'][1]}, it went before:")
    alike = [(one["since"], one["until"], f"{one['correlation']:.2f}") for one in found["alike"]]
    print_table(("since", "until", "correlation"), alike, "never in this time")


def _segment(one: dict[str, Any], metric: str, lang: str) -> tuple[object, ...]:
    change = one["change"]
    told = None if change is None else ("+" if change > 0 else "−") + figure(metric, abs(change), lang)
    return one["since"], one["until"], figure(metric, one["level"], lang), figure(metric, one["spread"], lang), told
