"""The emergency stop on the server's host: needs neither the server nor its database, only the state directory."""

import contextlib
import getpass
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from ..bootstrap import build
from ..config import Config, Engine, load_config
from ..contracts import StateStore
from ..knowledge.emergency_stop import EmergencyStop, Stop
from ..web.moment import iso
from .administrator import ask_administrator
from .local import config_option
from .output import json_option, print_json

state_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="The state directory, where the configuration cannot be read.",
)


@click.group()
def estop() -> None:
    """Stop everything new at once; what goes back goes on."""


@estop.command()
@config_option
@state_option
@json_option
def status(config: str | None, state_dir: Path | None, as_json: bool) -> None:
    """Say whether the stop is set; exit code 0 if it is not, 3 if it is."""
    stop = _flag(config, state_dir).read()
    _tell(stop, as_json)
    if stop is not None:
        raise click.exceptions.Exit(3)


@estop.command(name="set")
@click.argument("reason", default="")
@config_option
@state_option
@json_option
def set_(reason: str, config: str | None, state_dir: Path | None, as_json: bool) -> None:
    """Set the stop. It stays until somebody arms the engine again, also over restarts."""
    actor, now = _actor(), time.time()
    stop = _flag(config, state_dir).set(actor, reason, now)
    _tell(stop, as_json)
    if state_dir is None:
        _audit(load_config(config), "set", actor, reason, now)


@estop.command()
@click.option("--user", "name", help="The administrator who answers for it; asked for where it is not given.")
@config_option
@state_option
def arm(name: str | None, config: str | None, state_dir: Path | None) -> None:
    """Take the stop away, so that changes are made again. Asks for the password of an administrator."""
    flag = _flag(config, state_dir)
    stop = flag.read()
    if stop is None:
        click.echo("the emergency stop is not set")
        return
    _tell(stop, as_json=False)
    with _state(flag, config, state_dir) as state:
        actor = ask_administrator(state, name, "Arm the engine again?")
        state.record_emergency_stop("armed", actor, stop.reason, time.time())  # nobody arms unseen
        flag.arm()
    click.echo("the engine is armed again")


@contextlib.contextmanager
def _state(flag: EmergencyStop, config: str | None, state_dir: Path | None) -> Iterator[StateStore]:
    """Lend the state, which knows the administrators. Raises ClickException where it cannot be read."""
    try:
        found = Config(engine=Engine(state_dir=str(state_dir))) if state_dir else load_config(config)
        system = build(found)
        state = system.state
    except Exception as error:
        raise click.ClickException(
            f"the engine stays stopped: who may arm it stands in the database, and that cannot be read ({error}). Bring it "
            f"back first: nothing can be changed without it. Whoever has to do without it removes the file {flag.path}"
        ) from error
    try:
        yield state
    finally:
        system.close()


def _flag(config: str | None, state_dir: Path | None) -> EmergencyStop:
    return EmergencyStop.of(state_dir or load_config(config).state_dir)


def _actor() -> str:
    try:
        return f"{getpass.getuser()} (command line)"
    except (OSError, KeyError):
        return "command line"


def _tell(stop: Stop | None, as_json: bool) -> None:
    said: dict[str, object] = {"stopped": stop is not None, "at": None, "actor": None, "reason": None}
    if stop is not None:
        said |= {"at": iso(stop.at) if stop.at else None, "actor": stop.actor or None, "reason": stop.reason or None}
    if as_json:
        print_json(said)
    elif stop is None:
        click.echo("the emergency stop is not set")
    else:
        words = [str(said[name]) for name in ("at", "actor", "reason") if said[name]]
        click.echo(": ".join(["the emergency stop is SET", ", ".join(words)]) if words else "the emergency stop is SET")


def _audit(config: Config, action: str, actor: str, reason: str, at: float) -> None:
    """Put it on the audit if the database is there; the stop does not depend on it."""
    try:
        system = build(config)
        system.state.record_emergency_stop(action, actor, reason, at)
        system.close()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the database, the stop is what was asked for
        click.echo(f"not on the audit: {error}", err=True)
