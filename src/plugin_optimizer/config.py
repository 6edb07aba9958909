"""One TOML file, checked. Errors name the key and say what would have been right."""

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from .domain import ConfigError, InvalidValue, Plugin, PluginGroup, Policies, group_target, parse_plugin_id
from .execute.policy_layers import Membership, merge_policies
from .models.calendar import parse_window
from .monitor.reported.limits import MetricsIn, check_limits
from .monitor.reported.settings import PluginMetrics, check_together, parse_metrics
from .monitor.roll_call import roll_call
from .notify.settings import Notify, parse_notify

CONFIG_VARIABLE = "PLUGIN_OPTIMIZER_CONFIG"
Section = TypeVar("Section")


@dataclass(frozen=True, slots=True)
class Server:
    """Where the API listens, and who may use it. Without `login` only loopback is served."""

    host: str = "127.0.0.1"  # address to listen on
    port: int = 5000
    login: bool = True  # false is allowed on loopback only
    session_hours: float = 12.0  # a login ends after that
    host_user_role: str = "operator"  # role of a user of the host application that names none
    threads: int = 64  # each open event stream holds one


@dataclass(frozen=True, slots=True)
class Engine:
    """The loop: how often it turns, and where it keeps what it knows."""

    interval_seconds: float = 5.0  # between two turns of the loop
    window_seconds: float = 600.0  # the recent past that is analysed
    state_dir: str = "~/.local/state/plugin-optimizer/state"  # databases, lock, emergency stop
    state_url: str = ""  # a SQLAlchemy URL; empty = SQLite in state_dir
    home: str = ""  # where probes and engine meet; empty = PLUGIN_OPTIMIZER_HOME or its default
    discover: bool = True  # also watch what is found on this host, beside the plugins named here
    suggestion_hours: float = 24.0  # an open suggestion expires after that
    recording_megabytes: float = 500.0  # requests kept for `plugin-optimizer replay`, 14 days at most; 0 = none
    start: bool = True  # run the analysis when the Blueprint is registered


@dataclass(frozen=True, slots=True)
class Statsd:
    """Where gunicorn's own StatsD stream is received, and the lines of plugins that send some of their own (`metrics.statsd`)."""

    host: str = "127.0.0.1"  # address to listen on
    port: int = 8125  # UDP
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Agent:
    """The process that senses and signals, where it is not the server itself (`plugin-optimizer agent`)."""

    separate: bool = False  # the server signals nobody and asks the agent instead
    socket: str = ""  # where the agent listens, at most 107 bytes; empty = agent/agent.sock in engine.state_dir
    address: str = ""  # HOST:PORT of an agent on another host: there it listens, here it is asked; empty = on this host, by the socket
    key_file: str = ""  # read by both, mode 0600, may name a $VARIABLE; empty = agent.key in engine.state_dir
    certificate: str = ""  # of an agent on another host, PEM: there what it shows, here the only one that is trusted; empty = not encrypted
    certificate_key: str = ""  # its private key, PEM, on the agent's host alone; may name a $VARIABLE
    fences_dir: str = ""  # what was obeyed last, for each plugin; empty = fences in engine.state_dir
    client_user: str = ""  # who may ask, a name or a number; empty = the user the agent runs as
    agent_user: str = ""  # whom the server talks to (and root); empty = the user the server runs as


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration. `plugins` are the ones named in the file; discovery adds to them."""

    server: Server = field(default_factory=Server)
    engine: Engine = field(default_factory=Engine)
    statsd: Statsd = field(default_factory=Statsd)
    agent: Agent = field(default_factory=Agent)
    metrics_in: MetricsIn = field(default_factory=MetricsIn)
    notify: Notify = field(default_factory=Notify)
    policy_overrides: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # '' = all, 'group:NAME'
    groups: tuple[PluginGroup, ...] = ()
    plugins: tuple[Plugin, ...] = ()
    metrics: Mapping[str, PluginMetrics] = field(default_factory=dict)  # by plugin: what others measure of it
    path: str | None = None

    @property
    def state_dir(self) -> Path:
        return Path(self.engine.state_dir).expanduser()

    @property
    def policies(self) -> Policies:
        """Return the policies as the file alone gives them."""
        return merge_policies(self.policy_overrides, members=self.members())

    def members(self, groups: Iterable[PluginGroup] = (), known: Iterable[Plugin] = ()) -> Membership:
        """Return who belongs where: the file's groups and plugins, with those that are stored. The file's win."""
        named = {group.name: group for group in (*groups, *self.groups)}
        return Membership(tuple(named.values()), tuple(roll_call(self.plugins, known, ()).values()))

    @property
    def agent_socket(self) -> Path:
        return Path(self.agent.socket).expanduser() if self.agent.socket else self.state_dir / "agent" / "agent.sock"

    @property
    def agent_key(self) -> Path:
        """Return where the key lies; `$CREDENTIALS_DIRECTORY` and other variables of the environment are filled in."""
        name = os.path.expandvars(self.agent.key_file)
        return Path(name).expanduser() if name else self.state_dir / "agent.key"

    @property
    def agent_certificate(self) -> Path | None:
        """Return where the agent's certificate lies, None where its connection is not encrypted."""
        return Path(self.agent.certificate).expanduser() if self.agent.certificate else None

    @property
    def agent_certificate_key(self) -> Path:
        return Path(os.path.expandvars(self.agent.certificate_key)).expanduser()

    @property
    def fences_dir(self) -> Path:
        return Path(self.agent.fences_dir).expanduser() if self.agent.fences_dir else self.state_dir / "fences"

    @property
    def home(self) -> Path | None:
        return Path(self.engine.home).expanduser() if self.engine.home else None


def load_config(path: str | Path | None = None) -> Config:
    """Read the configuration from `path`, else from the file PLUGIN_OPTIMIZER_CONFIG names, else the defaults.

    Raises ConfigError: file missing, not TOML, unknown key, wrong type, value out of range.
    """
    name = path or os.environ.get(CONFIG_VARIABLE)
    if not name:
        return Config()
    file = Path(name).expanduser()
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"the configuration {file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the configuration {file} is not TOML: {error}") from error
    return replace(parse_config(document), path=str(file))


def parse_config(document: Mapping[str, Any]) -> Config:
    """Build a Config from a parsed TOML document. Raises ConfigError."""
    known = ("server", "engine", "statsd", "agent", "metrics_in", "notify", "policy", "groups", "plugins")
    _only(document, known, "")
    tables, groups = document.get("plugins", {}), document.get("groups", {})
    for name, table in (("plugins", tables), ("groups", groups)):
        _only(table, tuple(table), name)
    config = Config(
        server=_section(Server, document.get("server", {}), "server"),
        engine=_section(Engine, document.get("engine", {}), "engine"),
        statsd=_section(Statsd, document.get("statsd", {}), "statsd"),
        agent=_section(Agent, document.get("agent", {}), "agent"),
        metrics_in=_section(MetricsIn, document.get("metrics_in", {}), "metrics_in"),
        notify=parse_notify(document.get("notify", {}), parse_window),
        groups=tuple(_group(name, table) for name, table in groups.items()),
        policy_overrides=_overrides(document.get("policy", {}), groups=groups, plugins=tables),
        plugins=tuple(_plugin(plugin_id, table) for plugin_id, table in tables.items()),
        metrics={
            plugin_id: parse_metrics(table["metrics"], f"plugins.{plugin_id}.metrics")
            for plugin_id, table in tables.items()
            if "metrics" in table
        },
    )
    _ = config.policies  # what does not fit is told now
    check_limits(config.metrics_in)
    check_together(config.metrics)
    _check_ranges(config)
    return config


def _overrides(default: Mapping[str, object], **tables: Mapping[str, Any]) -> Mapping[str, Mapping[str, object]]:
    """Return what is said by target: of all, of each of the `groups`, of each of the `plugins`."""
    own = {"": default}
    for table, target in (("groups", group_target), ("plugins", str)):
        own |= {target(name): each["policy"] for name, each in tables[table].items() if each.get("policy")}
    return own


def _group(name: str, table: Mapping[str, Any]) -> PluginGroup:
    where = f"groups.{name}"
    _only(table, ("priority", "kinds", "labels", "names", "policy"), where)
    given = {key: value for key, value in table.items() if key != "policy"}
    try:
        return msgspec.convert({"name": name, **given}, PluginGroup)
    except (msgspec.ValidationError, InvalidValue) as error:
        raise ConfigError(f"{where}: {error}") from error


def _check_ranges(config: Config) -> None:
    if not 1 <= config.server.port <= 65_535:
        raise ConfigError(f"server.port is {config.server.port}; expected 1 to 65535")
    if not 0.5 <= config.engine.interval_seconds <= 300:
        raise ConfigError(f"engine.interval_seconds is {config.engine.interval_seconds:g}; expected 0.5 to 300")
    if config.engine.window_seconds < 24 * config.engine.interval_seconds:
        raise ConfigError("engine.window_seconds must cover at least 24 intervals")
    if not 0 <= config.engine.recording_megabytes <= 1_000_000:
        raise ConfigError(
            f"engine.recording_megabytes is {config.engine.recording_megabytes:g}; expected 0 (none) to 1000000"
        )
    if config.agent.address and not config.agent.separate:
        raise ConfigError("agent.address names an agent that is not asked; expected agent.separate = true beside it")
    if config.agent.certificate and not config.agent.address:
        raise ConfigError("agent.certificate encrypts what goes to another host; expected agent.address beside it")
    if config.server.host_user_role not in {"viewer", "operator", "admin"}:
        raise ConfigError("server.host_user_role: expected viewer, operator or admin")


def _section(kind: type[Section], table: Mapping[str, object], where: str) -> Section:
    _only(table, tuple(f.name for f in fields(kind)), where)  # type: ignore[arg-type]
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}") from error


def _plugin(plugin_id: str, table: Mapping[str, Any]) -> Plugin:
    where = f"plugins.{plugin_id}"
    labels = table.get("labels", {})
    own = {"touchpoint", "labels", "policy", "metrics"}
    address = {key: _text(value) for key, value in table.items() if key not in own}
    for key, text in address.items():
        _check_no_secret(f"{where}.{key}", text)
    if not isinstance(labels, Mapping):
        raise ConfigError(f"{where}.labels: expected a table of names and texts")
    return Plugin(
        parse_plugin_id(plugin_id),
        str(table.get("touchpoint", "gunicorn")),
        address,
        {k: str(v) for k, v in labels.items()},
    )


def _text(value: object) -> str:
    """Return a value of an address as the text that is kept of it: a list as JSON, the rest as it reads."""
    return msgspec.json.encode(value).decode() if isinstance(value, list) else str(value)


def _check_no_secret(where: str, text: str) -> None:
    """Refuse a password in an address: that is kept in the state and shown to people."""
    key, secret = where.rpartition(".")[2], text if where.endswith((".password", ".secret")) else ""
    if "://" in text:
        secret = unquote(urlsplit(text).password or "")
    if secret and not secret.startswith("$"):
        what = "secret" if key == "secret" else "password"
        raise ConfigError(
            f"{where}: {key} holds a {what}; name one instead: $VARIABLE of the environment, or {what}_file"
        )


def _only(table: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where or 'the file'}: expected a table")
    for key in table:
        if key not in known:
            prefix = f"{where}." if where else ""
            raise ConfigError(f"{prefix}{key} is not a setting; known are {', '.join(known)}")
