"""Runs the process that senses and signals on this host, for a server that does neither."""

import logging
import os
import signal
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import click

from ..agent.encryption import agents_side, plain
from ..agent.greeting import greeting
from ..agent.listener import listener
from ..agent.network import address_of, network_listener
from ..agent.peer import user_id_of
from ..agent.seal import make_key
from ..agent.server import AgentServer
from ..agent.service import Service
from ..agent.spool import Look, Spool
from ..agent.stop_flag import stop_flag
from ..catalog import touchpoints
from ..config import Config, load_config
from ..contracts import Touchpoint
from ..domain import Plugin, Sample
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
    server, spool = make_server(settings)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.stop())
    if spool is not None:
        threading.Thread(target=spool.run, name="spool", daemon=True).start()
    click.echo(f"the agent listens at {settings.agent.address or settings.agent_socket}")
    server.serve()
    server.listener.close()


def make_server(config: Config) -> tuple[AgentServer, Spool | None]:
    """Return the agent of a configuration, listening but not yet serving, and what it keeps for a server on another host.

    Raises ConfigError.
    """
    actuator = LocalActuator(FenceFiles(config.fences_dir), stop_flag(config.state_dir))
    held = partial(held_long, config.fences_dir)
    known = touchpoints(config.home or default_home(), config.plugins)
    if config.agent.address:
        spool = Spool(_look(config, known), config.engine.interval_seconds)
        service = Service(known, actuator, held, spool)
        socket = network_listener(*address_of(config.agent.address))
        certificate = config.agent_certificate
        encrypt = plain if certificate is None else agents_side(certificate, config.agent_certificate_key)
        return AgentServer(socket, make_key(config.agent_key), None, service.answer, greeting, encrypt), spool
    client = user_id_of(config.agent.client_user, os.geteuid(), "agent.client_user")
    service = Service(known, actuator, held)
    key = make_key(config.agent_key)
    return AgentServer(listener(config.agent_socket, client), key, frozenset({client}), service.answer), None


def _look(config: Config, known: Mapping[str, Touchpoint]) -> Look:
    """Return how an agent on another host looks by itself: by its touchpoints, and by the records of the probes on its host."""
    from ..monitor.archive import TraceArchive
    from ..monitor.inside import InsideSource
    from ..monitor.probe_source import ProbeSource
    from ..monitor.sensing import Sensing

    requests = InsideSource(ProbeSource(config.home or default_home()))
    sensing = Sensing(known, requests, None, TraceArchive(), config.engine.interval_seconds)

    def look(plugins: Mapping[str, Plugin], now: float) -> list[Sample]:
        return sensing.look(plugins, config.policies, now).samples

    return look
