"""The system on this very host: for commands that need no server, only its files."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import click

from ..bootstrap import System, build, load_config

config_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--config",
    type=click.Path(dir_okay=False),
    envvar="PLUGIN_OPTIMIZER_CONFIG",
    help="The server's configuration file (TOML).",
)


@contextlib.contextmanager
def local_system(config: str | None) -> Iterator[System]:
    """Open the system of a configuration without running it, and close it."""
    system = build(load_config(config))
    try:
        yield system
    finally:
        system.close()
