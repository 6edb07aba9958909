"""The settings a gunicorn runs with, from its command line, its environment and its config file.

Later wins: default, WEB_CONCURRENCY, config file, GUNICORN_CMD_ARGS, command line (gunicorn.app.base, load_config).
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from ...domain import Refused
from .config import ConfigSettings, read_settings
from .options import Setting, parse_environment_options, parse_options

DEFAULT_CONFIG = "gunicorn.conf.py"
DEFAULT_TIMEOUT_SECONDS = 30.0
DEFAULTS: Mapping[str, int] = {"threads": 1, "timeout": 30, "keepalive": 2}  # gunicorn.config; of what a reload turns
DEFAULT_GRACEFUL_SECONDS = 30.0
DEFAULT_CONNECTIONS = 1000
_NOTHING = ConfigSettings({}, frozenset())
_NAME = re.compile(r"\w+")
_PORT = re.compile(r":(\d+)$")


class Origin(StrEnum):
    """Where a number comes from; only a config file can keep another one."""

    COMMAND = "command"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Configured:
    """What a setting is configured to be; `value` is None where that cannot be told (computed, or no number)."""

    value: int | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class GunicornSettings:
    """What matters to us. `config_path` is None where no plain file is used.

    `control_socket`: None where it is switched off, '' where it stands at gunicorn's default place.
    `workers` is the configured number, which a reload returns to; None where it cannot be told. `reloaded` holds by name
    what a reload takes over, `file_numbers` every whole number that stands in the config file and decides.
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
    graceful_timeout_seconds: float = DEFAULT_GRACEFUL_SECONDS
    worker_connections: int = DEFAULT_CONNECTIONS
    preload: bool = False
    reloaded: Mapping[str, Configured] = field(default_factory=dict)
    file_numbers: Mapping[str, int] = field(default_factory=dict)

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
    sources = _Sources(arguments is not None, command, by_environment, config)
    origin = sources.origin("workers")
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
        graceful_timeout_seconds=_number(merged.get("graceful_timeout"), DEFAULT_GRACEFUL_SECONDS),
        worker_connections=int(_number(merged.get("worker_connections"), DEFAULT_CONNECTIONS)),
        preload=bool(merged.get("preload_app", False)),
        reloaded={name: sources.configured(name, default) for name, default in DEFAULTS.items()},
        file_numbers=sources.file_numbers(),
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


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where settings stand, the strongest first; `told`: the command line is not hidden behind a process title."""

    told: bool
    command: Mapping[str, Setting]
    by_environment: Mapping[str, Setting]
    config: ConfigSettings

    def origin(self, name: str) -> Origin:
        if name in self.command:
            return Origin.COMMAND
        if name in self.by_environment:
            return Origin.ENVIRONMENT
        if not self.told or "paste" in self.command:
            return Origin.UNKNOWN
        in_file = name in self.config.literals or self.config.is_computed(name)
        return Origin.FILE if in_file else Origin.DEFAULT

    def configured(self, name: str, default: int) -> Configured:
        origin = self.origin(name)
        if origin is Origin.DEFAULT:
            return Configured(default, origin)
        found = {Origin.COMMAND: self.command, Origin.ENVIRONMENT: self.by_environment}.get(
            origin, self.config.literals
        )
        number = _number(found.get(name), math.nan)
        return Configured(int(number) if math.isfinite(number) else None, origin)

    def file_numbers(self) -> Mapping[str, int]:
        literals = self.config.literals
        return {
            name: value for name, value in literals.items() if type(value) is int and self.origin(name) is Origin.FILE
        }


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
