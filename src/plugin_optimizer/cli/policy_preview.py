"""What a changed policy would have done, asked of the server and waited for."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import click

from ..domain import Message
from ..wording import render
from ..wording.figure import byte_count
from .client import Client
from .output import print_table
from .progress import Progress

LOOK_SECONDS = 0.5
# Row by row: its name, and the total it shows.
ROWS = {
    "preview_suggestions": "suggestions",
    "preview_executed": "executed",
    "preview_kept": "kept",
    "preview_undone": "undone",
    "preview_minutes": "slow_minutes_avoided",
    "preview_worker_hours": "worker_hours_added",
    "preview_memory": "memory_added_bytes_at_end",
}
DIFFERENCES = {
    "added": "preview_added",
    "removed": "preview_removed",
    "executed": "preview_now_executed",
    "not_executed": "preview_not_executed",
    "ended_otherwise": "preview_ended_otherwise",
}


def wait_for_preview(client: Client, plugin_id: str, changes: Mapping[str, object], days: float) -> Any:
    """Begin a preview and return it once it is over; a keyboard interrupt cancels it. Raises Declined, Unreachable."""
    begun = client.post(f"/policies/{plugin_id}/preview", {"changes": changes, "days": days})
    path = f"/policy-previews/{begun['id']}"
    try:
        with Progress() as progress:
            while True:
                seen = client.get(path)
                if seen["state"] != "running":
                    return seen
                progress.told(seen["progress"])
                time.sleep(LOOK_SECONDS)
    except KeyboardInterrupt:
        client.delete(path)
        raise


def print_preview(preview: Any, lang: str) -> None:
    """Print both policies side by side, what would have been otherwise, and how far to trust it."""
    result = preview["result"]
    columns = [render(Message(f"preview_column_{name}"), lang) for name in ("figure", "present", "proposed")]
    rows = [
        (render(Message(code), lang), *(_shown(name, result[side][name], lang) for side in ("present", "proposed")))
        for code, name in ROWS.items()
    ]
    print_table(columns, rows, "")
    for text in (*_differences(result, lang), *(note["text"] for note in result["notes"])):
        click.echo(text)


def _differences(result: Any, lang: str) -> Iterator[str]:
    for row in result["suggestions"]:
        if row["difference"] in DIFFERENCES:
            line = row["proposed"] or row["present"]
            how = render(Message(DIFFERENCES[row["difference"]]), lang)
            yield f"{how}: {line['plugin_id']}, {line['description']} ({line['opened_at']})"
    if not result["different"]:
        yield render(Message("preview_same"), lang)


def _shown(name: str, value: float | None, lang: str) -> str | None:
    if value is None:
        return None
    return byte_count(value, lang) if "bytes" in name else f"{value:g}" if isinstance(value, int) else f"{value:.1f}"
