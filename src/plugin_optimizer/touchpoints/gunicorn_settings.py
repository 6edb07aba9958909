"""The settings a gunicorn runs with, from its command line, its environment and its config file.

Later wins: default, WEB_CONCURRENCY, config file, GUNICORN_CMD_ARGS, command line (gunicorn.app.base, load_config).
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..domain import Refused
from .gunicorn_config import ConfigSettings, read_settings
from .gunicorn_options import Setting, parse_environment_options, parse_options

DEFAULT_CONFIG = "gunicorn.conf.py"
DEFAULT_TIMEOUT_SECONDS = 30.0
_NOTHING = ConfigSettings({}, frozenset())
_NAME = re.compile(r"\w+")
_PORT = re.compile(r":(\d+)$")


class Origin(StrEnum):
    """Where the number of workers comes from; only a config file can keep another one."""

    COMMAND = "command"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class GunicornSettings:
    """What matters to us. `config_path` is None where no plain file is used.

    `control_socket`: None where it is switched off, '' where it stands at gunicorn's default place.
    `workers` is the configured number, which a reload returns to; None where it cannot be told.
    """

    app: str
    name: str
    binds: tuple[str, ...]
    threads: int
    worker_class: str
    timeout_seconds: float
    reuse_port: bool
    control_socket: str | None
    statsd_prefix: str
    config_path: Path | None
    workers: int | None
    workers_origin: Origin

    @property
    def kind(self) -> str:
        """Return the worker class by its short name; `sync` with threads is `gthread` (gunicorn.config)."""
        last = _NAME.findall(self.worker_class)[-1].lower()  # also of "<class 'gunicorn.workers.sync.SyncWorker'>"
        short = {"syncworker": "sync", "threadworker": "gthread", "uvicornworker": "uvicorn"}.get(last, last)
        return "gthread" if short == "sync" and self.threads > 1 else short

    @property
    def slots_per_worker(self) -> int:
        """Return how many cores one worker can use at most: its threads, or the one its event loop runs on."""
        return self.threads if self.kind == "gthread" else 1

    @property
    def port(self) -> int:
        """Return the first TCP port, 0 where it listens on Unix sockets only."""
        return next((int(found[1]) for bind in self.binds if (found := _PORT.search(bind))), 0)


def settings_of(
    arguments: Sequence[str] | None, environment: Mapping[str, str], directory: Path | None, title: str = ""
) -> GunicornSettings:
    """Read the settings. `arguments` is None where a process title hides them; then `title` is its name."""
    command = _parsed(arguments)
    by_environment = _parsed_environment(environment)
    config_path = _config_path(command, by_environment, environment, directory)
    config = _read_config(config_path)
    merged: dict[str, Any] = {**config.literals, **by_environment, **command}
    app = str(merged.get("wsgi_app") or (title if ":" in title else ""))  # a title is the application's by default
    origin = _workers_origin(arguments, command, by_environment, config)
    return GunicornSettings(
        app=app,
        name=title or str(merged.get("proc_name") or app),
        binds=_binds(merged.get("bind"), environment),
        threads=int(_number(merged.get("threads"), 1)),
        worker_class=str(merged.get("worker_class", "sync")),
        timeout_seconds=_number(merged.get("timeout"), DEFAULT_TIMEOUT_SECONDS),
        reuse_port=bool(merged.get("reuse_port", False)),
        control_socket=_control_socket(merged),
        statsd_prefix=str(merged.get("statsd_prefix", "")),
        config_path=config_path,
        workers=_workers(origin, merged, config, environment),
        workers_origin=origin,
    )


def with_shown(settings: GunicornSettings, shown: Mapping[str, Any]) -> GunicornSettings:
    """Fill in what a process title hides, from what gunicorn shows of itself (`show config`)."""
    return replace(
        settings,
        binds=_binds(shown.get("bind") or settings.binds, {}),
        threads=int(_number(shown.get("threads"), settings.threads)),
        worker_class=str(shown.get("worker_class") or settings.worker_class),
        timeout_seconds=_number(shown.get("timeout"), settings.timeout_seconds),
        workers=int(_number(shown.get("workers"), settings.workers or 1)),
    )


def _parsed(arguments: Sequence[str] | None) -> Mapping[str, Setting]:
    try:
        return parse_options(arguments or ())
    except ValueError:
        return {}


def _parsed_environment(environment: Mapping[str, str]) -> Mapping[str, Setting]:
    try:
        return parse_environment_options(environment.get("GUNICORN_CMD_ARGS", ""))
    except ValueError:
        return {}


def _config_path(
    command: Mapping[str, Setting],
    by_environment: Mapping[str, Setting],
    environment: Mapping[str, str],
    directory: Path | None,
) -> Path | None:
    """Return the config file; a relative one is read before `--chdir` acts, so from where gunicorn was started."""
    named = str(command.get("config") or by_environment.get("config") or "")
    if named.startswith("python:"):
        return None
    started_in = Path(environment["PWD"]) if "chdir" in command and "PWD" in environment else directory
    if started_in is None:
        return None
    path = started_in / (named.removeprefix("file:") or DEFAULT_CONFIG)
    return path if named or path.is_file() else None


def _read_config(path: Path | None) -> ConfigSettings:
    if path is None:
        return _NOTHING
    try:
        return read_settings(path.read_bytes())
    except (OSError, Refused):
        return ConfigSettings({}, frozenset("*"))


def _workers_origin(
    arguments: Sequence[str] | None,
    command: Mapping[str, Setting],
    by_environment: Mapping[str, Setting],
    config: ConfigSettings,
) -> Origin:
    if "workers" in command:
        return Origin.COMMAND
    if "workers" in by_environment:
        return Origin.ENVIRONMENT
    if arguments is None:
        return Origin.UNKNOWN
    return Origin.FILE if "workers" in config.literals or config.is_computed("workers") else Origin.DEFAULT


def _workers(
    origin: Origin, merged: Mapping[str, Any], config: ConfigSettings, environment: Mapping[str, str]
) -> int | None:
    if origin is Origin.UNKNOWN or (origin is Origin.FILE and config.is_computed("workers")):
        return None
    number = _number(merged.get("workers", environment.get("WEB_CONCURRENCY", 1)), math.nan)
    return int(number) if math.isfinite(number) else None


def _binds(value: object, environment: Mapping[str, str]) -> tuple[str, ...]:
    if not value:
        return (f"0.0.0.0:{environment['PORT']}" if environment.get("PORT") else "127.0.0.1:8000",)
    parts = value if isinstance(value, list | tuple) else [value]
    return tuple(bind.strip() for part in parts for bind in str(part).split(",") if bind.strip())


def _control_socket(merged: Mapping[str, Any]) -> str | None:
    if merged.get("control_socket_disable"):
        return None
    return str(merged.get("control_socket", ""))


def _number(value: object, default: float) -> float:
    try:
        return float(str(value))
    except ValueError:
        return default
