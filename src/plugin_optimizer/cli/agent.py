"""Runs the process that senses and signals on this host, for a server that does neither."""

import logging
import os
import signal
from functools import partial
from pathlib import Path

import click

from ..agent.listener import listener
from ..agent.peer import user_id_of
from ..agent.seal import make_key
from ..agent.server import AgentServer
from ..agent.service import Service
from ..agent.stop_flag import stop_flag
from ..catalog import touchpoints
from ..config import Config, load_config
from ..execute.actuator import LocalActuator
from ..execute.fences import FenceFiles
from ..execute.holders import held_long
from ..probe.channel import home as default_home


@click.command()
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="PLUGIN_OPTIMIZER_CONFIG",
    help="The server's configuration file (TOML).",
)
def agent(config: Path | None) -> None:
    """Run the agent until Ctrl-C. It needs `separate = true` in the section `[agent]`, which the server reads, too."""
    settings = load_config(config)
    if not settings.agent.separate:
        raise click.ClickException("the server signals by itself; set `separate = true` in the section [agent] first")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    server = make_server(settings)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.stop())
    click.echo(f"the agent listens at {settings.agent_socket}")
    server.serve()
    server.listener.close()


def make_server(config: Config) -> AgentServer:
    """Return the agent of a configuration, listening but not yet serving. Raises ConfigError."""
    client = user_id_of(config.agent.client_user, os.geteuid(), "agent.client_user")
    actuator = LocalActuator(FenceFiles(config.fences_dir), stop_flag(config.state_dir))
    held = partial(held_long, config.fences_dir)
    service = Service(touchpoints(config.home or default_home(), config.plugins), actuator, held)
    key = make_key(config.agent_key)
    return AgentServer(listener(config.agent_socket, client), key, frozenset({client}), service.answer)
