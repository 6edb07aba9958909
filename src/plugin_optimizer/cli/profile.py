"""Where the CPU of an application goes, or its memory, while it runs."""

import time
from typing import Any

import click

from .client import Client, with_client
from .output import json_option, print_json, print_table
from .progress import Progress

POLL_SECONDS = 0.5
LATE_SECONDS = 30.0
ROWS = 15


@click.command()
@click.argument("plugin_id")
@click.option("--seconds", type=click.FloatRange(1, 300), default=10.0, show_default=True, help="How long to measure.")
@click.option("--memory", is_flag=True, help="Which lines of one process allocate what stays; tells the cost and asks.")
@click.option("--standing", is_flag=True, help="Measure nothing: show what samplers that always run counted lately.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@with_client
def profile(
    client: Client, plugin_id: str, seconds: float, memory: bool, standing: bool, yes: bool, as_json: bool
) -> None:
    """Say where the CPU of an application goes: by plugin, package and function, over all of its processes.

    For a part of an application (a Blueprint, a plugin of pluggy) only what is computed for it. Waiting counts nothing.
    """
    path = f"/plugins/{plugin_id}/profile"
    if standing:
        found = client.get(path, {"standing": "true"})
    else:
        kind = "memory" if memory else "cpu"
        _tell_cost(client.get(path)["costs"][kind]["text"], ask=memory and not yes)
        found = _measured(client, path, kind, seconds)
    if as_json:
        print_json(found)
    else:
        _show(found)


def _tell_cost(text: str, *, ask: bool) -> None:
    click.echo(text, err=True)
    if ask:
        click.confirm("Go on?", abort=True, err=True)


def _measured(client: Client, path: str, kind: str, seconds: float) -> Any:
    found = client.post(path, {"kind": kind, "seconds": seconds})
    ends = time.monotonic() + seconds + LATE_SECONDS
    with Progress() as progress:
        while found["state"] == "running" and time.monotonic() < ends:
            time.sleep(POLL_SECONDS)
            found = client.get(path)
            progress.told(found["progress_ratio"])
    return found


def _show(found: dict[str, Any]) -> None:
    for refusal in found["refused"]:
        click.echo(f"process {refusal['pid']}: {refusal['why']['text']}", err=True)
    if found["why_not"] is not None:
        click.echo(found["why_not"]["text"])
        return
    click.echo(_headline(found))
    kind, named = found["kind"], (("plugins", "plugin"), ("packages", "package"), ("functions", "function or line"))
    for rows, title in named:
        if found[rows]:
            click.echo("")
            amount = "CPU, s" if kind == "cpu" else "kept"
            print_table((title, amount, "share"), [_row(use, kind) for use in found[rows][:ROWS]], "")


def _headline(found: dict[str, Any]) -> str:
    answered = f"{found['answered']} of {found['processes']} processes, {found['seconds']:.1f} s"
    if found["kind"] == "memory":
        return f"{answered}: {_bytes(found['total'])} allocated meanwhile and still there"
    looking = f"looking took {found['looking_seconds'] / max(found['seconds'], 1e-9) / max(1, found['answered']):.2%}"
    return f"{answered}: {found['total']:.2f} s of CPU in {found['looks']} looks ({looking} of a core each)"


def _row(use: dict[str, Any], kind: str) -> tuple[object, ...]:
    share = None if use["share_ratio"] is None else f"{use['share_ratio']:.1%}"
    amount = f"{use['amount']:.3f}" if kind == "cpu" else f"{_bytes(use['amount'])} in {use['blocks']:,} blocks"
    return use["name"], amount, share


def _bytes(size: float) -> str:
    return f"{size / 1e6:,.2f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} KB"
