"""How this process reaches what it manages: by touchpoints of its own, or through an agent, on this host or another."""

import os
from collections.abc import Callable, Mapping

from .agent.buffered import BufferedTouchpoint, StoppedHere
from .agent.client import AgentClient
from .agent.encryption import plain, servers_side
from .agent.network import NetworkClient, address_of
from .agent.peer import user_id_of
from .agent.remote import RemoteActuator, RemoteTouchpoint
from .catalog import touchpoint_kinds, touchpoints
from .config import Config
from .contracts import Touchpoint
from .execute.actuator import Actuator, LocalActuator
from .execute.fences import FenceFiles
from .probe.channel import home as default_home


def make_touchpoints(config: Config) -> Mapping[str, Touchpoint]:
    """Return the touchpoints by kind, those of other packages included; with a separate agent, what asks it."""
    if config.agent.separate:
        client = agent_client(config)
        remote = BufferedTouchpoint if config.agent.address else RemoteTouchpoint
        return {kind: remote(kind, client) for kind in touchpoint_kinds()}
    return touchpoints(config.home or default_home(), config.plugins)


def make_actuator(config: Config, stopped: Callable[[], bool]) -> Actuator:
    """Return what turns knobs: in this process, or through the agent, which looks at the emergency stop itself."""
    if config.agent.separate:
        remote = RemoteActuator(agent_client(config))
        return StoppedHere(remote, stopped) if config.agent.address else remote
    return LocalActuator(FenceFiles(config.fences_dir), stopped)


def agent_client(config: Config) -> AgentClient:
    """Return what asks the agent. Raises ConfigError for a user that does not exist, and for what is no address."""
    if config.agent.address:
        host, port = address_of(config.agent.address)
        encrypt = plain if config.agent_certificate is None else servers_side(config.agent_certificate)
        return NetworkClient(config.agent_socket, config.agent_key, frozenset(), host, port, encrypt)
    agent = user_id_of(config.agent.agent_user, os.geteuid(), "agent.agent_user")
    return AgentClient(config.agent_socket, config.agent_key, frozenset({agent, 0}))


def agent_trouble(config: Config) -> str | None:
    """Return why the separate agent cannot be used; None if it can, or if there is to be none."""
    return agent_client(config).trouble() if config.agent.separate else None
