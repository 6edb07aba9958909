"""The audit on the server's host: needs no server, only its state."""

import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import click

from ..bootstrap import System, build, load_config
from ..domain import Message
from ..knowledge.audit_verification import Verification, entries
from ..knowledge.audit_verification import verify as verify_all
from ..knowledge.audit_watch import accept as accept_audit
from ..knowledge.audit_watch import audit_trouble
from ..web.audit_text import as_csv
from ..web.audit_text import as_json as audit_json
from ..web.encoding import encode
from ..web.moment import iso
from ..web.resources.audit import view_verification
from ..wording import help_for, render
from .administrator import ask_administrator
from .local import config_option, local_system
from .output import json_option, print_table

CANNOT_BE_CHECKED = 2
COLUMNS = ("number", "at", "actor", "action", "subject")


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options --actor, --action and --subject."""
    for option, text in (
        ("--subject", "Only entries about this suggestion, execution, plugin or user."),
        ("--action", "Only this action, or its first word: execution.succeeded, execution."),
        ("--actor", "Only what this user, token or part of the engine did."),
    ):
        command = click.option(option, help=text)(command)
    return command


@click.group()
def audit() -> None:
    """Check, list and export what was done, by whom."""


@audit.command()
@click.option("--lang", type=click.Choice(["ko", "en"]), default="en", show_default=True)
@config_option
@json_option
def verify(lang: str, config: str | None, as_json: bool) -> None:
    """Check every entry, the head and its anchor. Exit code 0: all fits; 1: something does not; 2: no answer."""
    system = _opened(config)
    try:
        found = verify_all(system.state, system.config.state_dir)
    except Exception as error:
        click.echo(f"the audit cannot be checked: {error}", err=True)
        raise click.exceptions.Exit(CANNOT_BE_CHECKED) from error
    finally:
        system.close()
    if as_json:
        click.echo(encode(view_verification(found, time.time(), lang)))
    else:
        _tell(found, lang)
    if found.trouble is not None:
        raise click.exceptions.Exit(1)


@audit.command(name="list")
@filters
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@config_option
@json_option
def list_(
    actor: str | None, action: str | None, subject: str | None, limit: int, config: str | None, as_json: bool
) -> None:
    """List entries, newest first."""
    with local_system(config) as system:
        found = list(islice(entries(system.state, actor, action, subject), limit))
    if as_json:
        click.echo(audit_json(found))
        return
    rows = [(e.number, iso(e.at), e.actor, e.action, e.subject) for e in found]
    print_table(COLUMNS, rows, "no entry fits")


@audit.command()
@filters
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
@config_option
def export(
    actor: str | None, action: str | None, subject: str | None, form: str, output: Path | None, config: str | None
) -> None:
    """Export all entries. No cell of the CSV is taken for a formula by a spreadsheet."""
    with local_system(config) as system:
        found = entries(system.state, actor, action, subject)
        content = as_csv(found) if form == "csv" else audit_json(found)
    if output is None:
        click.echo(content, nl=False)
    else:
        output.write_bytes(content)


@audit.command()
@click.argument("reason")
@click.option("--user", "name", help="The administrator who answers for it; asked for where it is not given.")
@config_option
def accept(reason: str, name: str | None, config: str | None) -> None:
    """Take the audit as it stands, so that a read-only engine acts again. What had not begun is cancelled."""
    with local_system(config) as system:
        trouble = audit_trouble(system.state, system.config.state_dir)
        if trouble is None:
            click.echo("the audit fits its anchors: there is nothing to accept")
            return
        click.echo(render(trouble, "en"))
        actor = ask_administrator(system.state, name, "Take the audit as it stands?")
        aside = accept_audit(system.state, system.config.state_dir, trouble, actor, reason, time.time())
    click.echo("taken; the engine acts again" + (f". The anchors of before are kept in {aside}" if aside else ""))


def _opened(config: str | None) -> System:
    """Return the system. Exits with 2 where it cannot be opened: no answer is not the answer that nothing is wrong."""
    try:
        system = build(load_config(config))
        _ = system.state
    except Exception as error:
        click.echo(f"the audit cannot be checked: {error}", err=True)
        raise click.exceptions.Exit(CANNOT_BE_CHECKED) from error
    return system


def _tell(found: Verification, lang: str) -> None:
    click.echo(f"entries: {found.number}")
    click.echo(f"head:    {found.digest}")
    last = found.last_anchor
    click.echo(f"anchors: {found.anchors}" + (f", the last at entry {last.number} of {iso(last.at)}" if last else ""))
    click.echo(_verdict(found.trouble, lang))


def _verdict(trouble: Message | None, lang: str) -> str:
    if trouble is None:
        return "every entry fits"
    return "\n".join(words for words in (render(trouble, lang), help_for(trouble, lang)) if words)
