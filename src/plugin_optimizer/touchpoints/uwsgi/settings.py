"""The settings a uWSGI was started with, from its command line and its ini file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..gunicorn.process import Master
from .ini import COMPUTED, IniSettings, read_ini
from .options import GATEWAYS, LISTENS, OTHER_PROCESSES, CommandLine, Told, command_line

DEFAULTS: Mapping[str, int] = {
    "processes": 1,
    "threads": 1,
    "harakiri": 0,
    "max-requests": 0,
    "cheaper": 0,
    "cheaper-initial": 0,
    "reload-mercy": 60,
}
MANUAL, DEFAULT_ALGORITHM = "manual", "spare"
LOOPS = ("gevent", "asyncio", "async", "tornado", "uvloop", "greenlet")
OFF = frozenset({"false", "0", "no", "off"})


@dataclass(frozen=True, slots=True)
class UwsgiSettings:
    """What was told. `hidden`: a process title hides the command line. `config_path` is None without one readable ini file;
    `content` is what stood there.
    """

    command: CommandLine
    ini: IniSettings
    config_path: Path | None = None
    section: str = "uwsgi"
    content: bytes = b""
    hidden: bool = False
    told: Told = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return the value of an option, '' where it is not told or computed."""
        values = self.told.get(name, ())
        return "" if not values or COMPUTED.search(values[-1]) else values[-1]

    def number(self, name: str) -> int | None:
        """Return a whole number; None where it cannot be told: set twice, by both, computed, or decided elsewhere."""
        values = self.told.get(name, ())
        if len(values) > 1 or self.ini.dynamic or self.command.unclear or self.hidden:
            return None
        if not values:
            return DEFAULTS.get(name)
        return int(values[0]) if values[0].isdigit() else None

    def has(self, name: str) -> bool:
        values = self.told.get(name, ())
        return bool(values) and values[-1].lower() not in OFF

    @property
    def bind(self) -> str:
        """Return where it listens first, '' where that cannot be told."""
        return next((text for name in LISTENS if (text := self.text(name))), "")

    @property
    def app(self) -> str:
        """Return the module with its callable, or the file, as it was told."""
        name, callable_name = self.text("module"), self.text("callable")
        if name and callable_name and ":" not in name:
            return f"{name}:{callable_name}"
        return name or self.text("wsgi-file") or self.text("mount").rpartition("=")[2]

    @property
    def algorithm(self) -> str:
        return self.text("cheaper-algo") or DEFAULT_ALGORITHM

    @property
    def lazy_apps(self) -> bool:
        return self.has("lazy-apps") or self.has("lazy")

    @property
    def preload(self) -> bool:
        """Return whether a new worker is a copy of a master that has loaded the application: it brings no newer code."""
        return not self.lazy_apps

    @property
    def slots_per_worker(self) -> int:
        return max(1, self.number("threads") or 1)

    @property
    def event_loop(self) -> bool:
        return any(self.has(name) for name in LOOPS)

    @property
    def other_processes(self) -> tuple[str, ...]:
        """Return the options that start processes which are no workers."""
        return tuple(sorted(name for name in OTHER_PROCESSES if self.has(name)))

    @property
    def gateways(self) -> tuple[str, ...]:
        return tuple(sorted(name for name in GATEWAYS if self.has(name)))

    def keeper_of(self, name: str) -> str:
        """Return why an ini file would not keep this option, '' where it would."""
        if self.hidden:
            return "its process title (auto-procname) hides how it was started"
        if self.command.unclear:
            return "more than one configuration may decide"
        if name in self.command.told:
            return f"its command line sets {name}, which an ini file cannot change"
        if self.config_path is None:
            return "it was started without an ini file (--ini FILE)"
        return ""


def settings_of(master: Master) -> UwsgiSettings:
    """Read the settings as they stand now; nothing where the command line is hidden."""
    arguments = master.invocation.arguments
    if arguments is None:
        return UwsgiSettings(CommandLine({}, "", unclear=False), IniSettings({}), hidden=True)
    command = command_line(arguments)
    path, section = _place(command, master)
    content = _content(path)
    if path is None or content is None:
        return UwsgiSettings(command, IniSettings({}, dynamic=command.config), told=command.told)
    ini = read_ini(content, section)
    told = dict(command.told)
    for name, values in ini.told.items():
        told[name] = (*told.get(name, ()), *values)
    return UwsgiSettings(command, ini, path, section, content, told=told)


def _place(command: CommandLine, master: Master) -> tuple[Path | None, str]:
    """Return the ini file and its section. A relative name counts from where it was started, which `chdir` leaves."""
    name, _, section = command.config.partition(":")
    if not name:
        return None, "uwsgi"
    started = master.environment.get("PWD", "")
    directories = [] if master.directory is None or "chdir" in command.told else [master.directory]
    directories += [Path(started)] if started.startswith("/") else []
    found = next((place / name for place in directories if (place / name).is_file()), None)
    return Path(name) if name.startswith("/") else found, section or "uwsgi"


def _content(path: Path | None) -> bytes | None:
    try:
        return path.read_bytes() if path is not None else None
    except OSError:
        return None
