"""How well the predictions held."""

from typing import Any

import click

from ..domain import SuggestionType
from ..wording.figure import figure, percent
from .client import Client, with_client
from .output import json_option, print_json, print_table

KINDS = (
    "suggestion",
    "metric",
    "model",
    "plugin",
    "held",
    "rate (95 %)",
    "not compared",
    "bias",
    "widened",
    "confidence",
)
ENTRIES = ("execution", "plugin", "suggestion", "expected", "80 % interval", "observed", "held")


@click.command()
@click.option("--plugin", "plugin_id", help="Only of this plugin.")
@click.option("--type", "suggestion_type", type=click.Choice([t.value for t in SuggestionType]), help="Only this type.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500), help="Entries to list.")
@json_option
@with_client
def calibration(client: Client, plugin_id: str | None, suggestion_type: str | None, limit: int, as_json: bool) -> None:
    """Show how well predictions held: by kind, and the latest one by one.

    "held" counts the intervals that held the outcome, of those compared; 80 % of them should. "bias" is how much more
    (or less) was observed than expected, at the median. "widened" is the factor for the intervals to come,
    "confidence" that for their confidence.
    """
    query = {"plugin_id": plugin_id, "suggestion_type": suggestion_type, "limit": str(limit)}
    found = client.get("/calibration", query)
    if as_json:
        print_json(found)
        return
    print_table(KINDS, [_kind_row(kind) for kind in found["kinds"]], "no prediction has met its outcome yet")
    if found["entries"]:
        click.echo()
        print_table(ENTRIES, [_entry_row(entry, client.lang) for entry in found["entries"]], "")


def _kind_row(kind: dict[str, Any]) -> tuple[object, ...]:
    return (
        kind["suggestion_type_text"],
        kind["metric"],
        kind["model"],
        kind["plugin_id"] or "all",
        f"{kind['held']} of {kind['predictions']}",
        _rate(kind),
        kind["not_compared"],
        _bias(kind),
        f"×{kind['widening']:.2f}",
        f"×{kind['confidence_factor']:.2f}",
    )


def _rate(kind: dict[str, Any]) -> str | None:
    if not kind["predictions"]:
        return None
    rate, low, high = (percent(kind[name], "en") for name in ("rate", "low", "high"))
    return f"{rate} ({low} – {high})"


def _bias(kind: dict[str, Any]) -> str | None:
    if kind["bias_points"] is not None:
        return f"{100 * kind['bias_points']:+.1f} points"
    return None if kind["bias_ratio"] is None else f"{100 * (kind['bias_ratio'] - 1):+.1f} %"


def _entry_row(entry: dict[str, Any], lang: str) -> tuple[object, ...]:
    expected, low, high, observed = (
        figure(entry["metric"], entry[name], lang) for name in ("expected", "low", "high", "observed")
    )
    return (
        entry["execution_id"],
        entry["plugin_id"],
        entry["suggestion_type"],
        expected,
        f"{low} – {high}",
        observed,
        _held(entry),
    )


def _held(entry: dict[str, Any]) -> str:
    if entry["held"] is None:
        why = entry["not_compared"]
        return f"not compared: {why['text']}" if why else "not compared"
    return "yes" if entry["held"] else "no"
