"""Commands that change something: execute, rollback."""

import time
from typing import Any

import click

from .client import Client, with_client
from .output import json_option, print_json

POLL_SECONDS = 1.0
OVER = {"success", "rolled_back", "failed"}


@click.command()
@click.argument("suggestion_id")
@click.option("--wait", is_flag=True, help="Wait for the verdict; exit code 1 unless the change is kept.")
@click.option("--revision", type=click.IntRange(0), help="The revision you have read: needed where the risk is high.")
@click.option("--dry-run", is_flag=True, help="Look at everything a real execution would look at, and change nothing.")
@click.option("--timeout", "timeout_seconds", default=1800.0, show_default=True, help="Longest wait, in seconds.")
@json_option
@with_client
def execute(
    client: Client,
    suggestion_id: str,
    wait: bool,
    revision: int | None,
    dry_run: bool,
    timeout_seconds: float,
    as_json: bool,
) -> None:
    """Execute a suggestion. Asking twice changes once. A dry run ends with 1 where it would not be done."""
    body: dict[str, object] = {} if revision is None else {"revision": revision}
    if dry_run:
        _show_rehearsal(client.post(f"/execute/{suggestion_id}/dry-run", body), as_json)
        return
    accepted = client.post(f"/execute/{suggestion_id}", body)
    if not wait:
        print_json(accepted) if as_json else click.echo(f"{accepted['message']} ({accepted['execution_id']})")
        return
    execution = _await(client, accepted["execution_id"], timeout_seconds, as_json)
    if as_json:
        print_json(execution)
    if execution["result"] != "success":
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("execution_id")
@json_option
@with_client
def rollback(client: Client, execution_id: str, as_json: bool) -> None:
    """Undo an execution, or cancel it while it is queued."""
    execution = client.post(f"/executions/{execution_id}/rollback")
    print_json(execution) if as_json else click.echo(f"{execution['id']}: {execution['state_text']}")


def _show_rehearsal(found: dict[str, Any], as_json: bool) -> None:
    """Print what was looked at and what would be done."""
    if as_json:
        print_json(found)
    else:
        for check in found["checks"]:
            click.echo(f"{'ok ' if check['ok'] else 'NO '} {check['why']['text'] if check['why'] else check['text']}")
        for number, step in enumerate(found["course"], 1):
            click.echo(f"{number}. {step['text']}")
        click.echo(found["not_known"]["text"])
        if found["requires_revision"]:
            click.echo(f"To execute it: --revision {found['revision']}")
        click.echo(found["message"])
    if not found["would_execute"]:
        raise click.exceptions.Exit(1)


def _await(client: Client, execution_id: str, timeout_seconds: float, quiet: bool) -> dict[str, Any]:
    """Return the execution once it is over, telling each new state. Raises ClickException at the timeout."""
    deadline, told = time.monotonic() + timeout_seconds, ""
    while time.monotonic() < deadline:
        execution: dict[str, Any] = client.get(f"/executions/{execution_id}")
        if execution["state"] != told and not quiet:
            told = execution["state"]
            click.echo(f"{told}: {_words(execution)}")
        if execution["result"] in OVER:
            return execution
        time.sleep(POLL_SECONDS)
    raise click.ClickException(
        f"{execution_id} has no verdict after {timeout_seconds:g} s; see: plugin-optimizer history"
    )


def _words(execution: dict[str, Any]) -> str:
    verdict, reason = execution["verdict"], execution["reason"]
    over = execution["result"] in OVER
    said = [p["text"] for p in (reason, verdict) if p and over]
    return " – ".join(said) or str(execution["state_text"])
