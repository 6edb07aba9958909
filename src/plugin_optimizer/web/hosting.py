"""One system per configuration and process, built when a Blueprint is first registered."""

import os
import threading
from typing import cast

from flask import Flask, current_app, has_app_context
from flask.blueprints import BlueprintSetupState

from ..bootstrap import build, load_config
from ..config import Config, parse_config
from ..domain import ConfigError
from .system import SystemLike

EXTENSION = "plugin_optimizer"
_built: list[tuple[Config, SystemLike]] = []
_guard = threading.Lock()
_answering = threading.Event()  # this process has answered a request of ours


def host(state: BlueprintSetupState) -> None:
    """Give the application its system and start the analysis; for `Blueprint.record_once`.

    The configuration is `app.config["PLUGIN_OPTIMIZER"]` (a Config, or a mapping like the TOML file), else the file
    that PLUGIN_OPTIMIZER_CONFIG names. Of all processes of a host exactly one runs the analysis. Raises ConfigError.
    """
    install(cast("Flask", state.app))


def install(app: Flask) -> SystemLike:
    """Do what `host` does, for any application."""
    system = system_for(_config_of(app))
    app.extensions[EXTENSION] = system
    if system.config.engine.start:
        system.runner.start()
    return system


def hosted_system() -> SystemLike:
    """Return the system of the current application."""
    _answering.set()
    return cast("SystemLike", current_app.extensions[EXTENSION])


def present_system() -> SystemLike:
    """Return the system of the current application, else the one this process built first, else build it."""
    if has_app_context() and EXTENSION in current_app.extensions:
        return hosted_system()
    return _built[0][1] if _built else system_for(load_config())


def system_for(config: Config) -> SystemLike:
    """Return the system of this configuration, built once: two applications of a process share it."""
    with _guard:
        for known, system in _built:
            if known == config:
                return system
        made = cast("SystemLike", build(config))
        _built.append((config, made))
        _survive_forks(made)
        return made


def _survive_forks(system: SystemLike) -> None:
    """Let a preloading server fork its workers: nothing of the system is open or running at that moment.

    SQLite must not be carried over a fork, and one that runs in another thread leaves its global mutex locked for ever
    in the child (sqlite.org/howtocorrupt.html, section 2.6). A process that has answered requests is no such server:
    it may fork for reasons of its own, and closing would disturb its requests.
    """
    held = [False]

    def before() -> None:
        held[0] = not _answering.is_set()
        if held[0]:
            system.close()

    def after() -> None:
        if held[0] and system.config.engine.start:
            system.runner.start()

    os.register_at_fork(before=before, after_in_parent=after, after_in_child=after)


def _config_of(app: Flask) -> Config:
    given = app.config.get("PLUGIN_OPTIMIZER")
    if given is None:
        return load_config()
    if isinstance(given, Config):
        return given
    if isinstance(given, dict):
        return parse_config(given)
    raise ConfigError(f"app.config['PLUGIN_OPTIMIZER'] is a {type(given).__name__}; expected a Config or a dict")
